"""Activities, appointments and tasks in time."""
