"""The rehearsal: what people are told is what is written, and nothing else; every row is named with its rule and record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_desktop.app import open_office
from crm_desktop.core import paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import outcomes
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.outcomes import Ask, Journal
from crm_desktop.importing.outcomes_select import select
from crm_desktop.importing.outcomes_shown import RowTeller, ShownRow
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.rehearsal_report import write_rehearsal
from crm_desktop.importing.rehearsed import RehearsalDiffers
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.importing.run import run_imports
from crm_desktop.records import service
from tests.helpers.rows import rows_of

ACTOR = Actor(None, "Test")
TableFile = Callable[..., Path]
OLD = [["Nome", "E-mail", "Celular", "Cidade"], ["Ana Souza", "ana@sol.example", "41 99111-2222", "Curitiba"],
       ["Rui Lima", "rui@lima.example", "41 99111-3333", "Recife"], ["Bia Reis", "bia@reis.example", "", "Natal"]]  # fmt: skip
NEW = [["Nome", "E-mail", "Celular", "Cidade"], ["Ana Souza", "ana@sol.example", "41 99111-9999", "Londrina"],
       ["Rui Lima", "rui@lima.example", "41 99111-3333", "Recife"], ["Caio Dias", "caio@dias.example", "", "Natal"],
       ["Caio Dias", "caio@dias.example", "", "Natal"], ["Bia Reis", "bia@reis.example", "", "Olinda"],
       ["Davi Luz", "davi(at)luz", "", "Belém"]]  # fmt: skip


def everything(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema, history=True)


@pytest.fixture
def parts(database: Database, table_file: TableFile) -> list[ImportPart]:
    """People who are here, and a file that changes two, adds one and repeats one."""
    path = table_file(OLD, "old.csv")
    run_imports(database, [ImportPart(path, guess_plan(database, path, "contact", country="BR").plan)], ACTOR)
    path = table_file(NEW, "new.csv")
    return [ImportPart(path, guess_plan(database, path, "contact", country="BR").plan.with_(keys=("email",)))]


def told(database: Database, result: ImportResult, *names: str, **asked: Any) -> list[ShownRow]:
    assert result.journal is not None
    lines = result.journal.lines(select(result.journal, Ask(0, names, **asked)))
    with database.read() as connection:
        return RowTeller(database, connection, result.plan).tell(connection, result.journal, lines)


def test_every_row_is_told_with_its_rule_and_record(database: Database, parts: list[ImportPart]) -> None:
    before = everything(database)
    done = run_imports(database, parts, ACTOR, dry_run=True)
    assert everything(database) == before, "a rehearsal keeps nothing"
    result = done.parts[0]
    assert (result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count) == (
        1,
        2,
        1,
        1,
        1,
    )
    ana, bia = told(database, result, outcomes.UPDATED)
    assert (ana.row, ana.title, ana.rule) == (2, "Ana Souza", "E-mail")
    changed = {one.field: (one.old, one.new) for one in ana.diffs.values() if one.changed}
    assert changed == {"mobile": ("+55 41 99111-2222", "+55 41 99111-9999"), "city": ("Curitiba", "Londrina")}
    assert ana.diffs["email"].changed is False and ana.diffs["email"].given == "ana@sol.example"
    assert (bia.row, bia.changes) == (6, 1)
    (rui,) = told(database, result, outcomes.UNCHANGED)
    assert (rui.column, rui.value, rui.reason) == ("E-mail", "rui@lima.example", "In the database as Rui Lima")
    (twice,) = told(database, result, outcomes.DUPLICATE)
    assert (twice.row, twice.column, twice.reason) == (5, "E-mail", "The same as row 4 of the file")
    (bad,) = told(database, result, outcomes.REJECTED)
    assert (bad.row, bad.column, bad.value) == (7, "E-mail", "davi(at)luz") and bad.reason
    (new,) = told(database, result, outcomes.CREATED)
    assert new.title == "Caio Dias" and new.diffs["city"].new == "Natal"


def test_rows_are_found_by_text_and_field(database: Database, parts: list[ImportPart]) -> None:
    result = run_imports(database, parts, ACTOR, dry_run=True).parts[0]
    assert [one.title for one in told(database, result, text="londrina")] == ["Ana Souza"]
    assert [one.row for one in told(database, result, text="belem")] == [7], "accents do not count"
    assert [one.row for one in told(database, result, outcomes.CREATED, text="NATAL")] == [4]
    assert [one.row for one in told(database, result, outcomes.UPDATED, field="mobile")] == [2]
    assert [one.row for one in told(database, result, sort="title", descending=True)][:1] == [3]
    journal = result.journal
    assert journal is not None
    assert journal.fields(0) == [("city", 2), ("mobile", 1)] and journal.sums(0) == (3, 0)


def test_what_was_rehearsed_is_written(database: Database, parts: list[ImportPart]) -> None:
    rehearsed = run_imports(database, parts, ACTOR, dry_run=True)
    done = run_imports(database, parts, ACTOR, rehearsed=rehearsed)
    assert done.journal is not None and rehearsed.journal is not None
    assert done.journal.digest == rehearsed.journal.digest
    assert {row["name"] for row in rows_of(database, "contact")} == {"Ana Souza", "Rui Lima", "Bia Reis", "Caio Dias"}


def test_an_edit_in_between_is_told_before_anything_is_written(database: Database, parts: list[ImportPart]) -> None:
    rehearsed = run_imports(database, parts, ACTOR, dry_run=True)
    ana = next(row["id"] for row in rows_of(database, "contact") if row["name"] == "Ana Souza")
    with write(database, "Edit", actor=Actor(None, "Rui")) as uow:
        service.update_record(uow, "contact", ana, {"city": "Maringá"})
    before = everything(database)
    with pytest.raises(RehearsalDiffers) as caught:
        run_imports(database, parts, ACTOR, rehearsed=rehearsed)
    assert everything(database) == before, "nothing was written"
    assert caught.value.count == 1
    (one,) = caught.value.differences
    assert (one.line.row, one.who, one.gone) == (2, "Rui", False)
    assert "row 2: Ana Souza was changed by Rui at" in str(caught.value)
    run_imports(database, parts, ACTOR)  # anyway
    assert any(row["city"] == "Londrina" for row in rows_of(database, "address"))


def test_a_record_that_came_or_went_in_between_is_told(database: Database, parts: list[ImportPart]) -> None:
    rehearsed = run_imports(database, parts, ACTOR, dry_run=True)
    bia = next(row["id"] for row in rows_of(database, "contact") if row["name"] == "Bia Reis")
    with write(database, "Work", actor=Actor(None, "Rui")) as uow:
        service.delete_records(uow, "contact", [bia])
        service.create_record(
            uow,
            "contact",
            {"name": "Caio Dias"},
            children={"points": [{"kind": "email", "value": "caio@dias.example"}]},
        )
    with pytest.raises(RehearsalDiffers) as caught:
        run_imports(database, parts, ACTOR, rehearsed=rehearsed)
    rows = {one.line.row: one for one in caught.value.differences}
    assert rows[6].gone and rows[6].who == "Rui"
    assert rows[4].before is not None and rows[4].before.outcome == outcomes.CREATED
    assert rows[4].after is not None and rows[4].after.outcome != outcomes.CREATED


def test_an_edit_elsewhere_does_not_matter(database: Database, parts: list[ImportPart]) -> None:
    rehearsed = run_imports(database, parts, ACTOR, dry_run=True)
    with write(database, "Add") as uow:
        service.create_record(uow, "contact", {"name": "Somebody Else"})
    assert run_imports(database, parts, ACTOR, rehearsed=rehearsed).parts[0].created == 1


def test_another_file_is_not_what_was_rehearsed(database: Database, parts: list[ImportPart]) -> None:
    rehearsed = run_imports(database, parts, ACTOR, dry_run=True)
    text = parts[0].path.read_text(encoding="utf-8")
    parts[0].path.write_text(text.replace("Olinda", "Recife"), encoding="utf-8")
    with pytest.raises(RehearsalDiffers, match=r"new\.csv was changed since the rehearsal") as caught:
        run_imports(database, parts, ACTOR, rehearsed=rehearsed)
    assert caught.value.file == "new.csv"


def test_numbers_that_the_history_does_not_have_are_taken_back(
    database: Database, parts: list[ImportPart], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program itself errs: it tells of an update that it did not make."""
    before = everything(database)
    monkeypatch.setattr("crm_desktop.db.unit_of_work.UnitOfWork.update_many", lambda *_args, **_more: 0)
    with pytest.raises(RuntimeError, match="does not add up"):
        run_imports(database, parts, ACTOR)
    assert everything(database) == before


