"""The page where the office makes its own fields and arranges its forms."""
