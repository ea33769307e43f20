"""Taking something out of the history for good: the only place where the history is not written, and is deleted from.

Used by the erasure of a person, and by what an owner has set about how long the history is kept (``records.compaction``).
All of it works inside a transaction of who calls, so that a step happens whole or not at all.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import is_locked
from crm_desktop.db.types import JsonType
from crm_desktop.db.unit_of_work import UnitOfWork

_PART = 500
_SPARE = 50_000_000
GONE = "…"
"""What stands where a name stood."""


@contextmanager
def unlogged(uow: UnitOfWork, tables: Collection[sa.Table]) -> Iterator[None]:
    """Write to these tables inside the block without the history keeping the old values.

    The triggers are taken out and put back inside the transaction: nobody else ever sees a table without them. In
    PostgreSQL only the owner of the tables may do so.
    """
    connection = uow.connection
    tracked = {table.name for table in tables} & {table.name for table in uow.schema.tracked_tables}
    if uow.database.sqlite:
        rows = connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        aside = [(row[0], row[2]) for row in rows if row[0].startswith("history_") and row[1] in tracked]
        for name, _sql in aside:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in aside:
            connection.exec_driver_sql(sql)
        return
    ours = [
        (table, f"history_{table}_{event}") for table in sorted(tracked) for event in ("insert", "update", "delete")
    ]
    for table, name in ours:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"')
    yield
    for table, name in ours:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE TRIGGER "{name}"')


@contextmanager
def as_owner(connection: sa.Connection) -> Iterator[None]:
    """In a locked database, act as the role that owns its tables: nobody else deletes from the history.

    Raises:
        UserError: the person may not act as it; who has the role "owner" may.
    """
    if not is_locked(connection):
        yield
        return
    found = connection.exec_driver_sql(
        "SELECT quote_ident(o.rolname), pg_has_role(session_user, o.oid, 'MEMBER') FROM pg_class c "
        "JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = to_regclass('contact')"
    ).one()
    if not found[1]:
        raise UserError(N_("On this server only a person with the role “Office owner” can do this."))
    connection.exec_driver_sql(f"SET ROLE {found[0]}")
    try:
        yield
    except BaseException:
        with suppress(DBAPIError):  # in a transaction the rollback does it; beside one, nobody else gets this role
            connection.exec_driver_sql("RESET ROLE")
        raise
    connection.exec_driver_sql("RESET ROLE")


def history_ids(connection: sa.Connection, ids: Iterable[int]) -> set[int]:
    """These ids and those of every row that ever hung on them, deleted ones included, as deep as it goes."""
    found = set(ids)
    front = set(found)
    while front:
        fresh = set[int]()
        for part in parts(sorted(front)):
            fresh.update(
                connection.execute(sa.select(change.c.record_id).where(change.c.parent_id.in_(part))).scalars()
            )
        front = fresh - found
        found |= front
    return found


def clear_history(uow: UnitOfWork, ids: Collection[int]) -> tuple[int, int]:
    """Delete every change of the rows with these ids, and the change sets that have none left.

    Returns:
        (changes, change sets) that are gone.
    """
    connection = uow.connection
    touched = set[int]()
    count = 0
    for part in parts(sorted(ids)):
        chosen = change.c.record_id.in_(part)
        touched.update(i for i in connection.execute(sa.select(change.c.change_set_id).where(chosen)).scalars() if i)
        count += connection.execute(change.delete().where(chosen)).rowcount
    touched.discard(uow.change_set_id)
    empty = 0
    for part in parts(sorted(touched)):
        for set_id, first, last in connection.execute(
            sa.select(change_set.c.id, change_set.c.first_change, change_set.c.last_change).where(
                change_set.c.id.in_(part)
            )
        ).all():
            left = sa.select(sa.literal(1)).where(
                change.c.id.between(first or 0, last or 2**62), change.c.change_set_id == set_id
            )
            if connection.execute(left.limit(1)).first() is None:
                connection.execute(change_set.delete().where(change_set.c.id == set_id))
                empty += 1
    return count, empty


def delete_changes(connection: sa.Connection, ids: Collection[int]) -> int:
    """Delete changes by their ids. Returns how many there were."""
    return sum(connection.execute(change.delete().where(change.c.id.in_(part))).rowcount for part in parts(sorted(ids)))


def empty_changes(connection: sa.Connection, ids: Collection[int]) -> int:
    """Let the values of changes go; who changed what record and when stays. Returns how many there were."""
    return sum(
        connection.execute(change.update().where(change.c.id.in_(part)).values(data={})).rowcount
        for part in parts(sorted(ids))
    )


def mark_compacted(connection: sa.Connection, set_ids: Collection[int], at: datetime) -> None:
    """Note that change sets are no longer whole, so that nobody undoes a part of one without knowing."""
    for part in parts(sorted(set_ids)):
        fresh = change_set.c.id.in_(part) & change_set.c.compacted_at.is_(None)
        connection.execute(change_set.update().where(fresh).values(compacted_at=at))


def delete_empty_sets(connection: sa.Connection, set_ids: Collection[int]) -> int:
    """Delete those of some change sets that have no change left. Returns how many."""
    empty = []
    for part in parts(sorted(set_ids)):
        rows = sa.select(change_set.c.id, change_set.c.first_change, change_set.c.last_change)
        for set_id, first, last in connection.execute(rows.where(change_set.c.id.in_(part))).all():
            left = sa.select(sa.literal(1)).where(
                change.c.id.between(first or 0, last or 2**62), change.c.change_set_id == set_id
            )
            if last is not None and connection.execute(left.limit(1)).first() is None:
                empty.append(set_id)
    for part in parts(empty):
        connection.execute(change_set.delete().where(change_set.c.id.in_(part)))
    return len(empty)


def keep_account(connection: sa.Connection, set_id: int, params: Mapping[str, Any]) -> None:
    """Write into the change set that tells what was let go how much it is by now."""
    connection.execute(change_set.update().where(change_set.c.id == set_id).values(params=dict(params)))


def free_bytes(connection: sa.Connection) -> int | None:
    """Bytes in a file that hold nothing any more, and that it fills again by itself; None on a server."""
    if connection.dialect.name != "sqlite":
        return None
    pages, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("freelist_count", "page_size")
    )
    return int(pages) * int(size)


def give_back(database: Database) -> None:
    """Give the room of what was let go back: a file becomes smaller, a server may fill the room with other rows.

    Outside of any unit of work; nobody can write meanwhile, and a file needs as much free space beside it as it has.

    Raises:
        UserError: another program is using the file, or the disk has not enough room. Nothing was changed.
    """
    if database.path is not None:
        size = database.path.stat().st_size
        if shutil.disk_usage(database.path.parent).free < size * 1.2 + _SPARE:
            raise UserError(
                N_("To give space back, {needed} MB must be free beside {name} for a while. Nothing was changed."),
                needed=int(size * 1.2 + _SPARE) // 1_000_000 + 1, name=database.name,
            )  # fmt: skip
    with database.write_lock, translated_errors(database):
        if not database.sqlite:
            with (
                database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
                as_owner(connection),
            ):
                for table in (change.name, change_set.name, "blob", "blob_part"):
                    connection.exec_driver_sql(f'VACUUM (ANALYZE) "{table}"')
            return
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.close()
        finally:
            raw.close()


class Scrubber:
    """Replaces names, addresses and numbers of a person in texts and JSON, whatever their case."""

    def __init__(self, needles: Iterable[str]) -> None:
        self.needles = sorted({one for one in needles if len(one) >= 4}, key=len, reverse=True)
        spellings = {self._in_json(one) for one in self.needles} | set(self.needles)
        longest = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(one) for one in longest), re.IGNORECASE) if longest else None

    @staticmethod
    def _in_json(text: str) -> str:
        return json.dumps(text)[1:-1]

    def text(self, value: str) -> str:
        """A text without them."""
        return self._pattern.sub(GONE, value) if self._pattern else value

    def value(self, value: Any) -> Any:
        """A text, or anything that JSON can say, without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        return value

    def rows(self, uow: UnitOfWork, table: sa.Table, ids: Iterable[int] | None = None) -> int:
        """Clean texts and JSON of rows of a table; all rows where ``ids`` is None. Returns how many were changed."""
        wide = [c for c in table.columns if isinstance(c.type, sa.Text | JsonType) and not c.info.get("raw")]
        if not self._pattern or not wide:
            return 0
        portions: Iterable[Sequence[int] | None] = [None] if ids is None else parts(sorted(ids))
        count = 0
        for part in portions:
            chosen = sa.true() if part is None else table.c.id.in_(part)
            for row in uow.connection.execute(sa.select(table.c.id, *wide).where(chosen)).mappings().all():
                clean = {c.name: self.value(row[c.name]) for c in wide if row[c.name] is not None}
                changed = {name: value for name, value in clean.items() if value != row[name]}
                if changed:
                    uow.connection.execute(table.update().where(table.c.id == row["id"]).values(changed))
                    count += 1
        return count

    def history(self, uow: UnitOfWork, ids: Collection[int]) -> int:
        """Clean what the history says of rows with these ids and of what hangs on them. Returns how many changes."""
        count = 0
        for part in parts(sorted(ids)):
            chosen = (change.c.record_id.in_(part) | change.c.parent_id.in_(part)) & change.c.data.isnot(None)
            for identity, data in uow.connection.execute(sa.select(change.c.id, change.c.data).where(chosen)).all():
                clean = self.value(data)
                if clean != data:
                    uow.connection.execute(change.update().where(change.c.id == identity).values(data=clean))
                    count += 1
        return count

    def titles(self, uow: UnitOfWork) -> int:
        """Clean the titles of change sets, whoever made them. Returns how many were changed."""
        count = 0
        rows = sa.select(change_set.c.id, change_set.c.title, change_set.c.params)
        named = change_set.c.params.isnot(None) | sa.or_(
            *(change_set.c.title.ilike(f"%{one}%") for one in self.needles), sa.false()
        )
        for identity, title, params in uow.connection.execute(rows.where(named)).all():
            clean = {"title": self.text(title), "params": self.value(params)}
            if clean != {"title": title, "params": params}:
                uow.connection.execute(change_set.update().where(change_set.c.id == identity).values(clean))
                count += 1
        return count


