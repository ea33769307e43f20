"""The lock of a PostgreSQL database: each person a login of the server, and rights as policies of the server."""
