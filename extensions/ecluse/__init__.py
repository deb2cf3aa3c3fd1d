"""Écluse: a secure analysis workspace for health data."""

__version__ = "0.1.0"
