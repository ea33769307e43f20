"""An import of a spreadsheet, history and search included, beside the least that any program would have to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

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
RATE = 15_000.0
MOST = 4.0
RUNS = 3
FLAT = ("Nome", "Cargo", "E-mail", "Celular", "Cidade", "UF", "Aniversário")
LINKED = ("Nome", "Cargo", "E-mail", "Celular", "Cidade", "UF", "Empresa")


def make_workbook(path: Path, rows: int, header: tuple[str, ...]) -> None:
    """Write a spreadsheet of people, each with e-mail and mobile; three people to a company."""
    words, rng = words_of("pt"), Random(3)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, header)
    for row in range(1, rows + 1):
        first = rng.choice(words.first[row % 2])[0]
        last = [rng.choice(words.last)[0] for _ in range(2)]
        city = rng.choice(words.cities)
        sheet.write_row(row, 0, (
            f"{first} {last[0]} {last[1]}", rng.choice(words.titles), f"{fold(first)}.{row}@exemplo.com.br",
            f"({city.area}) 9{rng.randrange(1000, 10000)}-{row % 10000:04d}", city.name, city.region,
        ))  # fmt: skip
        if header is LINKED:
            sheet.write_string(row, 6, f"{last[0]} Comércio {row // 3} Ltda")
        else:
            sheet.write_number(row, 6, 20_000 + row % 18_000, day)
    book.close()


def measure(folder: Path, rows: int = ROWS, runs: int = RUNS) -> list[Result]:
    """Import into a fresh file; the baseline writes the same people past the program into the same tables."""
    results, rates = [], {}
    for header in (FLAT, LINKED):
        book = folder / f"people-{rows}-{header[-1].lower()}.xlsx"
        if not book.exists():
            make_workbook(book, rows, header)
        ours = [_import(folder, book) for _ in range(runs)]
        rates[header] = ours
    walls = [one["seconds"] for one in rates[FLAT]]
    floor = [_least(folder, folder / f"people-{rows}-{FLAT[-1].lower()}.xlsx") for _ in range(runs)]
    wall, cpu, least = median(walls), median([one["cpu"] for one in rates[FLAT]]), median(floor)
    linked = median([one["seconds"] for one in rates[LINKED]])
    what = f"import of a {rows:,}-row xlsx, history and search included"
    details = {
        "rows created": rates[FLAT][0]["created"], "seconds": round(wall, 2), "cpu seconds": round(cpu, 2),
        "rows/s in processor time": round(rows / cpu), "with a company per row, linked: rows/s": round(rows / linked),
        "its companies": rates[LINKED][0]["parents"],
    }  # fmt: skip
    base = "calamine + raw executemany of the same rows into the same indexed tables"
    results.append(
        Result("import", what, rows / wall, "rows/s", RATE, rows / least, base, at_least=True, cpu=rows / cpu,
               details=details)
    )  # fmt: skip
    results.append(Result("import-ratio", f"{what}, beside the least work", wall / least, "x", MOST, 1.0, base))
    return results


def _fresh(folder: Path) -> Path:
    path = folder / "import.crm"
    for leftover in folder.glob(path.name + "*"):
        leftover.unlink()
    database = Database(path, features.schema())
    migrate.migrate(database)
    database.close()
    return path


def _import(folder: Path, book: Path) -> dict[str, Any]:
    database = Database(_fresh(folder), features.schema())
    try:
        plan = guess_plan(database, book).plan
        with lap() as taken:
            result = run_import(database, book, plan, Actor(None, "Benchmark"))
        with database.read() as connection:
            indexed = connection.exec_driver_sql("SELECT count(*) FROM search_text").scalar_one()
            logged = connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()
        if result.created != result.rows_read or indexed < result.created or logged < result.created:
            raise RuntimeError(f"The import left something out: {result.created} of {result.rows_read} rows")
    finally:
        database.close()
    return {"seconds": taken.wall, "cpu": taken.cpu, "created": result.created, "parents": result.parents}


def _least(folder: Path, book: Path) -> float:
    """Seconds to read the spreadsheet and insert its people, as they are, without history, search or checks."""
    with closing(sqlite3.connect(_fresh(folder), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        with lap() as taken:
            rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()[1:]
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO contact(id, name, sort_name, job_title, birthday, lifecycle, created_at) "
                "VALUES (?, ?, ?, ?, ?, 'lead', '2026-01-01T00:00:00.000Z')",
                ((i, row[0], row[0].lower(), row[1], str(row[6])[:10]) for i, row in enumerate(rows, 1)),
            )
            connection.executemany(
                "INSERT INTO contact_point(id, owner_id, kind, label, value, search_digits, is_primary) "
                "VALUES (?, ?, ?, 'work', ?, ?, 1)",
                (point for i, row in enumerate(rows, 1)
                 for point in ((2 * i, i, "email", row[2], None), (2 * i + 1, i, "phone", row[3], row[3]))),
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO address(id, owner_id, label, city, region, is_primary) VALUES (?, ?, 'work', ?, ?, 1)",
                ((i, i, row[4], row[5]) for i, row in enumerate(rows, 1)),
            )
            connection.execute("COMMIT")
    return taken.wall
