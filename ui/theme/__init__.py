"""Tokens, palette, style and icons: how everything looks."""
