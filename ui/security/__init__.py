"""Who works here and signs in, and who may do what."""
