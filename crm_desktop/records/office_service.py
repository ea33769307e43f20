"""Settings of the whole office: its name and address, currency, country, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork

NAME, ADDRESS, CURRENCY, COUNTRY = "name", "address", "currency", "country"


def read_settings(connection: sa.Connection) -> dict[str, Any]:
    """Every setting of the office by key."""
    table = Base.metadata.tables["office_setting"]
    return {key: value for key, value in connection.execute(sa.select(table.c.key, table.c.value))}


def save_settings(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep settings; None removes one. What is the same already is left alone."""
    table = Base.metadata.tables["office_setting"]
    known = {row.key: row for row in uow.connection.execute(sa.select(table.c.id, table.c.key, table.c.value))}
    for key, value in values.items():
        row = known.get(key)
        if row is None:
            if value is not None:
                uow.insert("office_setting", {"key": key, "value": value})
        elif value is None:
            uow.delete("office_setting", [row.id])
        elif row.value != value:
            uow.update("office_setting", row.id, {"value": value})
