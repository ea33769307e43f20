"""One open database: its engine, reads, and the door to units of work."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from crm_desktop.core import clock
from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.errors import UserError
from crm_desktop.core.events import EventBus
from crm_desktop.core.i18n import N_
from crm_desktop.core.secrets import hide, keep_secret
from crm_desktop.core.text import fold
from crm_desktop.db.base import tell_postgres
from crm_desktop.db.places import refuse_network_share
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import connect_args
from crm_desktop.db.sight import Sight, hidden_from, set_sight
from crm_desktop.db.types import parse_instant

log = logging.getLogger(__name__)

CACHE_KIB = 24_576
"""Page cache of each SQLite connection. More helps whole-table scans of a million rows, and costs memory."""


_LOG_BYTES = 67_108_864
"""What the write-ahead log keeps of the disk after something large, as an attached film, went through it."""


_SECRETS = ("password", "sslpassword")
"""Parameters of an address that are secrets."""


class Unreachable(UserError):
    """The database does not answer; the work can go on when it does."""


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
        self.events = EventBus()
        self.sqlite = not is_server(target)
        self._access: Access = EVERYTHING
        self.locked = False
        """Whether the server itself shows and changes only what this person's rights allow: known once connected."""
        self.cache: dict[str, Any] = {}
        """Small things read once (custom fields); a new one after every write that touches them (see :meth:`forget`)."""
        self.own_changes: deque[int] = deque(maxlen=500)
        """Change sets made through this object lately: whoever listens to the database knows them already."""
        self.write_lock = threading.RLock()
        self._beside: list[threading.Thread] = []
        if self.sqlite:
            self.path: Path | None = Path(target)
            if not read_only:
                refuse_network_share(self.path)
            self.engine = _sqlite_engine(self.path, read_only)
        else:
            self.path = None
            tell_postgres()
            self.engine = sa.create_engine(
                server_url(self.target), pool_size=6, max_overflow=6, pool_pre_ping=True,
                connect_args=connect_args(self.target),
            )  # fmt: skip
            event.listen(self.engine, "do_connect", self._give_password)
            event.listen(self.engine, "first_connect", self._see_whether_locked)

    @property
    def access(self) -> Access:
        """What who signed in may do; set by ``app.sign_in`` and whenever it changes."""
        return self._access

    @access.setter
    def access(self, access: Access) -> None:
        if access != self._access:
            self._access = access
            self.forget()  # which fields there are follows from it
            self._look()

    def _see_whether_locked(self, raw: Any, _record: object) -> None:
        with raw.cursor() as cursor:
            cursor.execute("SELECT coalesce(row_security_active(to_regclass('contact')), false)")
            self.locked = bool(cursor.fetchone()[0])
        raw.rollback()
        self._look()

    def _look(self) -> None:
        """Let statements read what this person may see only."""
        instead = {"change": "change_seen"} if self.locked else {}
        set_sight(self.engine, Sight(hidden_from(self.schema, self._access), instead))

    @property
    def name(self) -> str:
        """What people call it: the file's name or the database on its server, never with a password."""
        if self.path is not None:
            return self.path.name
        url = server_url(self.target)
        return f"{url.database} @ {url.host or 'localhost'}"

    def use_password(self, password: str) -> None:
        """Open new connections to the server with another password; those that are open stay open."""
        url = server_url(self.target).set(drivername="postgresql", password=password)
        self.target = url.render_as_string(hide_password=False)

    def _give_password(self, _dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        password = server_url(self.target).password
        if password is not None:
            parameters["password"] = str(password)

    def forget(self) -> None:
        """Read small things again. Who is reading them just now puts them into the old cache, where nobody looks."""
        self.cache = {}

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with, in one transaction that sees one state of the data."""
        with translated_errors(self), self.engine.connect() as connection:
            # SQLite's transaction sees one state anyway; PostgreSQL's does so only when it is asked to
            yield connection if self.sqlite else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection to write with, without a unit of work: migrations, copies, derived tables.

        Data of the office is written through ``unit_of_work.write`` only.
        """
        if self.read_only:
            raise UserError(N_("This database is open for reading only. Open the original to change something."))
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

    def close(self) -> None:
        """Close every connection."""
        for one in self._beside:
            one.join()
        self.engine.dispose()


def _fold(value: object) -> str | None:
    return None if value is None else fold(str(value))


def _local_day(value: object) -> str | None:
    """The day of an instant in the local zone, for formulas."""
    return None if value is None else parse_instant(str(value)).astimezone(clock.local_zone()).date().isoformat()


def _sqlite_engine(path: Path, read_only: bool) -> sa.Engine:
    uri = path.absolute().as_uri() + ("?mode=ro&immutable=1" if read_only else "")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=15, check_same_thread=False, isolation_level=None)

    engine = sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=sa.pool.QueuePool, pool_size=4, max_overflow=8
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # for filters that ignore accents; triggers never use it, so the file still opens in any tool
        connection.create_function("crm_fold", 1, _fold, deterministic=True)
        connection.create_function("crm_day", 1, _local_day, deterministic=True)
        connection.create_function("crm_upper", 1, lambda text: text and str(text).upper(), deterministic=True)
        connection.create_function("crm_lower", 1, lambda text: text and str(text).lower(), deterministic=True)
        for pragma in (
            "foreign_keys=ON", "synchronous=FULL", "busy_timeout=15000", f"cache_size=-{CACHE_KIB}", "temp_store=MEMORY"
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA journal_size_limit={_LOG_BYTES}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("crm_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def translated_errors(database: Database) -> Iterator[None]:
    """Turn what the engine says into one sentence that a person can act on."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        friendly = explain(error, database)
        if friendly is None:
            raise
        raise friendly from error


def explain(error: Exception, database: Database) -> UserError | None:
    """The sentence for an engine's error; None where it is a bug of ours."""
    text = str(getattr(error, "orig", None) or error)
    low = text.lower()
    if database.sqlite:
        return _explain_sqlite(low, text, database)
    return _explain_postgres(error, low, text, database)


def _explain_sqlite(low: str, text: str, database: Database) -> UserError | None:
    name = database.name
    if "not a database" in low or "malformed" in low or "disk image" in low:
        return UserError(
            N_("The file {name} is damaged or is not a database of this program. Restore the last proven backup."),
            name=name, details=text,
        )  # fmt: skip
    if "locked" in low or "busy" in low:
        return UserError(
            N_("Another program is writing to {name}. Nothing was changed; try again in a moment."),
            name=name, details=text,
        )  # fmt: skip
    if "readonly" in low or "read-only" in low:
        return UserError(
            N_("{name} cannot be written: the file or its folder is read-only. Nothing was changed."),
            name=name, details=text,
        )  # fmt: skip
    if "full" in low:
        return UserError(N_("The disk is full. Nothing was changed; free some space and try again."), details=text)
    if "unable to open" in low or "disk i/o" in low:
        return UserError(
            N_("{name} cannot be opened. Check that the folder exists and that you may write in it."),
            name=name, details=text,
        )  # fmt: skip
    return None


def _explain_postgres(error: Exception, low: str, text: str, database: Database) -> UserError | None:
    name = database.name
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if "password authentication failed" in low or "no password supplied" in low or state == "28P01":
        return UserError(N_("The server refused the user name or the password for {name}."), name=name, details=text)
    if "does not exist" in low and "database" in low or state == "3D000":
        return UserError(N_("There is no database {name} on the server. Check its name."), name=name, details=text)
    if "could not translate host" in low or "name or service not known" in low or "getaddrinfo" in low:
        return Unreachable(
            N_("The server of {name} was not found. Check its name and that this computer is on the network."),
            name=name, details=text,
        )  # fmt: skip
    if state in ("42501",):
        return UserError(N_("You have no right to do this in {name}. Ask an administrator."), name=name, details=text)
    if state in ("53100",):
        return UserError(N_("The server's disk is full. Nothing was changed."), details=text)
    if isinstance(error, OperationalError) and (
        not state or state.startswith(("08", "57")) or getattr(error, "connection_invalidated", False)
    ):
        return Unreachable(
            N_("The office database {name} does not answer. Your text is kept here; try again when it is back."),
            name=name, details=text,
        )  # fmt: skip
    if getattr(error, "connection_invalidated", False):
        return Unreachable(
            N_("The connection to {name} was lost. Nothing was half saved; try again."), name=name, details=text
        )
    return None
