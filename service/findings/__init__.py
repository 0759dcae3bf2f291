"""A problem on the ground: filed, confirmed, cured, verified."""
