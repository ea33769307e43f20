"""The change feed: what others changed, on this file or on the office server, since we last looked."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import Unreachable
from crm_desktop.core.events import NoticesChanged, PresenceChanged, RecordsChanged, merged
from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import first_id_at
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.touched import changed_records

CHANGES, PRESENCE, NOTICES = "crm_change", "crm_presence", "crm_notice"
"""Channels of a server: "change set:table" of a write; mark of a record that somebody opened or left; id of a user."""
PULSE_S = 20.0
"""A server that said nothing for so long is asked whether it is still there."""
_MISSED = 50
_CLOCKS_DIFFER = timedelta(minutes=2)
FILE_S = 0.3
"""So often a file is looked at: one number of its header, no transaction."""


@dataclass(frozen=True)
class Heard:
    """What came in at once: changed records, in whose presence something changed, and whose notices did."""

    records: tuple[RecordsChanged, ...] = ()
    presence: PresenceChanged | None = None
    notices: NoticesChanged | None = None

    def __bool__(self) -> bool:
        return bool(self.records) or self.presence is not None or self.notices is not None

    def publish(self, database: Database) -> None:
        """Tell everybody who subscribed to the events of a database; many changes are told as one."""
        if self.records:
            database.events.publish(merged(self.records))
        for event in (self.presence, self.notices):
            if event is not None:
                database.events.publish(event)


class ChangeFeed:
    """Tells what changed. SQLite: looks at ``data_version``; PostgreSQL: LISTEN on a connection of its own.

    What was written through the same :class:`Database` is left out, as is what somebody tells with :meth:`known`.
    One thread calls :meth:`listen` or :meth:`poll`; any other may call :meth:`wake`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: deque[int] = deque(maxlen=500)
        self._last = 0
        self._version = -1
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._woken = threading.Event()
        self._bell, self._rope = socket.socketpair()  # pulling the rope ends a wait
        self._connect()

    def known(self, change_set_id: int | None) -> None:
        """This change set need not be told again."""
        if change_set_id is not None:
            self._known.append(change_set_id)

    def _connect(self) -> None:
        if self.database.sqlite:
            self._connection = self.database.engine.connect()
            self._version = self._data_version()
            self._last = self._newest()
            self._connection.rollback()
            return
        if self._engine is None:
            assert self.database.wires is not None
            self._engine = self.database.wires.engine(
                "crm-desktop feed", poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT"
            )
        self._connection = self._engine.connect()
        for channel in (CHANGES, PRESENCE, NOTICES):
            self._connection.exec_driver_sql(f"LISTEN {channel}")

    @property
    def _driver(self) -> Any:
        """The connection of the driver itself."""
        assert self._connection is not None
        return self._connection.connection.driver_connection

    def _data_version(self) -> int:
        # past SQLAlchemy, which would begin a transaction for it: this is asked three times a second
        return int(self._driver.execute("PRAGMA data_version").fetchone()[0])

    def _newest(self) -> int:
        assert self._connection is not None
        return int(self._connection.execute(sa.select(sa.func.coalesce(sa.func.max(change.c.id), 0))).scalar_one())

    # -- listening ---------------------------------------------------------------------------------------------

    def poll(self, timeout: float = 0.0) -> list[RecordsChanged]:
        """The changes of records that :meth:`listen` hears."""
        return list(self.listen(timeout).records)

    def listen(self, timeout: float = 0.0) -> Heard:
        """What was committed since the last call, own change sets and ``known`` ones left out.

        Args:
            timeout: seconds to wait for something to happen; 0 looks once. :meth:`wake` ends the wait.

        Raises:
            Unreachable: the connection is lost. The next call connects again and reports ``everything``.
        """
        with translated_errors(self.database):
            if self._connection is None:
                self.database.refuse_silence()
                self._connect()
                heard = Heard((RecordsChanged(everything=True),), PresenceChanged(), NoticesChanged())
            else:
                try:
                    heard = self._wait_for_file(timeout) if self.database.sqlite else self._wait_for_server(timeout)
                except Exception:
                    self._let_go()
                    raise
        if any(event.touches("custom_field") or event.touches("form_layout") for event in heard.records):
            self.database.forget()
        return heard

    def missed(self, since: datetime) -> Heard:
        """What others committed since an instant, as the history tells: for who read before it was listened.

        Args:
            since: on this computer's clock; changes of computers whose clock is a few minutes slow are told too.
        """
        first = first_id_at(since - _CLOCKS_DIFFER)
        asked = sa.select(change_set.c.id).where(change_set.c.id >= first).order_by(change_set.c.id).limit(_MISSED + 1)
        with self.database.read() as connection:
            found = [one for one in connection.execute(asked).scalars() if not self._knows(one)]
            if len(found) > _MISSED:
                return Heard((RecordsChanged(everything=True),), PresenceChanged(), NoticesChanged())
            events = [changed_records(connection, self.database.schema, one) for one in found]
        return Heard(
            tuple(one for one in events if one is not None), *((PresenceChanged(), NoticesChanged()) if found else ())
        )

    def wake(self) -> None:
        """End the wait of another thread at once."""
        self._woken.set()
        with contextlib.suppress(OSError):
            self._rope.send(b"!")

    def _wait_for_file(self, timeout: float) -> Heard:
        end = time.monotonic() + timeout
        while True:
            heard = self._look_at_file()
            left = end - time.monotonic()
            if heard or left <= 0 or self._woken.wait(min(FILE_S, left)):
                self._woken.clear()
                return heard

    def _look_at_file(self) -> Heard:
        assert self._connection is not None
        version = self._data_version()
        if version == self._version:
            return Heard()
        self._version = version
        rows = self._connection.execute(
            sa.select(change.c.id, change.c.change_set_id).where(change.c.id > self._last).order_by(change.c.id)
            .limit(RecordsChanged.LIMIT + 1)
        ).all()  # fmt: skip
        events: list[RecordsChanged | None]
        if len(rows) > RecordsChanged.LIMIT:
            self._last = self._newest()
            events = [RecordsChanged(everything=True)]
        else:
            events = [self._event(set_id) for set_id, _rows in groupby(row.change_set_id for row in rows)]
            self._last = rows[-1].id if rows else self._last
        self._connection.rollback()
        # presence and notices leave no trace in the history: whoever shows them looks again
        return Heard(tuple(one for one in events if one is not None), PresenceChanged(), NoticesChanged())

    def _wait_for_server(self, timeout: float) -> Heard:
        notes = self._notes()
        if not notes and timeout > 0:
            with selectors.DefaultSelector() as selector:
                selector.register(self._driver.fileno(), selectors.EVENT_READ)
                selector.register(self._bell, selectors.EVENT_READ)
                ready = selector.select(min(timeout, PULSE_S))
            if any(key.fileobj is self._bell for key, _events in ready):
                self._bell.recv(64)
            elif not ready and timeout >= PULSE_S:
                with self._lost_is_unreachable():
                    self._driver.execute("SELECT 1")
            notes = self._notes()
        return self._told(notes)

    def _notes(self) -> list[tuple[str, str]]:
        """(channel, payload) of what the server said meanwhile, each once."""
        with self._lost_is_unreachable():
            return list(dict.fromkeys((one.channel, one.payload) for one in self._driver.notifies(timeout=0)))

    @contextlib.contextmanager
    def _lost_is_unreachable(self) -> Iterator[None]:
        """The driver's own errors, which SQLAlchemy does not see here, are those of a lost connection."""
        assert self._connection is not None
        try:
            yield
        except self._connection.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise Unreachable(
                N_("The connection to {name} was lost. Nothing was half saved; try again."),
                name=self.database.name, details=str(error),
            ) from error  # fmt: skip

    def _told(self, notes: Iterable[tuple[str, str]]) -> Heard:
        tables: dict[str, set[str]] = {}
        records, users = set[int](), set[int]()
        for channel, payload in notes:
            if channel == CHANGES:
                identity, _colon, table = payload.partition(":")
                if not identity or _is_id(identity):  # everybody who is signed in may send what they like
                    tables.setdefault(identity, set()).add(table)
            elif _is_id(payload):
                (records if channel == PRESENCE else users).add(int(payload))
        events = [self._event_on_server(int(one) if one else None, names) for one, names in tables.items()]
        return Heard(
            tuple(one for one in events if one is not None),
            PresenceChanged(frozenset(records)) if records else None,
            NoticesChanged(frozenset(users)) if users else None,
        )

    # -- change sets -------------------------------------------------------------------------------------------

    def _knows(self, change_set_id: int) -> bool:
        return change_set_id in self._known or change_set_id in self.database.own_changes

    def _event(self, change_set_id: int | None) -> RecordsChanged | None:
        if change_set_id is None:
            return RecordsChanged(everything=True)
        if self._knows(change_set_id):
            return None
        assert self._connection is not None
        return changed_records(self._connection, self.database.schema, change_set_id)

    def _event_on_server(self, change_set_id: int | None, tables: Iterable[str]) -> RecordsChanged | None:
        if change_set_id is None:
            return RecordsChanged(everything=True)
        if self._knows(change_set_id):
            return None
        with self.database.read() as connection:
            event = changed_records(connection, self.database.schema, change_set_id) or RecordsChanged()
        if event.everything:
            return event
        unseen = frozenset(name for table in tables for name in self._hidden(table, event))
        if not unseen:
            return event
        return RecordsChanged(event.created, event.updated, event.deleted, change_set_id, event.origin, unseen=unseen)

    def _hidden(self, table: str, event: RecordsChanged) -> Iterable[str]:
        """The record types of which a change of a table may have been hidden from who signed in."""
        schema, access = self.database.schema, self.database.access
        spec = schema.by_table.get(table)
        names = (spec.name,) if spec is not None else schema.parents.get(table, ((table,), ""))[0]
        if not any(event.touches(name) for name in names):
            return names
        listed = [name for name in names if name in schema.entities and schema.entities[name].listed]
        return [name for name in listed if access.scope(name, "read") != "all"]

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sa.exc.DBAPIError):  # what is lost need not be closed
                connection.close()

    def close(self) -> None:
        """Let the connection go; the feed is not used any more."""
        try:
            self._let_go()
        finally:
            self._bell.close()
            self._rope.close()
            if self._engine is not None:
                self._engine.dispose()


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 20 and int(text) < 1 << 63
