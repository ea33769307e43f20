"""Imports of companies that name the companies above them."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.importing.result import ImportResult

Import = Callable[..., ImportResult]


def parents(database: Database) -> dict[str, str | None]:
    company = Base.metadata.tables["company"]
    above = company.alias()
    names = sa.select(company.c.name, above.c.name).join(above, above.c.id == company.c.parent_id, isouter=True)
    with database.read() as connection:
        return {name: up for name, up in connection.execute(names)}


def test_rows_that_stand_above_each_other_are_refused(database: Database, import_table: Import) -> None:
    import_table([["Company name", "City"], ["Ipê", "Curitiba"], ["Lume", "Curitiba"], ["Sol", "Lapa"]], "company")
    circle = [["Company name", "Parent company"], ["Ipê", "Lume"], ["Lume", "Sol"], ["Sol", "Ipê"]]
    result = import_table(circle, "company", keys=("name",))
    assert parents(database) == {"Ipê": "Lume", "Lume": "Sol", "Sol": None}
    assert [one.row for one in result.rejected] == [4]


def test_new_rows_that_stand_above_each_other_are_refused(database: Database, import_table: Import) -> None:
    rows = [["Company name", "Parent company"], ["Ipê", "Lume"], ["Lume", "Ipê"], ["Sol", "Sol"]]
    result = import_table(rows, "company", keys=("name",))
    found = parents(database)
    assert not (found["Ipê"] == "Lume" and found["Lume"] == "Ipê")
    assert found.get("Sol") is None
    assert result.rejected_count == 2
