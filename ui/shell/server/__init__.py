"""The assistant that joins an office server, creates an office on one, or moves the office there."""