def test_the_journal_goes_when_nobody_holds_it(sqlite_database: Database, tmp_path: Path) -> None:
    left = tmp_path / "journals" / "import-1-1.journal"
    left.parent.mkdir()
    left.write_bytes(b"left by a crash")
    first = Journal(folder=left.parent)
    assert not left.exists() and first.path.exists()
    second = Journal(folder=left.parent)
    assert first.path.exists(), "one that is in use stays"
    path = first.path
    del first
    assert not path.exists()
    second.close()
    assert not second.path.exists() and second.counts() == dict.fromkeys(outcomes.OUTCOMES, 0)


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_a_rehearsal_is_printed_and_saved(
    sqlite_database: Database, table_file: TableFile, tmp_path: Path, kind: str
) -> None:
    database = sqlite_database
    rows = [["Nome", "E-mail"], *([f"Pessoa {n}", f"p{n}@x.example"] for n in range(700))]
    path = table_file(rows)
    part = ImportPart(path, guess_plan(database, path, "contact").plan)
    results = run_imports(database, [part], ACTOR, dry_run=True)
    target = tmp_path / f"rehearsal.{kind}"
    write_rehearsal(database, results, target, kind)
    if kind == "xlsx":
        book = openpyxl.load_workbook(target, read_only=True)
        assert book.sheetnames == ["Rehearsal", "New"]
        lines = list(book["New"].iter_rows(values_only=True))
        assert {line[1] for line in lines[1:]} == {f"Pessoa {n}" for n in range(700)}, "all rows, not those shown"
    else:
        assert target.read_bytes().startswith(b"%PDF")
    target.unlink()
    progress = Progress(lambda state: progress.cancel() if state.done else None, interval=0)
    with pytest.raises(Cancelled):
        write_rehearsal(database, results, target, kind, progress=progress)
    assert not target.exists() and isinstance(progress.state, ProgressState)


def test_too_much_for_paper_is_for_a_workbook(
    sqlite_database: Database, table_file: TableFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_desktop.importing.rehearsal_report.PRINTED", 5)
    path = table_file([["Nome", "E-mail"], *([f"Pessoa {n}", f"p{n}@x.example"] for n in range(9))])
    part = ImportPart(path, guess_plan(sqlite_database, path, "contact").plan)
    results = run_imports(sqlite_database, [part], ACTOR, dry_run=True)
    with pytest.raises(UserError, match="workbook"):
        write_rehearsal(sqlite_database, results, tmp_path / "much.pdf", "pdf")
    assert isinstance(results, ImportResults)


def test_what_a_crash_left_goes_at_the_next_start(sqlite_url: str) -> None:
    left = paths.journals_folder() / "import-1-1.journal"
    left.write_bytes(b"left by a crash")
    open_office(sqlite_url).database.close()
    assert not left.exists()
