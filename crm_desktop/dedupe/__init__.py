"""Duplicates: finding records that are the same in reality, and remembering which are not."""
