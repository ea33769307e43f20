"""The columns step: where a file comes from, what comes near, and a check over every row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.ui.importing.conftest import Desk
from ui.importing.columns_table import ERRORS, FIELD, WHY


def table(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Write a table as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def shown(desk: Desk, header: str, part: int) -> str:
    """What the table of columns says about a column."""
    step = desk.page.current
    model = step.model  # type: ignore[attr-defined]
    for row in range(model.rowCount()):
        if model.index(row, 0).data() == header:
            return str(model.index(row, part).data())
    raise AssertionError(f"no column {header}")


def test_an_export_of_another_program_is_named(desk: Desk, tmp_path: Path) -> None:
    headers = [
        "Record ID",
        "First Name",
        "Last Name",
        "Email",
        "Contact owner",
        "Lifecycle Stage",
        "Associated Company",
        "City/State",
    ]
    people = [
        [f"{n}", "Ana", f"Souza {n}", f"a{n}@sol.example", "Helena", "Customer", "Sol Ltda", "Curitiba/PR"]
        for n in range(5)
    ]
    desk.open(table(tmp_path / "export.csv", [headers, *people]))
    desk.go_to("types")
    assert "HubSpot" in desk.page.current.text.text()  # type: ignore[attr-defined]
    desk.go_to("columns")
    assert shown(desk, "Record ID", FIELD).endswith("Id in another program")
    assert "split" not in shown(desk, "City/State", WHY)
    assert "taken apart" in shown(desk, "City/State", WHY).lower()


def test_what_comes_near_is_asked_and_not_filled(desk: Desk, tmp_path: Path) -> None:
    rows = [[f"{4000 + 7 * n}", f"Pessoa {n} Souza", f"p{n}@sol.example"] for n in range(12)]
    desk.open(table(tmp_path / "people.csv", [["USER_ID", "Nome", "E-mail"], *rows]))
    desk.go_to("columns")
    assert shown(desk, "USER_ID", FIELD) == "Choose a field…"
    assert shown(desk, "USER_ID", WHY) == "Did you mean “Id in another program”?"


def test_the_check_counts_over_every_row(desk: Desk, tmp_path: Path) -> None:
    rows = [[f"Pessoa {n} Souza", f"41 9{90000000 + n}"] for n in range(5200)]
    rows[5100][1] = "nada"
    rows[5150][1] = "41 99111-2222 Rosa"
    desk.open(table(tmp_path / "many.csv", [["Nome", "Celular"], *rows]))
    desk.go_to("columns")
    step = desk.page.current
    desk.qtbot.waitUntil(lambda: "1 of 5,200" in shown(desk, "Celular", ERRORS), timeout=20_000)
    draft = step.draft
    assert draft is not None
    check = draft.checks[1]
    assert (check.filled, check.bad, check.adjusted, check.whole) == (5200, 1, 1, True)
    assert [cell.row for cell in check.bad_cells] == [5102]
