"""Setting up, checking and packing the program."""
