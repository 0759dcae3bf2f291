"""Tests mirror the tree; support/ holds what they stand on."""
