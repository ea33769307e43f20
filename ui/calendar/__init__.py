"""The calendar: week, day, month and list, with the tasks beside them."""
