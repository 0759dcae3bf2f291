"""The authority, organisations, people, and how they sign in."""
