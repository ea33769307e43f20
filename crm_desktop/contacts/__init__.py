"""People and companies, with their contact points and addresses."""
