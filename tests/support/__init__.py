"""What the tests stand on: strictness, databases, a browser. No domain; that is in conftest.py."""
