"""The outcome journal: what became of every row of an import, on disk, so that a million rows can be told one by one.

It is a temporary SQLite file of its own, written in batches while the import runs. It goes when nobody holds it any
more; what a crash left behind is swept away when the next one is made.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, zip_longest
from os import getpid
from pathlib import Path
from typing import Any

from crm_desktop.core import paths
from crm_desktop.core.ids import generator
from crm_desktop.importing.cell_codes import dumps, loads, pack, unpack
from crm_desktop.importing.table import Evidence

CREATED, UPDATED, RESTORED, UNCHANGED, FOLDED, DUPLICATE, REJECTED = (
    "created", "updated", "restored", "unchanged", "folded", "duplicate", "rejected",
)  # fmt: skip
OUTCOMES = (CREATED, UPDATED, RESTORED, UNCHANGED, FOLDED, DUPLICATE, REJECTED)
"""What becomes of a row. A restored one was deleted, came back and was brought up to date: it counts as updated, too.
A folded one speaks of a record that an earlier row spoke of, and what it adds is filled in there."""

_SCHEMA = """
CREATE TABLE line(
    id INTEGER PRIMARY KEY, part INTEGER NOT NULL, number INTEGER NOT NULL, outcome TEXT NOT NULL, record_id INTEGER,
    title TEXT, rule TEXT, same_as INTEGER, header TEXT, value TEXT, reason TEXT, params TEXT,
    changes INTEGER NOT NULL DEFAULT 0, clears INTEGER NOT NULL DEFAULT 0, links TEXT);
CREATE TABLE cell(
    line INTEGER NOT NULL, place INTEGER NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT, fresh INTEGER NOT NULL,
    PRIMARY KEY(line, place)) WITHOUT ROWID;
CREATE TABLE problem(
    id INTEGER PRIMARY KEY, part INTEGER NOT NULL, line INTEGER NOT NULL, number INTEGER NOT NULL, header TEXT,
    value TEXT, reason TEXT, params TEXT);
