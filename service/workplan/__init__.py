"""Field work: what is due on a plot, what was reported and what was signed."""
