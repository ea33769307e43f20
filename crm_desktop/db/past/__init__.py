"""The office as it was: an engine whose connections read every table as of a moment (docs/decisions/0011)."""
