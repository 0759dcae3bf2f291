"""One file for each check; each has a CHECK. A new file is found by itself."""
