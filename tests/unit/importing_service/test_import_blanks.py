"""Empty cells clear nothing unless asked, for the import or for a column; a lifecycle never goes back, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.db.database import Database
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.result import ImportResult
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
HEADER = ["Name", "Email", "Mobile", "Job title", "Department", "City", "Lifecycle"]
FULL = [HEADER, ["Ana Souza", "ana@sol.test", "41 99111-2222", "Chief", "Sales", "Recife", "customer"]]
BLANK = [HEADER, ["Ana Souza", "ana@sol.test", "", "", "", "", ""]]


def ana(database: Database) -> tuple[Any, ...]:
    (row,) = rows_of(database, "contact")
    points = [one["value"] for one in rows_of(database, "contact_point") if one["kind"] == "phone"]
    cities = [one["city"] for one in rows_of(database, "address")]
    return row["job_title"], row["department"], points, cities, row["lifecycle"]


def blanks(**said: bool) -> Callable[[ImportPlan], ImportPlan]:
    def change(plan: ImportPlan) -> ImportPlan:
        for one in plan.columns:
            if one.target in said:
                plan = plan.with_column(one.column, blanks=said[one.target])
        return ImportPlan.from_dict(plan.as_dict())

    return change


def test_blanks_clear_nothing(database: Database, import_table: Import) -> None:
    import_table(FULL, "contact", keys=("email",))
    before = ana(database)
    result = import_table(BLANK, "contact", keys=("email",))
    assert (result.unchanged, ana(database)) == (1, before)


def test_one_column_clears_and_the_others_do_not(database: Database, import_table: Import) -> None:
    import_table(FULL, "contact", keys=("email",))
    import_table(BLANK, "contact", keys=("email",), change=blanks(job_title=True, mobile=True))
    assert ana(database) == (None, "Sales", [], ["Recife"], "customer")


def test_all_columns_clear_but_one(database: Database, import_table: Import) -> None:
    import_table(FULL, "contact", keys=("email",))
    import_table(BLANK, "contact", keys=("email",), overwrite_blanks=True, change=blanks(department=False, city=False))
    assert ana(database) == (None, "Sales", [], ["Recife"], "customer")


def test_a_lifecycle_never_goes_back_and_the_row_says_so(database: Database, import_table: Import) -> None:
    import_table(FULL, "contact", keys=("email",))
    result = import_table([HEADER, [*FULL[1][:-1], "lead"]], "contact", keys=("email",))
    assert (result.unchanged, ana(database)[-1]) == (1, "customer")
    assert [(p.row, p.column) for p in result.cell_problems] == [(2, "Lifecycle")]
    assert str(result.cell_problems[0].reason) == "It stays “Customer”: an import never takes it back to “Lead”."
