"""Today: what waits for me, in one look."""
