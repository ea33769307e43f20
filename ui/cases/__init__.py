"""Cases: the queue, the conversation, and everything that is done to a case."""
