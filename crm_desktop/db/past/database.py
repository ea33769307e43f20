"""The office as it was at a moment, read with everything that reads it as it is.

``open_as_of`` gives a :class:`Database` that nothing can be written to. Every connection of it has temporary views that
stand before the tables (``views``) and read what was worked out from the history (``rows``). What colleagues write in the
meantime is taken over whenever a reading begins, so that the past stays as it was.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from crm_desktop.core import clock
from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import format_datetime
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db import search_asked
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.engines import let_go, sqlite_engine
from crm_desktop.db.past import search
from crm_desktop.db.past.kept import Keeper
from crm_desktop.db.past.moment import Cut, Seen, first_later, history_begins, seen_now
from crm_desktop.db.past.orders import Orders
from crm_desktop.db.past.rows import Builder
from crm_desktop.db.past.scratch import Scratch, was
from crm_desktop.db.past.stopping import stopped_by
from crm_desktop.db.past.undone import undone_then
from crm_desktop.db.past.views import statements
from crm_desktop.db.sight import Sight, hidden_from, own_hidden, set_sight

_SCRATCH, _DIRTY, _INDEXING = "crm_past", "crm_past_dirty", "crm_past_indexing"
_VIEWS = "crm_past_views"
"""Under this name a connection knows for which state of the scratch tables it has views."""
_CACHE_KIB = 65_536
"""What a connection may keep of the scratch tables while they are made, on a server as long as it is open."""
_SHARED_KIB = 8_192
"""What a connection to a file may keep of them later."""
_ON_SERVER = (
    "SET jit = off", f"SET work_mem = '{_CACHE_KIB}kB'", f"SET temp_buffers = '{_CACHE_KIB}kB'",
    "SET default_statistics_target = 10",
)  # fmt: skip
_GIVE_WAY_S = 0.01
"""For so long who completes the past rests between two steps, so that those who wait for their turn get it."""


def open_as_of(database: Database, moment: datetime, progress: Progress | None = None) -> AsOf:
    """The office as it was at a moment, for whoever is signed in to ``database``; the caller closes it.

    Raises:
        UserError: the moment is still to come, or older than what the history tells.
        Cancelled: the user stopped it.
    """
    with database.read_all() as connection:
        begins = history_begins(connection)
    if moment > clock.now():
        raise UserError(N_("{moment} is still to come. Choose a day in the past."), moment=format_datetime(moment))
    if begins is None or moment < begins:
        raise UserError(
            N_("The history of this office begins on {begins}. Choose that day or a later one."),
            begins=format_datetime(begins or clock.now()),
        )  # fmt: skip
    opened = AsOf(database, moment)
    try:
        opened.prepare(progress or Progress())
    except BaseException:
        opened.close()
        raise
    return opened


class AsOf(Database):
    """A database as it was at a moment; see :func:`open_as_of`.

    Attributes:
        as_of, moment: the moment. The clock stands at it for everything that reads here.
        present: the database as it is.
    """

    def __init__(self, present: Database, moment: datetime) -> None:
        super().__init__(present.target, present.schema)
        self.present = present
        self.as_of = self.moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        self.wires, self.pulse, self.locked = present.wires, present.pulse, present.locked
        self.engine.dispose()
        self._folder = Path(tempfile.mkdtemp(prefix="crm-as-of-")) if self.sqlite else None
        self._access = self._sees = present.access
        self.engine = self._new_engine()
        self.read_only = True
        self._engines: list[tuple[Access, sa.Engine]] = [(EVERYTHING, self.engine)]
        event.listen(self.engine, "before_cursor_execute", self._before)
        self._building, self._searching = threading.Lock(), threading.RLock()
        self._turn = _Turns(None if self.sqlite else 1)
        self._held = threading.local()
        self._closed = threading.Event()
        self._fresh = True
        """Whether nobody reads the scratch file yet."""
        self._shared: Scratch | None = None
        self._builder: sa.Engine | None = None

    # ---------------------------------------------------------------- opening

    def prepare(self, progress: Progress) -> None:
        """Work out what was, before the first reading asks for it."""
        with self.present.read_all() as connection:
            low = first_later(connection, self.moment)
        self._cut = Cut(self.moment, low, self.sqlite, self._history)
        if self.sqlite:
            self._builder = self._new_engine()
            self._shared = Scratch(self._cut)
            self._build(progress)
            self._fresh = False
            with self._builder.connect() as connection:
                for name in ("past", "found"):
                    _share(connection.connection.driver_connection, name)
        with self._turn.taken(), self._connected(self._seeing(), progress):
            pass
        progress.update(1, 1)

    @property
    def _history(self) -> str:
        return "main.change" if self.sqlite else f"public.{'change_seen' if self.locked else 'change'}"

    def _new_engine(self) -> sa.Engine:
        if getattr(self, "present", None) is None:
            return super()._new_engine()
        if not self.sqlite:
            engine = super()._new_engine()
            event.listen(engine, "connect", _make_room)
            return engine
        assert self.path is not None
        engine = sqlite_engine(self.path, self.present.immutable)
        event.listen(engine, "connect", self._attach)
        return engine

    def _attach(self, connection: Any, _record: object) -> None:
        """Add the scratch files to a connection."""
        assert self._folder is not None
        connection.execute("PRAGMA temp_store=FILE")  # joins put a view of two parts together, which may be large
        for name in ("past", "found"):
            connection.execute(f"ATTACH DATABASE ? AS {name}", (str(self._folder / f"{name}.db"),))
            connection.execute(f"PRAGMA {name}.synchronous=OFF")
            if self._fresh:  # nothing to be kept from anybody: what fails is thrown away
                connection.execute(f"PRAGMA {name}.cache_size=-{_CACHE_KIB}")
                connection.execute(f"PRAGMA {name}.journal_mode=OFF")
            else:
                _share(connection, name)

    # ---------------------------------------------------------------- reading

    @property
    def access(self) -> Access:
        """What who signed in may do here. What they see is what they may see in the office, whatever they may do here."""
        return self._access

    @access.setter
    def access(self, access: Access) -> None:
        if access != self._access:
            self._access = access
            self.forget()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read the past with, in one transaction; the clock stands at the moment meanwhile."""
        self._refuse_closed()
        self.refuse_silence()
        access = self._access
        with (
            clock.standing_at(self.moment),
            translated_errors(self),
            self._turn.taken(),
            self._connected(self._seeing()) as connection,
        ):
            yield connection.execution_options(crm_access=access)

    @contextmanager
    def read_all(self) -> Iterator[sa.Connection]:
        """As :meth:`read`, with everything: for the program's own work."""
        self._refuse_closed()
        self.refuse_silence()
        with (
            clock.standing_at(self.moment),
            translated_errors(self),
            self._turn.taken(),
            self._connected(self.engine) as connection,
        ):
            yield connection

    def _seeing(self) -> sa.Engine:
        """The engine of who signed in."""
        access = EVERYTHING if self._sees.everything else self._sees
        with self._building:
            engine = next((one for seen, one in self._engines if seen == access), None)
            if engine is None:
                engine = self._new_engine()
                event.listen(engine, "before_cursor_execute", self._before)
                self._engines.append((access, engine))
            engine.dialect.crm_access = access  # type: ignore[attr-defined]
            hidden = self._hidden() or hidden_from(self.schema, self._sees)
            known = search_asked.asked_by(self.schema, hidden, self.sqlite, self.locked)
            if not self.locked and access.everything:
                known = {}
            texts = search.asked(self.schema, self._cut, known, all_seen=access.everything)
            set_sight(engine, Sight(hidden, {}, texts, locked=True) if self.locked else Sight(texts=texts))
        return engine

    def _before(self, connection: sa.Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Make the scratch index before the first statement that searches."""
        if search.MARK not in statement or connection.info.get(_INDEXING):
            return
        if self.sqlite:
            self._index_shared()
        else:
            while self._index(connection, connection.info[_SCRATCH]):
                pass

    def complete(self) -> None:
        """Make what reading can begin without: further indexes of large tables, and the scratch index for searches.

        It is made step by step beside who reads; whoever searches before it is there makes the rest of it.
        """
        more = True
        while more and not self._closed.wait(_GIVE_WAY_S):
            self.refuse_silence()
            with translated_errors(self):
                more = self._complete_file() if self.sqlite else self._complete_connection()

    def _complete_file(self) -> bool:
        """The next step; False where there is none."""
        assert self._builder is not None
        with self._building:
            scratch = self._shared_now()
            if scratch.later:
                with self._builder.connect() as connection:
                    connection.exec_driver_sql(scratch.later[0])
                    connection.commit()
                del scratch.later[0]
                return True
        self._index_shared()
        return False

    def _complete_connection(self) -> bool:
        """The next step, for the connection that who signed in reads with; False where there is none."""
        engine = self._seeing()
        with self._turn.taken():
            with self._connected(engine) as connection:
                scratch: Scratch = connection.info[_SCRATCH]
                if not scratch.later:
                    return self._index(connection, scratch)
                for statement in scratch.later:
                    connection.exec_driver_sql(statement)
                scratch.later.clear()
                connection.info[_DIRTY] = True
            # so that an index alone tells what is in it, and to know what is in the tables
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in sorted(scratch.partly) if connection.info.get(_SCRATCH) is scratch else ():
                    connection.exec_driver_sql(f'VACUUM (ANALYZE) "{was(name)}"')
        return True

    def _index_shared(self) -> None:
        with self._searching:
            more = True
            while more and not self._closed.is_set():
                with self._connected(self.engine) as other:
                    more = self._index(other, self._shared_now())
                    other.commit()

    def _index(self, connection: sa.Connection, scratch: Scratch) -> bool:
        """The next step of making the scratch index; False where it is complete. What it did is to be committed."""
        texts = scratch.texts
        if texts.searched == scratch.grown:
            return False
        connection.info[_INDEXING] = connection.info[_DIRTY] = True
        try:
            if not texts.made:
                search.prepare(connection, self.sqlite)
                texts.made = True
            elif texts.collected != scratch.grown:
                search.collect(connection, self.schema, scratch)
                texts.collected = scratch.grown
            elif not search.write_portion(connection, self.schema, scratch):
                texts.searched = texts.collected
        finally:
            del connection.info[_INDEXING]
        return texts.searched != scratch.grown

    @contextmanager
    def _connected(self, engine: sa.Engine, progress: Progress | None = None) -> Iterator[sa.Connection]:
        access: Access = getattr(engine.dialect, "crm_access", EVERYTHING)
        held: dict[Any, sa.Connection] = self._held.__dict__
        if engine in held:  # a reading inside another: another connection would have to work everything out again
            yield held[engine]
            return
        with engine.connect() as connection:
            if not self.sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with self._on_server(connection, access, progress):
                    held[engine] = connection
                    try:
                        yield connection
                    finally:
                        del held[engine]
                return
            while not self._ready(connection, access):
                pass
            yield connection

    def _ready(self, connection: sa.Connection, access: Access) -> bool:
        """Whether what a connection sees of the present was looked at; else that is done, and it must look again."""
        if self._shared_now().misses(seen_now(connection, self._cut)):
            connection.rollback()
            self._build(Progress())
            return False
        if self._show(connection, self._shared_now(), access):
            connection.commit()  # the views stay
            return False
        return True

    def _shared_now(self) -> Scratch:
        assert self._shared is not None
        return self._shared

    def _build(self, progress: Progress) -> None:
        """Take over what was touched since the last time; on SQLite, for all connections at once."""
        assert self._builder is not None
        with self._building, self._builder.connect() as connection:
            now, scratch = seen_now(connection, self._cut), self._shared_now()
            if not scratch.misses(now):
                return
            following = scratch.copy()
            try:
                with stopped_by(progress, connection):
                    self._work_out(connection, following, now, progress)
                connection.commit()
            except BaseException:
                connection.invalidate()  # its views go with the transaction
                raise
            self._shared = following

    def _work_out(self, connection: sa.Connection, scratch: Scratch, now: Seen, progress: Progress) -> bool:
        """Take over what was touched, and what follows from it. Returns whether there was something."""
        builder = Builder(connection, self.schema, scratch, lambda: self._show(connection, scratch, EVERYTHING))
        if not scratch.made:
            builder.prepare()
        if not builder.catch_up(now, lambda done, total: progress.update(done, total)):
            return False
        builder.keep_undone(undone_then(connection, self._cut))
        builder.show()
        keeper = Keeper(builder)
        for keep in self.schema.pasts:
            keep(keeper)
        keeper.end()
        return True

    @contextmanager
    def _on_server(self, connection: sa.Connection, access: Access, progress: Progress | None) -> Iterator[None]:
        """The scratch tables of a server belong to the connection, and are kept with the transaction that reads."""
        info = connection.info
        scratch: Scratch = info.setdefault(
            _SCRATCH, Scratch(self._cut, self._hidden(), partial=self.locked and not self._sees.everything)
        )
        info[_DIRTY] = False
        try:
            now = seen_now(connection, self._cut)
            if scratch.misses(now):
                info[_DIRTY] = not scratch.made
                with stopped_by(progress, connection) if progress is not None else nullcontext():
                    info[_DIRTY] |= self._work_out(connection, scratch, now, progress or Progress())
            info[_DIRTY] |= self._show(connection, scratch, access)
            yield
            if info[_DIRTY]:
                connection.commit()
        except BaseException:
            if info[_DIRTY]:  # what was worked out goes with the transaction: make another connection instead
                with suppress(Exception):
                    connection.invalidate()
            raise

    def _hidden(self) -> dict[str, frozenset[str]]:
        if not self.locked:
            return {}
        found = hidden_from(self.schema, self._sees)
        # of types with sensitive own fields, what own fields held is not told at all
        for table in own_hidden(self.schema, self._sees, self.present.sensitive_own()):
            found[table] = found.get(table, frozenset()) | {"custom"}
        return found

    def _show(self, connection: sa.Connection, scratch: Scratch, access: Access) -> bool:
        """Give a connection the views of this state, where it has those of another. Returns whether it had."""
        state = frozenset(scratch.tables), access
        had: dict[str, Any] = connection.info.setdefault(_VIEWS, {})
        if had.get("state") == state:
            return False
        orders = Orders(connection)
        for name in reversed(had.get("names", ())):
            orders.give(f'DROP VIEW "{name}"')
        names = []
        own = {} if access.everything else self.present.sensitive_own()
        for statement in statements(self.schema, scratch, access, connection.dialect, own):
            orders.give(statement)
            names.append(statement.split('"')[1])
        orders.send()
        had.update(state=state, names=names)
        return True

    # ---------------------------------------------------------------- the rest

    def watch(self) -> None:
        """Nothing that colleagues write changes the past: there is nobody to watch."""

    def close(self) -> None:
        """Close every connection and forget what was worked out."""
        self._closed.set()
        self.end_reading()
        for engine in (*(engine for _access, engine in self._engines), self._builder):
            if engine is not None:
                let_go(engine)
        self._eyes.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _make_room(connection: Any, _record: object) -> None:
    """Let a server use memory for the scratch tables of a connection, and not think longer than it reads."""
    with connection.cursor() as cursor:
        for statement in _ON_SERVER:
            cursor.execute(statement)
    connection.commit()


def _share(connection: Any, name: str) -> None:
    """Let those who read a scratch file and who adds to it not wait for each other."""
    connection.execute(f"PRAGMA {name}.journal_mode=WAL")
    connection.execute(f"PRAGMA {name}.cache_size=-{_SHARED_KIB}")


class _Turns:
    """How many threads may read at a time; a thread that reads already goes on.

    On a server every connection works the past out for itself, so that it is cheaper to wait for one than to make another.
    """

    def __init__(self, count: int | None) -> None:
        self._free = threading.BoundedSemaphore(count) if count is not None else None
        self._mine = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One's turn, as long as the block lasts."""
        depth = getattr(self._mine, "depth", 0)
        with ExitStack() as stack:
            if self._free is not None and depth == 0:
                stack.enter_context(self._free)
            self._mine.depth = depth + 1
            try:
                yield
            finally:
                self._mine.depth = depth
