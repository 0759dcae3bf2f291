"""Files in, dry run first, and what was set aside of them."""
