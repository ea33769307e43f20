"""What every page stands on: tasks, commands, dialogs, settings, navigation."""
