"""The blind corpus: leaks and safe results, written from the rules of disclosure control before the checks were read.

A case is a request: its files, what was released before, and whether it must be caught. Seeded: the same bytes each time.
"""
