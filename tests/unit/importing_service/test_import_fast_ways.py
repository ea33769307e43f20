"""The fast ways of an import do exactly what the plain ones do, keep nothing when cancelled, and leave nothing half done."""

from __future__ import annotations

import csv
import gc
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_desktop import doctor
from crm_desktop.core import clock, ids
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.db import dump, search, unit_of_work
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.search_bulk import vector_of
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing import run as run_module
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.known_values import KnownValues
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from tests.helpers.thorough import times

ACTOR = Actor(None, "Test")
HEADER = ("Nome", "Cargo", "E-mail", "Celular", "Cidade", "UF", "Empresa", "Aniversário", "Observações")
_FIRST = ("Ana", "João", "MARIA", "José Carlos", "Zoë", "Łukasz", "Søren", "Ивана", "Dr. Raúl", "d'Ávila")
_LAST = ("da Silva", "Souza Filho", "Ørsted", "O'Brien", "Straße", "Núñez", "Lima\\Costa", "Иванов")


def _syllables(number: int) -> str:
    """A surname of its own for each number."""
    return "".join("BaCeDiFoGuLáMêNíPóRu"[2 * int(digit) :][:2] for digit in str(number)).title()


def _people(count: int, seed: int = 1) -> list[tuple[Any, ...]]:
    """Rows as offices have them: names twice, e-mails with capitals, several phones, cells that do not fit."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        mail = f"P{number}@Exemplo.com.br" if number % 50 == 0 else f"p{number}@exemplo.com.br"
        rows.append((
            f"{rng.choice(_FIRST)} {_syllables(rng.randrange(9_000))} {rng.choice(_LAST)}", rng.choice(("Diretor", "Sócia\tgerente", "", "½ dia")),
            "" if number % 9 == 0 else mail if number % 97 else "p1@exemplo.com.br; outro@exemplo.com.br",
            "abc" if number % 211 == 0 else f"(11) 9{rng.randrange(1000, 10000)}-{number % 10000:04d}",
            rng.choice(("São Paulo", "Curitiba", "", "北京")), "SP", f"Firma {rng.randrange(count // 3 + 1)} Ltda",
            "31/02/2020" if number % 301 == 0 else "1980-05-17", "C:\\temp\nline" if number % 5 == 0 else "",
        ))  # fmt: skip
    return rows


def _write(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is large enough for the fast ways, so that a file of a few thousand rows goes through several."""
    monkeypatch.setattr(run_module, "BATCH", 700)
    monkeypatch.setattr(unit_of_work, "ENOUGH", 300)


