"""The window's part of what looks across all features: the quality of the data, and privacy."""
