"""Backup and restore: a folder with the database, the files by their hash, and a manifest that names every one."""
