"""The whole business in one zip that opens without this program, and comes back from it to the last byte."""
