"""Alembic is run by ``crm_desktop.db.migrate``; this file is here because Alembic asks for one."""
