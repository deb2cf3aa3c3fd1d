"""The pane of a sealed session: what the proxy leads to. Pixels come out through it, keys and pointer go in."""
