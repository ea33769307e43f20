"""Backups that are proven by a trial restore."""
