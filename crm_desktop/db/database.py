"""One open database: its engine, reads, and the door to units of work."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.errors import FileGone, OfficeClosed, SignInRefused, Unreachable, UserError
from crm_desktop.core.events import EventBus
from crm_desktop.core.i18n import N_
from crm_desktop.core.secrets import hide, keep_secret
from crm_desktop.db import search_asked
from crm_desktop.db.base import tell_postgres
from crm_desktop.db.engines import let_go, sqlite_engine
from crm_desktop.db.file_state import FileState, file_state
from crm_desktop.db.places import refuse_network_share
from crm_desktop.db.pulse import Pulse
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.shadow import Eyes
from crm_desktop.db.sight import Own, Sight, hidden_from, own_hidden, set_sight
from crm_desktop.db.trouble import explain_postgres, explain_shut_out, explain_sqlite, explain_unseen
from crm_desktop.db.wire import Wires

log = logging.getLogger(__name__)

_SECRETS = ("password", "sslpassword")
"""Parameters of an address that are secrets."""


def is_server(target: str | Path) -> bool:
    """Whether a target names a PostgreSQL database and not a file."""
    return str(target).startswith(("postgresql:", "postgresql+psycopg:", "postgres:"))


def server_url(target: str) -> URL:
    """The SQLAlchemy URL of a ``postgresql://`` target.

    Raises:
        UserError: it cannot be read; the sentence shows it without its password.
    """
    try:
        url = make_url(target.replace("postgres://", "postgresql://", 1))
    except (ValueError, SQLAlchemyError):
        raise UserError(
            N_("“{address}” is no address of a server. One looks like this: postgresql://user@server:5432/database"),
            address=hide(target),
        ) from None  # what it came from holds the whole address
    given = url.query.get("password")
    if given is not None:
        url = url.difference_update_query(("password",)).set(password=given if isinstance(given, str) else given[-1])
    keep_secret(None if url.password is None else str(url.password))
    return url.set(drivername="postgresql+psycopg")


def without_password(target: str) -> str:
    """The target as it may be written down: a server's URL without its password, a file as it is."""
    if not is_server(target):
        return target
    url = server_url(target)
    query = {name: value for name, value in url.query.items() if name not in _SECRETS}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string()


@dataclass(frozen=True)
class Original:
    """The file of which a database is a copy to read; as of when, and why (``ReadOnlyFile.reason``)."""

    path: Path
    at: datetime
    reason: str = "protected"


