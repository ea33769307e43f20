"""Any table over any office: every row is accounted for once, and journal, numbers and database say the same."""

from __future__ import annotations

import csv
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import outcomes
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import MODES, ImportPart
from crm_desktop.importing.run import run_imports
from crm_desktop.records import service
from tests.helpers.thorough import times

ACTOR = Actor(None, "Test")
NAMES = st.sampled_from(["Ana Souza", "ANA SOUZA", "Rui Lima", "Bia", "", "  ", "Caio Dias"])
EMAILS = st.sampled_from(["ana@sol.example", "Ana@Sol.example", "rui@lima.example", "x(at)y", "", "caio@dias.example"])
PHONES = st.sampled_from(["41 99111-2222", "(41) 3222-1000", "no", "", "0"])
CITIES = st.sampled_from(["Natal", "Recife", "", "São Paulo"])
DAYS = st.sampled_from(["03/02/1980", "31/31/1980", "", "?"])
ROWS = st.lists(st.tuples(NAMES, EMAILS, PHONES, CITIES, DAYS, CITIES), min_size=1, max_size=14)
HEADER = ("Nome", "E-mail", "Celular", "Cidade", "Nascimento", "Empresa")


@settings(max_examples=times(6, 20), deadline=None, suppress_health_check=list(HealthCheck))
@given(here=ROWS, rows=ROWS, mode=st.sampled_from(MODES), deleted=st.integers(0, 3))
def test_every_row_is_accounted_for(
    database: Database,
    tmp_path: Path,
    here: list[tuple[str, ...]],
    rows: list[tuple[str, ...]],
    mode: str,
    deleted: int,
) -> None:
    start = _write(database, tmp_path / "here.csv", here, "both")
    assert start.balanced
    table = Base.metadata.tables["contact"]
    with database.read() as connection:
        ids = connection.execute(sa.select(table.c.id).order_by(table.c.id).limit(deleted)).scalars().all()
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", list(ids))
    with database.read() as connection:
        before = logical_dump(connection, database.schema, history=True)
        count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
    part = _part(database, tmp_path / "rows.csv", rows, mode)
    rehearsed = run_imports(database, [part], ACTOR, dry_run=True)
    with database.read() as connection:
        assert logical_dump(connection, database.schema, history=True) == before
    done = run_imports(database, [part], ACTOR, rehearsed=rehearsed)
    assert done.journal is not None and rehearsed.journal is not None
    assert done.journal.digest == rehearsed.journal.digest
    result, told = done.parts[0], done.journal.counts(0)
    assert sum(told.values()) == result.rows_read == len(done.journal.lines(range(1, len(rows) + 2)))
    assert result.balanced and result.created == told[outcomes.CREATED]
    assert result.updated == told[outcomes.UPDATED] + told[outcomes.RESTORED]
    with database.read() as connection:
        after = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
    assert after - count == result.created + result.restored


def _part(database: Database, path: Path, rows: list[tuple[str, ...]], mode: str) -> ImportPart:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    plan = guess_plan(database, path, "contact", country="BR").plan
    targets = ("name", "email", "mobile", "city", "birthday", "company_id")
    for column, target in enumerate(targets[: len(plan.columns)]):
        plan = plan.with_column(column, target=target, transform="")
    return ImportPart(path, plan.with_(mode=mode, keys=("email", "name")))


def _write(database: Database, path: Path, rows: list[tuple[str, ...]], mode: str):  # type: ignore[no-untyped-def]
    return run_imports(database, [_part(database, path, rows, mode)], ACTOR)
