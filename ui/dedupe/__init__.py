"""Likely duplicates: the worklist, the search in the background, the rules."""
