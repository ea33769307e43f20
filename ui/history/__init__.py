"""What was changed, by whom and when; undo of any of it; what was deleted lately."""
