"""Reads across all features: the day page, key figures, reports that join everything."""
