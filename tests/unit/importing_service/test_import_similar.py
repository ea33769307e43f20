"""Rows that are surely a record although no key says so: by the strict rule for duplicates, where the plan asks for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crm_desktop.db.database import Database
from crm_desktop.importing.result import ImportResult
from crm_desktop.records import queries

Import = Callable[..., ImportResult]
HERE = [
    ["Nome", "E-mail", "Celular", "Nascimento"],
    ["Ana Zulmira Souza", "ana@sol.example", "41 99111-2222", "03/02/1980"],
    ["Otávio Quaresma", "otavio@lume.example", "41 99111-3333", ""],
]
LATER = [
    ["Nome", "Celular", "Nascimento", "Cidade"],
    ["Ana Zulmira Sousa", "(41) 99111-2222", "03/02/1980", "Lapa"],
    ["Brígida Quaresma", "41 99111-3333", "", "Lapa"],
    ["Otávio Quaresma", "", "", "Recife"],
]


@pytest.mark.parametrize("similar", [False, True])
def test_a_slip_in_the_name_is_no_new_person(database: Database, import_table: Import, similar: bool) -> None:
    import_table(HERE)
    result = import_table(LATER, "contact", keys=("number",), similar=similar)
    assert (result.created, result.updated) == ((2, 1) if similar else (3, 0))
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        rows = queries.fetch_rows(database, connection, "contact", list(ids), ["name", "city", "email"])
    cities = {row.values["email"]: row.values["city"] for row in rows if row.values["email"]}
    assert cities["ana@sol.example"] == ("Lapa" if similar else None)
    assert cities["otavio@lume.example"] is None  # a relative, and a name alone, are not the same person
