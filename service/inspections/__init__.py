"""Scores given on visits to plots."""