@pytest.fixture
def frozen_ids(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Two imports give the same ids to the same records."""
    moment = clock.now()
    clock.set_clock(lambda: moment)
    monkeypatch.setattr(ids.time, "time", lambda: moment.timestamp())

    def again() -> None:
        ids.generator._milliseconds = ids.generator._counter = 0

    return again


def _import(database: Database, path: Path, **options: Any) -> ImportResult:
    plan = guess_plan(database, path, "contact", country="BR").plan.with_(keys=("email", "name"), whole=())
    result = run_import(database, path, plan, ACTOR, **options)
    assert result.balanced
    return result


def _state(database: Database, *, history: bool = True) -> list[str]:
    """Everything in a database, its history and its search index too."""
    with database.read() as connection:
        found = list(dump.lines(connection, database.schema, history=history))
        vector = "body" if database.sqlite else "body || CAST(vector AS text)"
        rows = connection.exec_driver_sql(f"SELECT id, entity, title, {vector} FROM search_text ORDER BY id")
        return found + [str(tuple(row)) for row in rows]


def _assert_healthy(database: Database) -> None:
    assert [one.detail for one in doctor.check(database, full=True) if not one.ok] == []


def _numbers(result: ImportResult) -> tuple[Any, ...]:
    told = (result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count)
    lists = (result.rejected, result.cell_problems, result.duplicate_rows, result.parents)
    return (*told, *lists, [(one.row, one.action, one.title, one.changes) for one in result.samples])


def _without_moments(lines: list[str]) -> list[str]:
    """The log of imports says how long each took."""
    return [line for line in lines if not line.startswith('["import_batch"')]


def test_fast_and_plain_ways_are_the_same(
    request: pytest.FixtureRequest, database_url: str, schema: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    frozen_ids: Callable[[], None], small_batches: None,
) -> None:  # fmt: skip
    rows = _people(1_600)
    first = _write(tmp_path / "people.csv", rows)
    changed = [(*row[:1], "Presidente", *row[2:]) if at % 7 == 0 else row for at, row in enumerate(rows[700:])]
    second = _write(tmp_path / "more.csv", changed + _people(1_500, 2))
    states: list[list[list[str]]] = []
    numbers = []
    server = request.getfixturevalue("postgres_server") if "postgres" in database_url else None
    template = request.getfixturevalue("postgres_template") if server else ""
    for plain in (False, True):
        url = database_url
        if plain:
            monkeypatch.setattr(unit_of_work, "ENOUGH", 10**9)
            monkeypatch.setattr(KnownValues, "possible", lambda _self, values: values)
            url = str(tmp_path / "plain.crm")
            if server:
                url = server.url("crm_plain_way")
                server.drop_database("crm_plain_way")
                server.create_database("crm_plain_way", template)
            else:
                Path(url).write_bytes(Path(request.getfixturevalue("sqlite_template")).read_bytes())
        frozen_ids()
        database = Database(url, schema)
        told, left = [], []
        for path in (first, second):
            told.append(_import(database, path))
            left.append(_without_moments(_state(database)))
        assert told[1].updated > 100 < told[1].created
        _assert_healthy(database)
        states.append(left)
        numbers.append([_numbers(one) for one in told])
        database.close()
    if server:
        server.drop_database("crm_plain_way")
    assert numbers[0] == numbers[1]
    assert states[0] == states[1]


def test_what_was_imported_is_found_at_once(database: Database, tmp_path: Path, small_batches: None) -> None:
    _import(database, _write(tmp_path / "people.csv", _people(1_600)))
    with database.read() as connection:
        for text in ("p1599", "ørsted", "иванов", "Firma 7"):
            assert search.find(connection, database.schema, text), text


def test_a_rehearsal_keeps_nothing(database: Database, tmp_path: Path, small_batches: None) -> None:
    path = _write(tmp_path / "people.csv", _people(1_600))
    before = _state(database)
    rehearsed = _import(database, path, dry_run=True)
    assert _state(database) == before
    assert rehearsed.created == _import(database, path).created


@pytest.mark.parametrize("at", [0, 1, 700, 1_400, 2_100])
def test_cancelling_in_any_batch_keeps_nothing(
    database: Database, tmp_path: Path, small_batches: None, at: int
) -> None:
    path = _write(tmp_path / "people.csv", _people(2_100))
    before = _state(database)

    def cancel(state: ProgressState) -> None:
        if state.done >= at:
            progress.cancel()

    progress = Progress(cancel, interval=0)
    with pytest.raises(Cancelled):
        _import(database, path, progress=progress)
    assert _state(database) == before
    _assert_healthy(database)
    assert _import(database, path).created > 1_000


def test_an_error_while_rows_are_being_written_keeps_nothing(
    database: Database, tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "people.csv", _people(2_100))
    before = _state(database)
    real, calls = unit_of_work.insert_packed, []

    def full(connection: Any, packed: Any) -> None:
        calls.append(packed)
        if len(calls) == 5:
            raise UserError("The disk is full.")
        real(connection, packed)

    monkeypatch.setattr(unit_of_work, "insert_packed", full)
    with pytest.raises(UserError, match="disk"):
        _import(database, path)
    assert _state(database) == before
    _assert_healthy(database)


_CHILD = """
import sys
from pathlib import Path
from crm_desktop import features
from crm_desktop.db import unit_of_work
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing import run
from crm_desktop.importing.guess import guess_plan
run.BATCH, unit_of_work.ENOUGH = 700, 300
database = Database(sys.argv[1], features.schema())
plan = guess_plan(database, Path(sys.argv[2]), "contact", country="BR").plan.with_(keys=("email", "name"), whole=())
print("ready", flush=True)
run.run_import(database, Path(sys.argv[2]), plan, Actor(None, "Test"))
print("done", flush=True)
"""


def test_a_killed_import_leaves_nothing_half_done(database: Database, tmp_path: Path) -> None:
    path = _write(tmp_path / "people.csv", _people(2_500))
    before = _state(database)
    rng, killed, until = random.Random(5), 0, time.monotonic() + 12
    command = [sys.executable, "-c", _CHILD, database.target, str(path)]
    while killed < times(2, 5) and time.monotonic() < until:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as child:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            time.sleep(rng.random() * 0.9)
            child.kill()
            done = "done" in child.stdout.read()
        if done or _state(database) != before:  # it may have committed and not yet said so
            with database.read() as connection:
                logged = connection.exec_driver_sql("SELECT count(*) FROM import_batch WHERE state = 'done'").scalar()
            assert logged == 1
            break
        killed += 1
    _assert_healthy(database)
    if _state(database) == before:
        assert killed > 0
        assert _import(database, path).created > 1_900
        _assert_healthy(database)


def test_memory_does_not_grow_with_the_rows(sqlite_database: Database, tmp_path: Path, small_batches: None) -> None:
    peaks = []
    for rows in (1_000, 3_000):
        people = [(*row[:-1], f"{row[-1]} {'text ' * 1_000}") for row in _people(rows, rows)]
        path = _write(tmp_path / f"{rows}.csv", people)
        gc.collect()
        plan = guess_plan(sqlite_database, path, "contact", country="BR").plan.with_(keys=("email", "name"), whole=())
        tracemalloc.start()
        run_import(sqlite_database, path, plan, ACTOR, dry_run=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 4_000_000  # the 2,000 rows alone would be more than twice that


@given(
    body=st.text(
        alphabet=st.one_of(
            st.sampled_from("aZ09 .@-_'\\^é½ßİŁ中\u0301\n\t\ue001\ue002"),
            st.characters(codec="utf-8", exclude_characters="\x00\ue000"),
        )
    )
)
@settings(max_examples=times(60, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ready_made_vectors_are_those_of_the_server(postgres_database: Database, body: str) -> None:
    text = f"{body} {search.KIND}contact {search.OWN}o7"
    made = vector_of(text)
    if made is not None:
        with postgres_database.read() as connection:
            told = connection.exec_driver_sql(
                "SELECT %s::tsvector = crm_vector(%s), %s::tsvector, crm_vector(%s)", (made, text, made, text)
            )
            same, mine, theirs = told.one()
            assert same, (mine, theirs)
