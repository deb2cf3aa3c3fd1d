"""The gate: the one process that holds the engine's socket, and lets through what the policies plan."""
