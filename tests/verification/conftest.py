"""Verification: what tests fake is held against the real thing. Loopback sockets are allowed here."""
