"""Packages without the internet: a door that answers pip from a cache, and a fetcher that fills it. Two services."""
