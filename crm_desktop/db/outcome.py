"""Whether a save is there whose confirmation never arrived: the server is asked, and nobody has to guess."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_desktop.core.errors import SaveUnknown, Unreachable
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.journal import change_set

_PATIENCE_S = 3.0
_LONGEST_S = 15.0
_PAUSE_S = 0.1


@contextmanager
def told_truly(database: Database) -> Iterator[list[SaveUnknown]]:
    """Around a transaction: where its connection dies during the commit, ask whether it was carried out.

    Whoever writes puts a doubt into the list once nothing is left but the commit. The block ends well where the save
    is there after all.

    Raises:
        Unreachable: it surely is not there.
        SaveUnknown: nobody answers at the moment.
    """
    ended: list[SaveUnknown] = []
    try:
        yield ended
    except Unreachable as error:
        if not ended:
            raise
        ended[0].details = error.details
        tell_or_raise(database, ended[0])


def tell_or_raise(database: Database, doubt: SaveUnknown) -> None:
    """Find out at once whether a save is there; returns where it is.

    Raises:
        Unreachable: it surely is not.
        SaveUnknown: nobody answers at the moment.
    """
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            if was_saved(database, doubt):
                return
        except Unreachable:
            if time.monotonic() > end or (database.pulse is not None and not database.pulse.condition.connected):
                raise doubt from None
            time.sleep(_PAUSE_S)
            continue
        raise not_saved(database)


def not_saved(database: Database) -> Unreachable:
    """The sentence for a save that is surely not there."""
    return Unreachable(
        N_("The connection to {name} was lost before this was saved. Your text is kept here; save it again."),
        name=database.name,
    )


def was_saved(database: Database, doubt: SaveUnknown) -> bool:
    """Whether the transaction of a save was committed. A session of ours that still hangs in it is ended first.

    A server that died before it had written anything of a transaction gives its name to another one when it is back,
    which may well be committed by now. So its change set decides, which whoever saved it always sees.

    Raises:
        Unreachable: the server cannot be asked.
    """
    end = time.monotonic() + _LONGEST_S
    while True:
        with translated_errors(database), database.engine.connect() as connection:
            if _is_there(connection, doubt):
                return True
            state = _state_of(connection, doubt)
            if state == "in progress":
                _end_session(connection, doubt)
            elif state == "committed":  # just now perhaps
                return doubt.empty or _is_there(connection, doubt)
            else:
                return False
        if time.monotonic() > end:
            raise Unreachable(
                N_("The office database {name} does not answer. Your text is kept here; try again when it is back."),
                name=database.name,
            )
        time.sleep(_PAUSE_S)


def _is_there(connection: sa.Connection, doubt: SaveUnknown) -> bool:
    asked = sa.select(change_set.c.id).where(change_set.c.id == doubt.change_set)
    there = connection.execute(asked).first() is not None
    connection.rollback()  # what is committed after this is seen by the next question, whatever the isolation
    return there


def _state_of(connection: sa.Connection, doubt: SaveUnknown) -> str:
    """ "committed", "aborted", "in progress", or "" where the server knows nothing of such a transaction."""
    if not doubt.transaction:
        return ""
    statement = sa.text("SELECT pg_xact_status(CAST(CAST(:given AS text) AS xid8))")
    try:
        return str(connection.execute(statement, {"given": doubt.transaction}).scalar() or "")
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        connection.rollback()  # another server took over, which never saw it
        return ""


def _end_session(connection: sa.Connection, doubt: SaveUnknown) -> None:
    statement = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid = :pid AND backend_xid = CAST(CAST(CAST(:given AS text) AS xid8) AS xid)"
    )
    with suppress(DBAPIError):
        connection.execute(statement, {"pid": doubt.backend, "given": doubt.transaction})
    connection.rollback()


def doubt_of(connection: sa.Connection, change_set_id: int, transaction: str, *, empty: bool = False) -> SaveUnknown:
    """What it takes to ask later whether a transaction was committed."""
    raw: Any = connection.connection.driver_connection
    backend = int(raw.info.backend_pid) if hasattr(raw, "info") else 0
    return SaveUnknown(change_set_id, transaction, backend, empty=empty)
