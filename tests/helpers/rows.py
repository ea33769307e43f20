"""Everything a table holds, for tests that look at what is really stored."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database


def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    """All rows of a table in the order of their ids."""
    source = Base.metadata.tables[table]
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(source).order_by(source.c.id)).mappings()]