def wipe(database: Database, tables: Iterable[str]) -> bool:
    """Take the bytes of deleted rows out of the database's files. Outside of any unit of work.

    SQLite: the full-text index is merged, the file is written anew and the log is emptied. PostgreSQL: the tables are
    vacuumed, which frees the room for other rows.

    Returns:
        Whether nothing is left; False where somebody was reading, so that the log could not be emptied yet.
    """
    with database.write_lock, translated_errors(database):
        if not database.sqlite:
            with (
                database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
                as_owner(connection),
            ):
                for name in sorted({*tables, change.name, change_set.name, "search_text"}):
                    if name in Base.metadata.tables:
                        connection.exec_driver_sql(f'VACUUM "{name}"')
            return True
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("INSERT INTO search_fts(search_fts) VALUES ('optimize')")
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.close()
            return not busy or busy[0] == 0
        finally:
            raw.close()


def cascading(schema: Schema, names: Collection[str]) -> list[sa.Table]:
    """These tables and all whose rows go, or lose a link, with rows of theirs."""
    found = {name for name in names if name in Base.metadata.tables}
    while True:
        more = {
            table.name
            for table in schema.data_tables
            if table.name not in found
            and any(k.column.table.name in found and k.ondelete == "CASCADE" for c in table.columns for k in c.foreign_keys)
        }  # fmt: skip
        if not more:
            return [Base.metadata.tables[name] for name in sorted(found)]
        found |= more


def parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Ids in parts that fit into a statement."""
    for start in range(0, len(ids), _PART):
        yield ids[start : start + _PART]
