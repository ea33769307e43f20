"""The database: engines, columns, units of work, history, search, copies and migrations, on SQLite and PostgreSQL."""
