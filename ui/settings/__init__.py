"""Settings of this person and of the office."""
