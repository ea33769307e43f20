"""Lists, cards and forms of records of any type, made from their fields."""
