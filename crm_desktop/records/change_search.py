"""Change sets as their page lists them: found by person, record type, kind, period and words, the newest first.

A history has millions of change sets, and what is asked for may be as far back as it goes. So a search walks the index
that fits what is asked, a stretch at a time, and comes back after a moment with what it found and the place where it goes on.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import translate
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.db.journal import NOT_PLAIN, PART, change, change_set
from crm_desktop.db.schema import Schema
from crm_desktop.records import history
from crm_desktop.records.history import ChangeSetRow
from crm_desktop.records.titles import COUNTED, title_text

PATIENCE = 0.25
"""Seconds after which a search comes back with what it has."""
_PART = 500
_STRETCH, _WORDY, _APART = 20_000, 10_000, 2_000
"""Change sets looked at by one statement: as they lie, with words to compare, and each looked up by itself."""
OPEN_KINDS: Mapping[str, tuple[str, ...]] = {
    "edit": ("edit",), "bulk": ("bulk",), "import": ("import",), "merge": ("merge",), "restore": ("restore",),
    "undo": ("undo", "redo", PART), "final": ("erase", "purge"), "system": ("system",),
}  # fmt: skip
"""Kinds to choose from, each with the kinds of change sets that it stands for."""

_RUN = re.compile(r"[^\W_]+")
"""Of a word, what stands together in a title or in a value of it."""
_INNER = '"of"'
"""In the parameters of an undo: the title of what it undid, which is translated, too."""

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Asked:
    """Which change sets are wanted.

    Attributes:
        user_name: of who made them; None for everybody.
        user_id: only those of this user; for people who see their own.
        entity: that touched records of this type, "" for any.
        kind: a key of :data:`OPEN_KINDS`, "" for any.
        since, until: in this period; the end is left out.
        text: words of the title or the person's name.
        standing: only those that are not undone.
    """

    user_name: str | None = None
    user_id: int | None = None
    only_mine: bool = False
    entity: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    standing: bool = False


ALL = Asked()


@dataclass(frozen=True)
class Change:
    """A change set as the page lists it.

    Attributes:
        rows: how many rows it touched; at most so many where it was made by an earlier version.
        undone_by_name, undone_at: who undid it, and when.
        stayed: how many of its rows that undo left as they were.
    """

    set: ChangeSetRow
    rows: int
    undone_by_name: str = ""
    undone_at: datetime | None = None
    stayed: int = 0


@dataclass(frozen=True)
class Place:
    """Where a search goes on: after this change set."""

    id: int
    at: datetime


@dataclass(frozen=True)
class Found:
    """What a search found so far, and where it goes on; None where it came to the end of the history."""

    changes: Sequence[Change]
    place: Place | None


@dataclass(frozen=True)
class _Walk:
    """How change sets are gone through.

    Attributes:
        along: what an index answers.
        rest: what has to be looked at one by one.
        dated: in the order of their time, not of their numbers.
        apart: along an index in which they do not lie together: numbers first, and the rows by them.
        words: of the text, which is compared here: titles are stored untranslated.
    """

    along: Sequence[Condition]
    rest: Sequence[Condition]
    dated: bool
    apart: bool
    words: Sequence[str]

    @property
    def picks(self) -> bool:
        """Whether anything has to be looked at one by one."""
        return bool(self.rest or self.words)

    def order(self, table: Any) -> Sequence[Any]:
        """Newest first."""
        return (table.c.at.desc(), table.c.id.desc()) if self.dated else (table.c.id.desc(),)

    def after(self, place: Place | None) -> Sequence[Condition]:
        """What is older than a place."""
        at, number = change_set.c.at, change_set.c.id
        if place is None:
            return ()
        return (at <= place.at, (at < place.at) | (number < place.id)) if self.dated else (number < place.id,)

    def up_to(self, place: Place | None) -> Sequence[Condition]:
        """What is not older than a place."""
        at, number = change_set.c.at, change_set.c.id
        if place is None:
            return ()
        return (at >= place.at, (at > place.at) | (number >= place.id)) if self.dated else (number >= place.id,)


def find_changes(
    database: Database,
    connection: sa.Connection,
    asked: Asked = ALL,
    *,
    limit: int = 100,
    after: Place | None = None,
    patience: float | None = None,
) -> Found:
    """The newest change sets that are wanted, at most ``limit``: so many as are found in a moment.

    Args:
        after: the place where an earlier search stopped.
        patience: seconds after which it comes back; :data:`PATIENCE` where None.
    """
    patience = PATIENCE if patience is None else patience
    walk = _walk(database.schema, asked)
    begun = time.monotonic()
    found: list[sa.RowMapping] = []
    place = after
    while True:
        rows, place = _stretch(connection, walk, place, limit - len(found))
        found += rows
        if place is None or len(found) >= limit or time.monotonic() - begun >= patience:
            return Found(_told(connection, found), place)


def list_changes(
    database: Database, connection: sa.Connection, asked: Asked = ALL, *, limit: int = 100, after: Place | None = None
) -> list[Change]:
    """The newest change sets that are wanted, however long it takes; fewer than ``limit`` where there are no more."""
    return list(find_changes(database, connection, asked, limit=limit, after=after, patience=float("inf")).changes)


def read_again(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Change]:
    """Change sets as they are now, by number; those that are gone are left out."""
    return {one.set.id: one for one in _told(connection, _by_number(connection, ids))}


def _by_number(connection: sa.Connection, ids: Sequence[int]) -> list[sa.RowMapping]:
    rows: list[sa.RowMapping] = []
    for start in range(0, len(ids), _PART):
        statement = sa.select(change_set).where(change_set.c.id.in_(ids[start : start + _PART]))
        rows += connection.execute(statement).mappings().all()
    return rows


def _walk(schema: Schema, asked: Asked) -> _Walk:
    """The index to go along, and what is left to look at."""
    dated: list[Condition] = []
    mine: list[Condition] = []
    person: list[Condition] = []
    kind: list[Condition] = []
    rest: list[Condition] = []
    if asked.since is not None:
        dated.append(change_set.c.at >= asked.since)
    if asked.until is not None:
        dated.append(change_set.c.at < asked.until)
    if asked.only_mine:
        own = change_set.c.user_id
        mine.append(own.is_(None) if asked.user_id is None else own == asked.user_id)
    if asked.user_name is not None:
        named = change_set.c.user_name == asked.user_name  # plainly, so that the index serves
        person.append(named if asked.user_name else named | change_set.c.user_name.is_(None))
    if asked.kind:
        kind.append(change_set.c.kind.in_(OPEN_KINDS[asked.kind]))
        if asked.kind != "edit":
            kind.append(NOT_PLAIN)
    if asked.standing:
        rest.append(change_set.c.undone_by.is_(None))
    if asked.entity:
        rest.append(_touches(schema, asked.entity))
    words = fold(asked.text).split()
    indexed = [dated, mine, person, kind if asked.kind != "edit" else []]
    along = next((one for one in indexed if one), [])
    left = [each for one in (dated, mine, person, kind) if one is not along for each in one]
    return _Walk(along, [*left, *rest], along is dated and bool(dated), bool(along) and along is not dated, words)


def _stretch(
    connection: sa.Connection, walk: _Walk, after: Place | None, limit: int
) -> tuple[list[sa.RowMapping], Place | None]:
    """The wanted change sets of the next stretch, and the place where the one after it begins, None at the end."""
    size = limit if not walk.picks else _APART if walk.apart else _WORDY if walk.words else _STRETCH
    chosen = [*walk.along, *walk.after(after)]
    end = _end(connection, walk, chosen, size) if walk.picks else None
    if walk.apart:
        numbers = sa.select(change_set.c.id).where(*chosen).order_by(*walk.order(change_set)).limit(size).subquery()
        statement = sa.select(*_read(walk)).join(numbers, numbers.c.id == change_set.c.id).where(*walk.rest)
    else:  # between two places: told so, and not by how many, it is gone through twice as fast
        chosen += [*walk.up_to(end), *walk.rest]
        if walk.words:
            chosen += _worth_reading(connection, chosen, walk.words)
        statement = sa.select(*_read(walk)).where(*chosen)
    statement = statement.order_by(*walk.order(change_set))
    if walk.words:
        said = _saying(connection.execute(statement).all(), walk.words, limit)
        rows = {row["id"]: row for row in _by_number(connection, said)}
        found = [rows[one] for one in said if one in rows]
    else:
        found = list(connection.execute(statement.limit(limit)).mappings())
    if len(found) >= limit:
        return found, Place(found[-1]["id"], found[-1]["at"])
    return found, end


def _end(connection: sa.Connection, walk: _Walk, chosen: Sequence[Condition], size: int) -> Place | None:
    """The last change set of a stretch; None where there are not so many left."""
    last = sa.select(change_set.c.id, change_set.c.at).where(*chosen).order_by(*walk.order(change_set))
    if walk.apart:  # the number alone is in the index
        number = connection.execute(last.with_only_columns(change_set.c.id).offset(size - 1).limit(1)).scalar()
        last = sa.select(change_set.c.id, change_set.c.at).where(change_set.c.id == number)
    else:
        last = last.offset(size - 1).limit(1)
    found = connection.execute(last).first()
    return None if found is None else Place(found.id, found.at)


def _worth_reading(connection: sa.Connection, chosen: Sequence[Condition], words: Sequence[str]) -> list[Condition]:
    """What leaves those out whose words are told already: most have no parameters, and titles that are the same few."""
    bare = change_set.c.params.is_(None) | (sa.cast(change_set.c.params, sa.Text) == "null")
    known = sa.select(change_set.c.title, change_set.c.user_name).where(*chosen, bare).distinct()
    saying = {title for title, name in connection.execute(known) if _says(title, None, name, words)}
    return [~bare | change_set.c.title.in_(sorted(saying)) if saying else ~bare]


def _read(walk: _Walk) -> Sequence[Any]:
    """The columns to read: where words are compared, what they are compared with and nothing else, which is much faster."""
    if not walk.words:
        return list(change_set.c)
    params = sa.cast(change_set.c.params, sa.Text).label("params")
    return change_set.c.id, change_set.c.title, params, change_set.c.user_name


def _saying(rows: Sequence[Any], words: Sequence[str], limit: int) -> list[int]:
    """Those whose title or person says all words, at most ``limit``."""
    found = []
    for number, title, params, name in _promising(rows, words):
        if _says(title, params, name, words):
            found.append(number)
            if len(found) >= limit:
                break
    return found


def _promising(rows: Sequence[Any], words: Sequence[str]) -> Iterator[Any]:
    """Those that may say all words: parameters are looked at all together, as they are stored, and not each taken apart."""
    tokens = [max(_RUN.findall(word) or [""], key=len) for word in words]
    heads: dict[tuple[str, str | None], str] = {}
    for row, values in zip(rows, _folded([row[2] or "" for row in rows]), strict=True):
        key = row[1], row[3]
        head = heads.get(key)
        if head is None:
            head = heads[key] = fold(f"{translate(row[1])} {row[3] or ''}")
        if _INNER in values or row[1] in COUNTED or all(token in values or token in head for token in tokens):
            yield row


def _folded(stored: Sequence[str]) -> list[str]:
    """JSON texts as words are compared with them: without marks, in small letters, and without escapes where they have some."""
    whole = "\0".join(stored)
    if "\\" in whole and whole.isascii():
        with suppress(UnicodeDecodeError):
            whole = whole.encode().decode("unicode_escape")
    parts = fold(whole).split("\0")
    return (
        parts
        if len(parts) == len(stored)
        else [fold(json.dumps(json.loads(one or "0"), ensure_ascii=False)) for one in stored]
    )


def _says(title: str, params: Any, name: str | None, words: Sequence[str]) -> bool:
    whole = fold(f"{title_text(title, params)} {name or ''}")
    return all(word in whole for word in words)


def _touches(schema: Schema, entity: str) -> Condition:
    """Change sets with a row of a record type, or of what only such records have."""
    tables = {schema.entity(entity).table}
    tables |= {name for name, (names, _column) in schema.parents.items() if set(names) == {entity}}
    told = sa.cast(change_set.c.touched, sa.Text)
    inside = (
        (change.c.id >= change_set.c.first_change) & (change.c.id <= change_set.c.last_change)
        & (change.c.change_set_id == change_set.c.id) & change.c.table_name.in_(sorted(tables))
    )  # fmt: skip
    untold = change_set.c.touched.is_(None) & sa.exists().select_from(change).where(inside)
    return sa.or_(*(told.contains(f'"{name}"', autoescape=True) for name in sorted(tables)), untold)


def _told(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[Change]:
    undone = who_undid(connection, {row["undone_by"] for row in rows if row["undone_by"]})
    return [
        Change(history.row_of(row), _count(row), *undone.get(row["undone_by"], ())) for row in rows
    ]  # fmt: skip


def _count(row: sa.RowMapping) -> int:
    """How many rows a change set touched; where nobody counted, at most: others may have written between."""
    if row["touched"]:
        return sum(row["touched"].values())
    if row["first_change"] is None or row["last_change"] is None:
        return 0
    return max(0, int(row["last_change"]) - int(row["first_change"]) + 1)


def who_undid(connection: sa.Connection, ids: Collection[int]) -> dict[int, tuple[str, datetime, int]]:
    """(name, when, how many rows it left as they were) of change sets that undid others, by number."""
    result = {}
    every = sorted(ids)
    for start in range(0, len(every), _PART):
        statement = sa.select(change_set.c.id, change_set.c.user_name, change_set.c.at, change_set.c.params)
        for row in connection.execute(statement.where(change_set.c.id.in_(every[start : start + _PART]))):
            result[row.id] = (row.user_name or "", row.at, history.left_by(row.params))
    return result


def who_changed(connection: sa.Connection) -> list[str]:
    """The names of everybody who changed something: from name to name along the index, not over every change set."""
    name = change_set.c.user_name
    walk = sa.select(sa.func.min(name).label("name")).cte("names", recursive=True)
    following = sa.select(sa.func.min(name)).where(name > walk.c.name).scalar_subquery()
    walk = walk.union_all(sa.select(following).where(walk.c.name.is_not(None)))
    found = connection.execute(sa.select(walk.c.name)).scalars()
    return sorted(one for one in found if one)
