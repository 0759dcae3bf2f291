"""Photos and files: stored by their hash, the original restricted, a cleaned rendition for everybody else."""
