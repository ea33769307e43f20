"""The change feed: what others changed, on this file or on the office server, since we last looked."""

from __future__ import annotations

from collections import deque
from itertools import groupby

import sqlalchemy as sa

from crm_desktop.core.events import RecordsChanged
from crm_desktop.db.database import Database, server_url, translated_errors
from crm_desktop.db.journal import change
from crm_desktop.db.server_address import connect_args
from crm_desktop.db.unit_of_work import changed_records


class ChangeFeed:
    """Tells what changed. SQLite: polls ``data_version``; PostgreSQL: LISTEN on a connection of its own.

    Own change sets come through too, so that a second window on the same database is served the same way;
    whoever already knows one tells it with :meth:`known`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: deque[int] = deque(maxlen=500)
        self._last = 0
        self._version = -1
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
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
            self._engine = sa.create_engine(
                server_url(self.database.target), poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT",
                connect_args=connect_args(self.database.target, "crm-desktop feed"),
            )  # fmt: skip
        self._connection = self._engine.connect()
        self._connection.exec_driver_sql("LISTEN crm_change")

    def _data_version(self) -> int:
        assert self._connection is not None
        return int(self._connection.exec_driver_sql("PRAGMA data_version").scalar_one())

    def _newest(self) -> int:
        assert self._connection is not None
        return int(self._connection.execute(sa.select(sa.func.coalesce(sa.func.max(change.c.id), 0))).scalar_one())

    def poll(self, timeout: float = 0.0) -> list[RecordsChanged]:
        """What was committed since the last call, own change sets that are ``known`` left out.

        Args:
            timeout: seconds to wait for the first notification (PostgreSQL only).

        Raises:
            Unreachable: the connection is lost. The next call connects again and reports ``everything``.
        """
        with translated_errors(self.database):
            if self._connection is None:
                self._connect()
                events = [RecordsChanged(everything=True)]
            else:
                try:
                    events = self._poll_sqlite() if self.database.sqlite else self._poll_postgres(timeout)
                except Exception:
                    self.close()
                    raise
        if any(event.touches("custom_field") or event.touches("form_layout") for event in events):
            self.database.forget()
        return events

    def _poll_sqlite(self) -> list[RecordsChanged]:
        assert self._connection is not None
        version = self._data_version()
        self._connection.rollback()
        if version == self._version:
            return []
        self._version = version
        rows = self._connection.execute(
            sa.select(change.c.id, change.c.change_set_id).where(change.c.id > self._last).order_by(change.c.id)
            .limit(RecordsChanged.LIMIT + 1)
        ).all()  # fmt: skip
        if len(rows) > RecordsChanged.LIMIT:
            self._last = self._newest()
            self._connection.rollback()
            return [RecordsChanged(everything=True)]
        events = [self._event(set_id) for set_id, _rows in groupby(row.change_set_id for row in rows)]
        if rows:
            self._last = rows[-1].id
        self._connection.rollback()
        return [event for event in events if event is not None]

    def _poll_postgres(self, timeout: float) -> list[RecordsChanged]:
        assert self._connection is not None
        raw = self._connection.connection.driver_connection
        assert raw is not None
        payloads = [note.payload for note in raw.notifies(timeout=timeout, stop_after=1 if timeout else None)]
        if payloads and timeout:
            payloads += [note.payload for note in raw.notifies(timeout=0)]
        events = [self._event(int(payload) if payload else None) for payload in dict.fromkeys(payloads)]
        return [event for event in events if event is not None]

    def _event(self, change_set_id: int | None) -> RecordsChanged | None:
        if change_set_id is None:
            return RecordsChanged(everything=True)
        if change_set_id in self._known:
            return None
        assert self._connection is not None
        return changed_records(self._connection, self.database.schema, change_set_id)

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            try:
                self._connection.close()
            finally:
                self._connection = None
        if self._engine is not None:
            self._engine.dispose()
