"""Activities: tasks, calls, meetings, visits, e-mails; recurrence."""
