"""Imports of spreadsheets, history, search and matching included, beside the least that any program would have to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks import processes
from benchmarks.measure import Result, lap, median
from crm_desktop import features
from crm_desktop.core.text import fold
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.demo.words import words_of
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import

ROWS = 100_000
RATE = 20_000.0
RATE_POSTGRES = 12_000.0
RATE_AGAIN = 12_000.0
MOST = 4.0
RUNS = 3
LONG = 1_000_000
LONG_MB = 500.0
FLAT = ("Nome", "Cargo", "E-mail", "Celular", "Cidade", "UF", "Aniversário")
LINKED = ("Nome", "Cargo", "E-mail", "Celular", "Cidade", "UF", "Empresa")


def person(rng: Random, row: int) -> tuple[tuple[str, ...], str]:
    """The texts of one person's row, and a surname."""
    words = words_of("pt")
    first = rng.choice(words.first[row % 2])[0]
    last = [rng.choice(words.last)[0] for _ in range(2)]
    city = rng.choice(words.cities)
    return (
        f"{first} {last[0]} {last[1]}", rng.choice(words.titles), f"{fold(first)}.{row}@exemplo.com.br",
        f"({city.area}) 9{rng.randrange(1000, 10000)}-{row % 10000:04d}", city.name, city.region,
    ), last[0]  # fmt: skip


def make_workbook(path: Path, rows: int, header: tuple[str, ...]) -> None:
    """Write a spreadsheet of people, each with e-mail and mobile; three people to a company."""
    rng = Random(3)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, header)
    for row in range(1, rows + 1):
        texts, surname = person(rng, row)
        sheet.write_row(row, 0, texts)
        if header is LINKED:
            sheet.write_string(row, 6, f"{surname} Comércio {row // 3} Ltda")
        else:
            sheet.write_number(row, 6, 20_000 + row % 18_000, day)
    book.close()


def measure(folder: Path, rows: int = ROWS, runs: int = RUNS, url: str = "", long: int = LONG) -> list[Result]:
    """Import into fresh databases; the baselines write the same people past the program into the same tables.

    Args:
        url: of a PostgreSQL server; without one only files are measured.
        long: rows of the CSV whose memory is measured; none where 0.
    """
    books = {header: folder / f"people-{rows}-{header[-1].lower()}.xlsx" for header in (FLAT, LINKED)}
    for header, book in books.items():
        if not book.exists():
            make_workbook(book, rows, header)

    def file() -> str:
        return str(_fresh(folder))

    results = _rates("import", "SQLite", books, rows, runs, file, _least_sqlite, RATE)
    if url:
        results += _rates(
            "import-postgres",
            "PostgreSQL",
            books,
            rows,
            runs,
            lambda: _fresh_server(url),
            _least_postgres,
            RATE_POSTGRES,
        )
    if long:
        results.append(_long(folder, long))
    return results


def _rates(
    name: str, engine: str, books: dict[tuple[str, ...], Path], rows: int, runs: int, fresh: Callable[[], str],
    least_of: Callable[[str, Path], float], limit: float,
) -> list[Result]:  # fmt: skip
    flat = [_import(fresh(), books[FLAT], again=number == 0) for number in range(runs)]
    linked = [_import(fresh(), books[LINKED]) for _ in range(runs)]
    wall, cpu = median([one["seconds"] for one in flat]), median([one["cpu"] for one in flat])
    least = median([least_of(fresh(), books[FLAT]) for _ in range(runs)])
    company = median([one["seconds"] for one in linked])
    again = flat[0]["again"]
    what = f"import of a {rows:,}-row xlsx into {engine}, history, search and matching included"
    base = "calamine + raw inserts of the same rows into the same indexed tables"
    details = {
        "rows created": flat[0]["created"], "seconds": round(wall, 2), "processor seconds of the program": round(cpu, 2),
        "rows/s in its processor time": round(rows / cpu), "with a company per row, linked: rows/s": round(rows / company),
        "its companies": linked[0]["parents"],
        "seconds afterwards, beside other work, until the index is sorted": round(flat[0]["tidy"], 2),
    }  # fmt: skip
    return [
        Result(name, what, rows / wall, "rows/s", limit, rows / least, base, at_least=True, cpu=rows / cpu, details=details),
        Result(f"{name}-ratio", f"{what}, beside the least work", wall / least, "x", MOST, 1.0, base),
        Result(
            f"{name}-again", f"the same file once more: every row matched and compared, {engine}", rows / again.wall,
            "rows/s", RATE_AGAIN, rows / least, base, at_least=True, cpu=rows / again.cpu,
        ),
    ]  # fmt: skip


