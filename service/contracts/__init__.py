"""Contracts and their dated lines: who covers which plot when, at what price."""
