"""The whole business, readable as prose."""