def _long(folder: Path, rows: int) -> Result:
    place = folder / "long-import"
    place.mkdir(exist_ok=True)
    for leftover in place.iterdir():
        leftover.unlink()
    from benchmarks.child_import import write_csv  # lazy: it measures with what is here

    write_csv(place / "people.csv", rows)
    found = processes.run("child_import", {"folder": str(place), "rows": rows}, folder)
    (place / "office.crm").unlink()
    bare = processes.run("child_import", {"folder": str(place), "rows": 0}, folder)
    details = {
        "rows/s": round(rows / found["seconds"]), "seconds": round(found["seconds"], 1),
        "processor seconds": round(found["cpu"], 1), "after the file was looked at, MB": round(found["before"]),
        "database, MB": found["file MB"],
    }  # fmt: skip
    return Result(
        "import-memory", f"peak memory of an import of a {rows:,}-row CSV", found["peak"], "MB", LONG_MB, bare["peak"],
        "the program with an empty database", details=details,
    )  # fmt: skip


def _fresh(folder: Path) -> Path:
    path = folder / "import.crm"
    for leftover in folder.glob(path.name + "*"):
        leftover.unlink()
    _migrate(str(path))
    return path


def _fresh_server(url: str) -> str:
    """The address of a new database on a server; it goes with the next one."""
    server = url.rpartition("/")[0]
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'crm_import_%'"
        ).fetchall():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        name = f"crm_import_{uuid4().hex[:8]}"
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    _migrate(f"{server}/{name}")
    return f"{server}/{name}"


def _migrate(target: str) -> None:
    database = Database(target, features.schema())
    migrate.migrate(database)
    database.close()


def _import(target: str, book: Path, *, again: bool = False) -> dict[str, Any]:
    database = Database(target, features.schema())
    try:
        plan = guess_plan(database, book).plan
        with lap() as taken:
            result = run_import(database, book, plan, Actor(None, "Benchmark"))
        with lap() as tidied:
            database.close()  # waits for what goes on beside
        with database.read() as connection:
            indexed = connection.exec_driver_sql("SELECT count(*) FROM search_text").scalar_one()
            logged = connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()
        if result.created != result.rows_read or indexed < result.created or logged < 4 * result.created:
            raise RuntimeError(f"The import left something out: {result.created} of {result.rows_read} rows")
        found = {"seconds": taken.wall, "cpu": taken.cpu, "created": result.created, "parents": result.parents,
                 "tidy": tidied.wall}  # fmt: skip
        if again:
            with lap() as taken:
                result = run_import(database, book, plan, Actor(None, "Benchmark"))
            if result.unchanged != result.rows_read:
                raise RuntimeError(f"Only {result.unchanged} of {result.rows_read} rows are as they were")
            found["again"] = taken
    finally:
        database.close()
    return found


_CONTACT = ("id", "name", "sort_name", "job_title", "birthday", "lifecycle", "created_at")
_POINT = ("id", "owner_id", "kind", "label", "value", "search_digits", "is_primary")
_ADDRESS = ("id", "owner_id", "label", "city", "region", "is_primary")


def _people(book: Path) -> list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    """The rows of a spreadsheet as they are, for the tables."""
    rows: Any = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()[1:]
    moment = "2026-01-01T00:00:00.000Z"
    return [
        ("contact", _CONTACT, [(i, r[0], r[0].lower(), r[1], str(r[6])[:10], "lead", moment) for i, r in enumerate(rows, 1)]),
        ("contact_point", _POINT, [
            point for i, r in enumerate(rows, 1)
            for point in ((2 * i, i, "email", "work", r[2], None, True), (2 * i + 1, i, "phone", "work", r[3], r[3], True))
        ]),
        ("address", _ADDRESS, [(i, i, "work", r[4], r[5], True) for i, r in enumerate(rows, 1)]),
    ]  # fmt: skip


def _least_sqlite(target: str, book: Path) -> float:
    """Seconds to read the spreadsheet and insert its people, as they are, without history, search or checks."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        with lap() as taken:
            connection.execute("BEGIN")
            for table, columns, rows in _people(book):
                places = ",".join("?" * len(columns))
                connection.executemany(f"INSERT INTO {table}({','.join(columns)}) VALUES ({places})", rows)
            connection.execute("COMMIT")
    return taken.wall


def _least_postgres(target: str, book: Path) -> float:
    """As for SQLite, with COPY."""
    with psycopg.connect(target) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers
        with lap() as taken:
            for table, columns, rows in _people(book):
                with connection.cursor().copy(f"COPY {table} ({','.join(columns)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            connection.commit()
    return taken.wall
