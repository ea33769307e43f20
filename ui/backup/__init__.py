"""Backups: made, proven, browsed, restored."""
