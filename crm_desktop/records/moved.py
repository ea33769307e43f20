"""A file whose office lives on a server now: it says so, and nobody goes on writing into it by mistake."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.office_settings import NamedSetting, instant_words
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database, without_password
from crm_desktop.db.journal import change
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import instant_text, parse_instant
from crm_desktop.db.unit_of_work import write
from crm_desktop.records.office_service import save_settings

MOVED = "moved"
"""The office's setting that says where it went: {"to": address without a password, "at": instant}."""
SETTINGS = (
    NamedSetting(
        MOVED, N_("Moved to the office server"),
        lambda value: f"{value['to'].partition('@')[2] or value['to']}, {instant_words(value['at'])}",
    ),
)  # fmt: skip


class OfficeMoved(UserError):
    """The office of a file was moved to a server. ``to`` is its address without a password, ``at`` when."""

    def __init__(self, name: str, to: str, at: datetime) -> None:
        super().__init__(
            N_("The office in {name} was moved to {to} on {date}. Open it there; this file is kept as it was then."),
            name=name, to=to.partition("@")[2] or to, date=formats.format_date(at.astimezone(clock.local_zone()).date()),
        )  # fmt: skip
        self.to = to
        self.at = at
        self.path = ""


def moved_note(connection: sa.Connection, name: str) -> OfficeMoved | None:
    """Where the office of a database went; None where it lives in it."""
    table = Base.metadata.tables["office_setting"]
    if not sa.inspect(connection).has_table(table.name):
        return None
    value = connection.execute(sa.select(table.c.value).where(table.c.key == MOVED)).scalar()
    return OfficeMoved(name, str(value["to"]), parse_instant(value["at"])) if isinstance(value, dict) else None


def last_change(connection: sa.Connection) -> int:
    """The newest change that a connection sees."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(change.c.id), 0))).scalar_one())


def mark_moved(database: Database, to: str, seen: int) -> None:
    """Write into a database where its office went.

    Args:
        to: the new address.
        seen: the newest change that went along.

    Raises:
        UserError: something was written after it; nothing is marked.
    """
    with write(database, N_("Moved to the office server"), kind="system") as uow:
        if last_change(uow.connection) != seen:
            raise UserError(
                N_(
                    "Somebody changed the office while it was being moved, so it was not. Let nobody work in it, and start again."
                )
            )
        save_settings(uow, {MOVED: {"to": without_password(to), "at": instant_text(clock.now())}})


def forget_move(database: Database) -> None:
    """Let the office of a copy live in it, where the original says that it went somewhere else."""
    with database.read() as connection:
        if moved_note(connection, database.name) is None:
            return
    with write(database, N_("A copy to work in"), kind="system") as uow:
        save_settings(uow, {MOVED: None})


def work_on_copy(path: Path, copy: Path, schema: Schema) -> None:
    """Make a copy of a moved file that can be worked in; the file stays as it is.

    Raises:
        UserError: there is a file of that name already.
    """
    if copy.exists():
        raise UserError(
            N_("{name} is there already. Choose another name, so that nothing is overwritten."), name=copy.name
        )
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        database = Database(copy, schema)
        try:
            forget_move(database)
        finally:
            database.close()
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
