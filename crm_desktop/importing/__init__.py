"""Import: reading any file as rows, guessing what its columns are, planning and running the import."""