CREATE TABLE batch(first INTEGER PRIMARY KEY, raw BLOB, names TEXT, made BLOB);
CREATE TABLE rejected_cells(line INTEGER PRIMARY KEY, raw TEXT);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS line_outcome ON line(part, outcome);
CREATE INDEX IF NOT EXISTS problem_part ON problem(part);
"""
_LINE = "id, part, number, outcome, record_id, title, rule, same_as, header, value, reason, params, changes, clears"
_PROBLEM = "line, part, number, header, value, reason, params"
_INSERT = "INSERT INTO line VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_NEW = "INSERT INTO line(id, part, number, outcome, record_id, title) VALUES (?,?,?,?,?,?)"
_NOTHING_MORE = ("", None, None, "", None, None, 0, 0, None)
"""What most lines end with: those of new records. Nine columns fewer halve the time that they take."""
_KNOWN_BATCHES = 4
_serial = count(1)
_open: set[str] = set()


@dataclass(frozen=True, slots=True)
class CellChange:
    """One value of a record that an import changes. ``fresh`` says that ``new`` is the id of a record just made, or the
    moment of the import: it is another one the next time."""

    field: str
    old: Any
    new: Any
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row.

    Attributes:
        id: its place in the journal, in the order of the file.
        part: the position of its part in the import.
        row: its number in the file.
        record_id: the record that it made, changed or was recognised as; None where it was rejected, or is the same as
            an earlier row.
        title: what the file calls it.
        rule: the field that told which record it is; "" where none was asked or none found anything.
        same_as: the number of the earlier row that stands for the same record.
        header, value, reason: for a rejected row, the column at fault ("" for the whole row), its cell and why; for a
            duplicate, the cell that told.
        changes: how many values change; ``clears`` how many of them become empty.
    """

    id: int
    part: int
    row: int
    outcome: str
    record_id: int | None = None
    title: str = ""
    rule: str = ""
    same_as: int | None = None
    header: str = ""
    value: str = ""
    reason: Evidence | None = None
    changes: int = 0
    clears: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that does not fit its field, of a row that is imported without it."""

    line: int
    part: int
    row: int
    header: str
    value: str
    reason: Evidence


@dataclass(frozen=True)
class Ask:
    """Which lines: of a part (None: all of them), with an outcome, a text in them, a changed field, emptied values."""

    part: int | None = None
    outcomes: tuple[str, ...] = ()
    text: str = ""
    field: str = ""
    clears: bool = False
    sort: str = ""
    descending: bool = False


@dataclass
class BatchLines:
    """What became of a few thousand rows, in the order of the file, on its way into the journal.

    ``lines`` are (number, outcome, record id, title, rule, same as, header, value, reason, links); ``links`` are the
    ids that a new record points to, where they were here before. ``changes``, ``raw`` and ``made`` are by position.
    """

    lines: list[tuple[Any, ...]]
    changes: Mapping[int, Sequence[CellChange]] = field(default_factory=dict)
    problems: Sequence[tuple[int, str, str, Evidence]] = ()
    rejected: Mapping[int, Sequence[Any]] = field(default_factory=dict)
    raw: Sequence[Sequence[Any]] | None = None
    made: Mapping[str, Sequence[Any]] | None = None


class Journal:
    """Everything that one import did or would do. Any thread may ask it.

    Args:
        full: whether the cells of every row and the values of new records are kept, to be shown; else those of the
            rejected rows only.
    """

    def __init__(self, *, full: bool = False, folder: Path | None = None) -> None:
        folder = folder or paths.journals_folder()
        sweep(folder)
        self.full = full
        self.path = folder / f"import-{getpid()}-{next(_serial)}.journal"
        _open.add(str(self.path))
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        self._finalizer = weakref.finalize(self, _discard, self._connection, self.path)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-8192"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_SCHEMA)
        self._hash = hashlib.blake2b(digest_size=20)
        self._next = 1
        self._batches: dict[int, tuple[list[list[Any]] | None, dict[str, list[Any]] | None]] = {}
        self.since = 0
        """Ids from here on, of this computer, are of records that the import makes."""
        self.history = 0
        """The newest change that the history had when the import began."""

    # -- writing -----------------------------------------------------------------------------------------------

    def add(self, part: int, batch: BatchLines) -> None:
        """Write down what became of some rows."""
        first, self._next = self._next, self._next + len(batch.lines)
        lines, cells = _stored(part, first, batch)
        with self._lock:
            run = self._connection
            run.execute("BEGIN")
            run.executemany(_INSERT_NEW, [line[:6] for line in lines if line[6:] == _NOTHING_MORE])
            run.executemany(_INSERT, [line for line in lines if line[6:] != _NOTHING_MORE])
            if cells:
                run.executemany("INSERT INTO cell VALUES (?,?,?,?,?,?)", cells)
            if batch.problems:
                run.executemany(
                    "INSERT INTO problem(part, line, number, header, value, reason, params) VALUES (?,?,?,?,?,?,?)",
                    [
                        (part, first + at, batch.lines[at][0], header, value, why.message, _params(why))
                        for at, header, value, why in batch.problems
                    ],
                )
            if self.full and batch.raw is not None:
                made = batch.made or {}
                packed = (first, pack(zip_longest(*batch.raw)), dumps(list(made)), pack(made.values()))
                run.execute("INSERT INTO batch VALUES (?,?,?,?)", packed)
            if batch.rejected:
                rows = [(first + at, dumps(raw)) for at, raw in batch.rejected.items()]
                run.executemany("INSERT INTO rejected_cells VALUES (?,?)", rows)
            run.execute("COMMIT")
        self._seal(lines, cells)

    def _seal(self, lines: Sequence[tuple[Any, ...]], cells: Sequence[tuple[Any, ...]]) -> None:
        """Take lines into the digest; ids that are given anew each time are left out."""
        told = [
            (line[1], line[2], CREATED, line[14]) if line[3] == CREATED
            else (*line[1:4], self.known(line[3], line[4]), *line[6:12]) for line in lines
        ]  # fmt: skip
        self._hash.update(marshal.dumps(told, 2))
        if cells:
            kept = [(*cell[:4], None if cell[5] else cell[4]) for cell in cells]
            self._hash.update(marshal.dumps(kept, 2))

    @property
    def next_line(self) -> int:
        """The place that the next line will have."""
        return self._next

    def amend(self, line: int, outcome: str) -> None:
        """Something else became of an earlier row, because of a later one."""
        with self._lock:
            self._connection.execute("UPDATE line SET outcome = ? WHERE id = ?", (outcome, line))
        self.stamp(f"{line} {outcome}")

    def known(self, outcome: str, record_id: int | None) -> int | None:
        """The record of a line where it was here before the import."""
        if record_id is None or outcome == CREATED:
            return None
        fresh = record_id > self.since and (record_id >> 12) & 1023 == generator.device
        return None if fresh else record_id

    def stamp(self, text: str) -> None:
        """Take something else into the digest: the plan of a part, the contents of a file."""
        self._hash.update(text.encode("utf-8", "surrogatepass"))

    @property
    def digest(self) -> str:
        """What tells this import from any that would do something else."""
        return self._hash.hexdigest()

    def finish(self) -> None:
        """All is written: from now on it is asked."""
        with self._lock:
            self._connection.executescript(_INDEXES)
            self._name_earlier_rows()

    def _name_earlier_rows(self) -> None:
        """Say of duplicates of records that the import itself made which row of the file made them."""
        lost = "outcome IN ('duplicate', 'folded') AND same_as IS NULL AND record_id > ?"
        if self.rows(f"SELECT 1 FROM line WHERE {lost} LIMIT 1", [self.since]):
            self._connection.execute("CREATE INDEX IF NOT EXISTS line_record ON line(record_id)")
            self._connection.execute(
                "UPDATE line SET same_as = (SELECT min(made.number) FROM line made WHERE made.record_id = line.record_id "
                f"AND made.part = line.part AND made.outcome = 'created') WHERE {lost}",
                (self.since,),
            )

    def close(self) -> None:
        """It is not needed any more: the file goes."""
        with self._lock:
            self._finalizer()

    @property
    def closed(self) -> bool:
        """Whether it is gone."""
        return not self._finalizer.alive

    def hold_against(self, part: int, touched: Iterable[Sequence[int]]) -> tuple[list[int], list[int]]:
        """Compare with the ids of the records that the database says were changed.

        Returns:
            The numbers of rows that tell of a change that is not there, and of those that leave a record alone that was
            changed all the same; the first of each.
        """
        with self._lock:
            run = self._connection
            run.execute("CREATE TEMP TABLE touched(id INTEGER PRIMARY KEY)")
            run.execute("BEGIN")
            for ids in touched:
                run.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(one,) for one in ids])
            run.execute("COMMIT")
            missing = self.rows(
                "SELECT number FROM line WHERE part = ? AND outcome IN ('updated', 'restored') "
                "AND record_id NOT IN (SELECT id FROM touched) LIMIT 20", [part],
            )  # fmt: skip
            extra = self.rows(
                "SELECT number FROM line WHERE part = ? AND same_as IS NULL AND outcome IN ('unchanged', 'duplicate') "
                "AND record_id IN (SELECT id FROM touched) LIMIT 20", [part],
            )  # fmt: skip
            run.execute("DROP TABLE touched")
        return [row[0] for row in missing], [row[0] for row in extra]

    # -- asking ------------------------------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query; none where the journal is gone."""
        with self._lock:
            if self.closed:
                return []
            return self._connection.execute(sql, tuple(parameters)).fetchall()

    def lines(self, ids: Sequence[int]) -> list[Line]:
        """Lines by their places, in the order given."""
        found: dict[int, Line] = {}
        for start in range(0, len(ids), 500):
            part = [int(one) for one in ids[start : start + 500]]
            marks = ",".join("?" * len(part))
            for row in self.rows(f"SELECT {_LINE} FROM line WHERE id IN ({marks})", part):
                found[row[0]] = _line(row)
        return [found[one] for one in ids if one in found]

    def changes(self, ids: Sequence[int]) -> dict[int, tuple[CellChange, ...]]:
        """What changes in the records of some lines."""
        found: dict[int, list[CellChange]] = {}
        for start in range(0, len(ids), 500):
            part = [int(one) for one in ids[start : start + 500]]
            marks = ",".join("?" * len(part))
            sql = f"SELECT line, field, old, new, fresh FROM cell WHERE line IN ({marks}) ORDER BY line, place"
            for line, name, old, new, fresh in self.rows(sql, part):
                found.setdefault(line, []).append(CellChange(name, loads(old), loads(new), bool(fresh)))
        return {line: tuple(told) for line, told in found.items()}

    def problems(self, part: int | None = None, *, limit: int = 500) -> list[Problem]:
        """The first cells that do not fit, in the order of the file."""
        where, parameters = ("WHERE part = ?", [part]) if part is not None else ("", [])
        sql = f"SELECT {_PROBLEM} FROM problem {where} ORDER BY id LIMIT ?"
        return [_problem(row) for row in self.rows(sql, [*parameters, limit])]

    def problems_at(self, ids: Sequence[int]) -> list[Problem]:
        """Cells that do not fit, by their places."""
        found: list[Problem] = []
        for start in range(0, len(ids), 500):
            part = [int(one) for one in ids[start : start + 500]]
            marks = ",".join("?" * len(part))
            rows = self.rows(f"SELECT {_PROBLEM} FROM problem WHERE id IN ({marks}) ORDER BY id", part)
            found += [_problem(row) for row in rows]
        return found

    def counts(self, part: int | None = None) -> dict[str, int]:
        """How many rows by outcome."""
        where, parameters = ("WHERE part = ?", [part]) if part is not None else ("", [])
        found = dict(self.rows(f"SELECT outcome, count(*) FROM line {where} GROUP BY outcome", parameters))
        return {name: int(found.get(name, 0)) for name in OUTCOMES}

    def sums(self, part: int | None = None) -> tuple[int, int]:
        """(how many values change, how many rows lose one)."""
        where, parameters = ("WHERE part = ?", [part]) if part is not None else ("", [])
        found = self.rows(f"SELECT total(changes), total(clears > 0) FROM line {where}", parameters)
        return (int(found[0][0]), int(found[0][1])) if found else (0, 0)

    def fields(self, part: int | None = None) -> list[tuple[str, int]]:
        """The fields that change, with how many rows change each, the frequent ones first."""
        where, parameters = ("WHERE line.part = ?", [part]) if part is not None else ("", [])
        sql = (
            "SELECT field, count(DISTINCT line) FROM cell JOIN line ON line.id = cell.line "
            f"{where} GROUP BY field ORDER BY 2 DESC, 1"
        )
        return [(str(name), int(number)) for name, number in self.rows(sql, parameters)]

    def cells_of(self, line: int) -> list[Any] | None:
        """The cells of a row as the file has them; None where they were not kept."""
        found = self.rows("SELECT raw FROM rejected_cells WHERE line = ?", [line])
        if found:
            return list(loads(found[0][0]))
        raw, _made, first = self._batch(line)
        place = line - first
        return [column[place] for column in raw] if raw and place < len(raw[0]) else None

    def made_of(self, line: int) -> dict[str, Any]:
        """The values of a record that a row makes, by field."""
        _raw, made, first = self._batch(line)
        if made is None:
            return {}
        place = line - first
        found = {name: column[place] for name, column in made.items() if place < len(column)}
        return {name: value for name, value in found.items() if value not in (None, "", False)}

    def _batch(self, line: int) -> tuple[list[list[Any]] | None, dict[str, list[Any]] | None, int]:
        with self._lock:
            found = self.rows("SELECT max(first) FROM batch WHERE first <= ?", [line])
            first = found[0][0] if found else None
            if first is None:
                return None, None, 0
            known = self._batches.get(first)
            if known is None:
                raw, names, made = self.rows("SELECT raw, names, made FROM batch WHERE first = ?", [first])[0]
                known = (unpack(raw), dict(zip(loads(names), unpack(made), strict=True)))
                while len(self._batches) >= _KNOWN_BATCHES:
                    del self._batches[next(iter(self._batches))]
                self._batches[first] = known
            return known[0], known[1], first


