"""Carries out an import: one unit of work for all its parts, batch after batch; a rehearsal runs the same code and keeps nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from os import PathLike
from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.garbage import held_off
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import require
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.importing import readers
from crm_desktop.importing.importer import Importer
from crm_desktop.importing.outcomes import Journal
from crm_desktop.importing.outcomes_count import newest_change
from crm_desktop.importing.plan import ImportPart, ImportPlan
from crm_desktop.importing.rehearsed import check_files, check_rows
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.importing.table import Row

BATCH = 5_000


class FileChanged(UserError):
    """A file was written by another program while it was imported."""


def run_import(
    database: Database, path: str | PathLike[str], plan: ImportPlan, actor: Actor, *,
    progress: Progress | None = None, dry_run: bool = False, belongs_to: tuple[str, int] | None = None,
    rehearsed: ImportResults | None = None,
) -> ImportResult:  # fmt: skip
    """Import one table of a file by a plan, all of it or nothing; see :func:`run_imports`.

    Args:
        belongs_to: (record type, id) of a record that activities of the file are linked to.
    """
    part = ImportPart(Path(path), plan)
    return run_imports(
        database, [part], actor, progress=progress, dry_run=dry_run, belongs_to=belongs_to, rehearsed=rehearsed
    ).parts[0]  # fmt: skip


def run_imports(
    database: Database, parts: Sequence[ImportPart], actor: Actor, *,
    progress: Progress | None = None, dry_run: bool = False, belongs_to: tuple[str, int] | None = None,
    check: Callable[[ImportResults], None] | None = None,
    rehearsed: ImportResults | None = None,
) -> ImportResults:  # fmt: skip
    """Import the parts of one or several files (sheets, members, record types in one row), all of it or nothing.

    They are one change set. What others link to comes first, whatever the order they are given in.

    Args:
        parts: each with a plan from ``guess_plan`` or a recipe, as a person confirmed it.
        actor: who imports.
        progress: told the rows done; cancelling it leaves the database as it was.
        dry_run: do everything and take it back at the end, for a preview with the same numbers.
        belongs_to: (record type, id) of a record that activities of the file are linked to.
        check: called when all is done and before it is kept; what it raises takes everything back.
        rehearsed: what a dry run of the same parts found: nothing else is written.

    Returns:
        For each part, in the order given, the numbers, and a journal of what became of each row. The numbers add up:
        every row that was read is created, updated, unchanged, folded, a duplicate or rejected.
        Cells that do not fit a field that may be empty do not reject their row: they are listed in ``cell_problems`` and
        their text goes to the remarks.

    Raises:
        Cancelled: the person cancelled; nothing is kept.
        FileChanged: another program wrote the file meanwhile; nothing is kept.
        UserError: a file cannot be read or its plan does not fit it; nothing is kept.
        NotAllowed: whoever is signed in may not import, or may not write what is in the file; nothing is kept.
        RehearsalDiffers: some rows would not do what was rehearsed, or the file is another one; nothing is kept.
    """
    require(database.access, "import")
    started = time.monotonic()
    journal = Journal(full=dry_run)
    results = [
        ImportResult(str(part.path), part.plan, rehearsal=dry_run, journal=journal, place=place)
        for place, part in enumerate(parts)
    ]
    made = ImportResults(results, journal=journal)
    progress = progress or Progress()
    made.contents = {str(part.path): digest_of(part.path) for part in parts}
    for result in results:
        result.digest = made.contents[result.path]
    if rehearsed is not None:
        check_files(rehearsed, made)
    for part in parts:
        journal.stamp(f"{made.contents[str(part.path)]} {part.plan.as_dict()}")
    stamps = {part.path: _stamp(part.path) for part in parts}
    with write(
        database, N_("Imported {file}"), actor=actor, kind="import", bulk=True,
        params={"file": ", ".join(path.name for path in stamps)}, rehearse=dry_run,
    ) as uow:  # fmt: skip
        journal.since, journal.history = uow.change_set_id, newest_change(uow)
        expected = sum(part.plan.rows for part in parts)
        progress.update(0, expected)
        same_rows: dict[tuple[Path, str], dict[str, Mapping[int, int]]] = {}
        for place in in_order(database.schema, parts):
            done = sum(result.rows_read for result in results)
            _run_part(uow, parts, place, results[place], journal, progress, done, expected, belongs_to, same_rows)
        for path, stamp in stamps.items():
            if _stamp(path) != stamp:
                raise FileChanged(
                    N_(
                        "{file} changed while it was read. Wait until the other program has written it, and import it again."
                    ),
                    file=path.name,
                )
        if check is not None:
            check(made)
        journal.finish()
        if rehearsed is not None and not dry_run:
            check_rows(uow, rehearsed, made)
        for result in results:
            result.change_set = None if dry_run else uow.change_set_id
        made.change_set = None if dry_run else uow.change_set_id
    made.seconds = time.monotonic() - started
    if len(results) == 1:
        results[0].seconds = made.seconds
    return made


def _run_part(
    uow: UnitOfWork, parts: Sequence[ImportPart], place: int, result: ImportResult, journal: Journal,
    progress: Progress, done: int, expected: int, belongs_to: tuple[str, int] | None,
    same_rows: dict[tuple[Path, str], dict[str, Mapping[int, int]]],
) -> None:  # fmt: skip
    started = time.monotonic()
    part = parts[place]
    beside = same_rows.setdefault(_table(part), {})
    importer = Importer(uow, part.plan, result, journal, belongs_to=belongs_to, beside=beside)
    importer.keeps_rows = sum(_table(other) == _table(part) for other in parts) > 1
    with held_off() as tidy_up:
        for rows in _batches(readers.read(part.path, part.plan.source)):
            importer.take(rows)
            progress.update(done + result.rows_read, max(expected, done + result.rows_read))
            tidy_up()
    if importer.keeps_rows:
        beside[part.plan.entity] = importer.rows
    result.seconds = time.monotonic() - started
    importer.finish(part.path, result.seconds)


def _table(part: ImportPart) -> tuple[Path, str]:
    """Which table of which file the rows of a part are."""
    return part.path, part.plan.source.part


def in_order(schema: Schema, parts: Sequence[ImportPart]) -> list[int]:
    """The positions of the parts in the order to carry them out: a record type after those that its columns link to."""
    names = {part.plan.entity for part in parts}
    after = {
        part.plan.entity: {
            one.target for one in schema.entity(part.plan.entity).fields
            if one.target in names and one.target != part.plan.entity
        } for part in parts
    }  # fmt: skip
    ranks: dict[str, int] = {}
    while len(ranks) < len(after):
        free = [name for name in after if name not in ranks and after[name] <= ranks.keys()]
        for name in free or [next(name for name in after if name not in ranks)]:
            ranks[name] = len(ranks)
    order = list(ranks)
    if "activity" in ranks:  # activities belong to anything through a child table, which no field shows
        order.append(order.pop(order.index("activity")))
    return sorted(range(len(parts)), key=lambda place: order.index(parts[place].plan.entity))


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of the last change: what tells that another program writes the file."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, by which it is known again whatever it is called; "" for a folder, or where it is gone: reading it says so."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
