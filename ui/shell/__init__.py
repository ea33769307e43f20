"""What the window is put together from: palette, undo, status, first page, settings."""