def _stored(part: int, first: int, batch: BatchLines) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of the tables "line" and "cell" of a batch."""
    lines: list[tuple[Any, ...]] = []
    cells: list[tuple[Any, ...]] = []
    identity = first - 1
    changes, append = batch.changes, lines.append
    for at, (number, outcome, record_id, title, rule, same_as, header, value, reason, links) in enumerate(batch.lines):
        identity += 1
        told = changes.get(at, ()) if changes else ()
        message, params = (reason.message, _params(reason)) if reason is not None else (None, None)
        clears = 0
        for place, one in enumerate(told):
            empty = one.new is None or one.new == ""
            clears += empty
            cells.append((identity, place, one.field, dumps(one.old), dumps(one.new), int(one.fresh)))
        append((
            identity, part, number, outcome, record_id, title, rule, same_as, header, value, message, params,
            len(told), clears, links,
        ))  # fmt: skip
    return lines, cells


def _line(row: Sequence[Any]) -> Line:
    reason = Evidence(row[10], json.loads(row[11])) if row[10] is not None else None
    texts = [row[place] or "" for place in (5, 6, 8, 9)]
    return Line(row[0], row[1], row[2], row[3], row[4], texts[0], texts[1], row[7], texts[2], texts[3], reason,
                row[12], row[13])  # fmt: skip


def _problem(row: Sequence[Any]) -> Problem:
    return Problem(row[0], row[1], row[2], row[3] or "", row[4] or "", Evidence(row[5], json.loads(row[6])))


def _params(why: Evidence) -> str:
    plain = {key: value if isinstance(value, int | float | str) else str(value) for key, value in why.params.items()}
    return json.dumps(plain, ensure_ascii=False)


def _discard(connection: sqlite3.Connection, path: Path) -> None:
    connection.close()
    path.unlink(missing_ok=True)
    _open.discard(str(path))


def sweep(folder: Path | None = None) -> int:
    """Remove journals that no running program holds. Returns how many."""
    folder = folder or paths.journals_folder()
    removed = 0
    for path in folder.glob("import-*.journal"):
        if str(path) not in _open and not _held(path):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _held(path: Path) -> bool:
    """Whether another program has a journal open: it keeps the file locked."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return False


def all_lines(journal: Journal, ids: Sequence[int], size: int = 500) -> Iterator[list[Line]]:
    """Lines by their places, page after page."""
    for start in range(0, len(ids), size):
        yield journal.lines(ids[start : start + size])
