"""Dated catalogues: finding types, operations, grades, working days."""
