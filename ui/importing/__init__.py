"""The import assistant: from a file to records, rehearsed before anything is written."""
