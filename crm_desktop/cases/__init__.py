"""Cases: every occurrence under a protocol number, with its conversation and deadlines."""
