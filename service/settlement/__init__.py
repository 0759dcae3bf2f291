"""Statements: prepared by one person, decided by another, then frozen."""
