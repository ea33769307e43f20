"""Who works here: users and teams."""