class Database:
    """A SQLite file or a PostgreSQL database.

    Args:
        target: a file path or a ``postgresql://`` URL.
        schema: the record types.
        read_only: open a SQLite file without ever writing to it (browsing a backup).

    Raises:
        UserError: the file is on a network share, is no database, or the server does not answer.
    """

    def __init__(self, target: str | Path, schema: Schema, *, read_only: bool = False) -> None:
        self.target = str(target)
        self.schema = schema
        self.read_only = read_only
        self.immutable = read_only
        """Whether nobody writes to the file meanwhile, so that SQLite need not look for that."""
        self.events = EventBus()
        self.sqlite = not is_server(target)
        self.original: Original | None = None
        """Set where this is a copy of a file that cannot be written (see ``crm_desktop.reading``)."""
        self.as_of: datetime | None = None
        """The moment at which the office is read; None for the present (see ``db.past``)."""
        self._access: Access = EVERYTHING
        self._own: Own | None = None
        """The office's own fields that are sensitive, by record type; None where that is to be read again."""
        self._known_own: Own = {}
        self.locked = False
        """Whether the server itself shows and changes only what this person's rights allow: known once connected."""
        self.cache: dict[str, Any] = {}
        """Small things read once (custom fields); a new one after every write that touches them (see :meth:`forget`)."""
        self.own_changes: deque[int] = deque(maxlen=500)
        """Change sets made through this object lately: whoever listens to the database knows them already."""
        self.write_lock = threading.RLock()
        self._beside: list[threading.Thread] = []
        self._ending = False
        self._file: FileState | None = None
        self._eyes = Eyes(schema, self._new_engine)
        self.wires: Wires | None = None
        """The connections to the server; None for a file."""
        self.pulse: Pulse | None = None
        """Who watches whether the server answers, once :meth:`watch` was called."""
        if self.sqlite:
            self.path: Path | None = Path(target)
            if not read_only:
                refuse_network_share(self.path)
        else:
            self.path = None
            tell_postgres()
            self.wires = Wires(self.target, server_url(self.target))
        self.engine = self._new_engine()
        if not self.sqlite:
            event.listen(self.engine, "first_connect", self._see_whether_locked)

    def _new_engine(self) -> sa.Engine:
        if self.wires is not None:
            return self.wires.engine("crm-desktop", pool_size=3, max_overflow=9, pool_pre_ping=True, pool_use_lifo=True)
        assert self.path is not None
        return sqlite_engine(self.path, self.immutable)

    @property
    def access(self) -> Access:
        """What who signed in may do; set by ``app.sign_in`` and whenever it changes."""
        return self._access

    @access.setter
    def access(self, access: Access) -> None:
        if access != self._access:
            self._eyes.follow(access)
            self._access = access
            self.forget()  # which fields there are follows from it, and which ids are kept in order
            self._look()

    def _see_whether_locked(self, raw: Any, _record: object) -> None:
        with raw.cursor() as cursor:
            cursor.execute("SELECT coalesce(row_security_active(to_regclass('contact')), false)")
            self.locked = bool(cursor.fetchone()[0])
        raw.rollback()
        self._look()

    def _look(self) -> None:
        """Let statements read what this person may see only."""
        if self.locked:  # else whoever reads does it through views, and the program itself sees everything
            hidden = hidden_from(self.schema, self._access)
            own = {
                table: self.schema.by_table[table].name
                for table in own_hidden(self.schema, self._access, self._own or {})
            }
            texts = search_asked.asked_by(self.schema, hidden, self.sqlite, self.locked)
            set_sight(self.engine, Sight(hidden, {"change": "change_seen"}, texts, locked=True, own=own))

    @property
    def name(self) -> str:
        """What people call it: the file's name or the database on its server, never with a password."""
        if self.path is not None:
            return self.path.name
        url = server_url(self.target)
        return f"{url.database} @ {url.host or 'localhost'}"

    @property
    def place(self) -> str:
        """What tells this database from others, whoever signs in: the file's path, or server, port and name."""
        if self.path is not None:
            return str(self.path.absolute())
        return ServerAddress.from_url(self.target).key

    def use_password(self, password: str) -> None:
        """Open new connections to the server with another password; those that are open stay open."""
        keep_secret(password)
        url = server_url(self.target).set(drivername="postgresql", password=password)
        self.target = url.render_as_string(hide_password=False)
        if self.wires is not None:
            self.wires.password = password
        if self.pulse is not None:
            self.pulse.begin_again()

    def watch(self) -> Pulse | None:
        """Watch from now on whether the server answers; None for a file, which always does."""
        if self.wires is not None and self.pulse is None:
            self.pulse = Pulse(self.name, self.wires, self.engine)
            self.pulse.start()
        return self.pulse

    def refuse_silence(self) -> None:
        """Say at once that nobody answers where that is known, instead of waiting for it again.

        Raises:
            Unreachable, SignInRefused, CertificateRefused: what the last try said.
            FileGone: the file is not there any more.
        """
        if self.pulse is not None:
            self.pulse.refuse()
        elif self.path is not None and not self.read_only:
            self._refuse_gone(self.path)

    def _refuse_gone(self, path: Path) -> None:
        """Refuse a file that was taken away or replaced while it was open: what is written would go nowhere."""
        found = file_state(path, self._file)
        if self._file is None:
            self._file = found if found.there else None
        elif not found.there:
            raise FileGone(
                N_("{name} is not there any more. Your text is kept here; it goes on when the file is back."),
                name=path.name,
            )
        elif not found.same:
            raise FileGone(
                N_("Another file is in the place of {name}. Your text is kept here; open the office again."),
                name=path.name,
            )

    def take_up_file(self) -> None:
        """Work with the file that is there now: it was away, and whoever calls knows that it is the same office."""
        if self.path is not None:
            self._file = file_state(self.path)
            self.engine.dispose()  # handles of before lead to the old place
            self._eyes.follow(self._access)

    def forget(self) -> None:
        """Read small things again. Who is reading them just now puts them into the old cache, where nobody looks."""
        self.cache = {}
        self._own = None

    def learn_own(self, connection: sa.Connection) -> None:
        """Know which own fields of the office are sensitive: whoever may not see those reads the others only."""
        if self._own is not None or self._access.everything:
            return
        table = sa.table("custom_field", sa.column("entity"), sa.column("key"), sa.column("sensitive", sa.Boolean))
        own: dict[str, list[str]] = {}
        chosen = sa.select(table.c.entity, table.c.key).where(table.c.sensitive).order_by(table.c.entity, table.c.key)
        for entity, key in connection.execute(chosen):
            own.setdefault(entity, []).append(key)
        if own != self._known_own:
            self._known_own = own
            self._eyes.follow(self._access, own)
        self._own = own
        self._look()

    def sensitive_own(self) -> Own:
        """The office's own fields that are sensitive, by record type; none where who asks sees everything anyway."""
        self._learn()
        return self._own or {}

    def _learn(self) -> None:
        if self._own is None and not self._access.everything:
            with self.engine.connect() as connection:
                self.learn_own(connection)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with, in one transaction that sees one state of the data.

        It sees what whoever is signed in may see: a locked server sees to that itself, else views do.

        Raises:
            OfficeClosed: it was closed, or is about to be.
        """
        self._refuse_closed()
        self.refuse_silence()
        with translated_errors(self):
            self._learn()
            access = self._access
            engine = self.engine if access.everything or self.locked else self._eyes.engine() or self.engine
            with self._reading(engine) as connection:
                yield connection.execution_options(crm_access=access)

    @contextmanager
    def read_all(self) -> Iterator[sa.Connection]:
        """As :meth:`read`, with everything: for the program's own work (backups, scans, signing in), not to show it.

        On a locked server it is what the server lets this person see.
        """
        self._refuse_closed()
        self.refuse_silence()
        with translated_errors(self):
            self._learn()
            with self._reading(self.engine) as connection:
                yield connection

    def _refuse_closed(self) -> None:
        if self._ending:
            raise OfficeClosed

    @contextmanager
    def _reading(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with engine.connect() as connection:
            # SQLite's transaction sees one state anyway; PostgreSQL's does so only when it is asked to
            yield connection if self.sqlite else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection to write with, without a unit of work: migrations, copies, derived tables.

        Data of the office is written through ``unit_of_work.write`` only.
        """
        if self.read_only:
            raise self._refusal()
        self.refuse_silence()
        with (
            self.write_lock,
            translated_errors(self),
        ):
            self._learn()
            with self.engine.connect().execution_options(crm_write=True) as connection, connection.begin():
                yield connection

    def _refusal(self) -> UserError:
        if self.original is not None:
            return UserError(
                N_("{name} can only be read for now. Open a copy of it to change something."), name=self.name
            )
        return UserError(N_("This database is open for reading only. Open the original to change something."))

    @contextmanager
    def begin_own(self) -> Iterator[sa.Connection]:
        """As :meth:`begin`, for what is no data of the office (wrong passwords are counted): also in a copy to read."""
        if self.original is None:
            with self.begin() as connection:
                yield connection
            return
        with (
            self.write_lock,
            translated_errors(self),
            self.engine.connect().execution_options(crm_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def run_beside(self, statement: str) -> None:
        """Let a server carry out one statement of upkeep, while everything goes on; :meth:`close` waits for it."""

        def run() -> None:
            try:
                with self.engine.connect() as connection, connection.begin():
                    connection.exec_driver_sql(statement)
            except DBAPIError as error:
                log.info("Upkeep failed: %s", error)

        self._beside = [one for one in self._beside if one.is_alive()]
        self._beside.append(threading.Thread(target=run, name="upkeep"))
        self._beside[-1].start()

    def end_reading(self) -> None:
        """Let nobody begin to read any more: the office is about to be closed. Who reads just now ends with that."""
        self._ending = True

    def close(self) -> None:
        """Close every connection, those in use as soon as they come back; nobody reads any more after that."""
        self.end_reading()
        if self.pulse is not None:
            self.pulse.stop()
        for one in self._beside:
            one.join()
        self._eyes.close()
        let_go(self.engine)


@contextmanager
def translated_errors(database: Database) -> Iterator[None]:
    """Turn what the engine says into one sentence that a person can act on."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        friendly = explain(error, database)
        if friendly is None:
            raise
        if database.pulse is not None and isinstance(friendly, Unreachable | SignInRefused):
            database.pulse.look_now()
        raise friendly from error


def explain(error: Exception, database: Database) -> UserError | None:
    """The sentence for an engine's error; None where it is a bug of ours."""
    if database.sqlite:
        return explain_sqlite(str(getattr(error, "orig", None) or error), database.name)
    found = explain_postgres(error, database.name)
    if found is None and database.locked:
        return explain_unseen(error) or explain_shut_out(error, database.name)
    return found
