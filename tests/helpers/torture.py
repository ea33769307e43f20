"""Kills programs in the middle of their work, hundreds of times, and looks whether anything was lost.

    python -m tests.helpers.torture --engine sqlite --kinds save,import --kills 200
    python -m tests.helpers.torture --engine postgresql --how backend --kills 100

A child process works (``torture_work``), is killed at a random moment, and the database is opened again: it must open,
``doctor --full`` must be clean, the data must be exactly that of the last acknowledged commit (or of the one that was
being committed when the kill came), backups that were said to be proven must be proven, and no scratch is left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crm_desktop import app, features
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.sweeping import sweep_partials
from crm_desktop.core import paths
from crm_desktop.core.errors import UserError
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.demo.make import make_demo
from crm_desktop.doctor import check
from tests.helpers import old_offices
from tests.helpers.postgres import SETTINGS, PostgresServer, restart_after_crash, running_server
from tests.helpers.torture_work import KINDS, facts, state_of, told, work_for_ever

ALL = (*KINDS, "migration")
HOWS = {"sqlite": ("client",), "postgresql": ("client", "backend", "server")}
"""Who is killed: the program, the process of the server that works for it, or the whole server."""
_READY_S, _ROUND_S = 60.0, 1.2
_RENEW = 12


@dataclass
class Place:
    """Where one kind of work happens: its database and its folder, renewed now and then."""

    engine: str
    root: Path
    server: PostgresServer | None
    kind: str
    templates: dict[str, str] = field(default_factory=dict)
    target: str = ""
    folder: Path = Path()

    def renew(self, chance: random.Random) -> None:
        """Begin again with a fresh office; for a migration with one of an older program."""
        revision = chance.choice(old_offices.REVISIONS) if self.kind == "migration" else ""
        template = self.templates.get(revision) or self._template(revision)
        self.folder = self.root / uuid.uuid4().hex[:8]
        (self.folder / "tmp").mkdir(parents=True)
        if self.server is None:
            self.target = str(self.folder / "office.crm")
            shutil.copyfile(template, self.target)
            return
        if self.target:
            self.server.drop_database(self.target.rsplit("/", 1)[1])
        name = f"torture_{uuid.uuid4().hex[:8]}"
        self.server.create_database(name, template)
        self.target = self.server.url(name)

    def _template(self, revision: str) -> str:
        name = f"template_{revision or 'now'}_{uuid.uuid4().hex[:6]}"
        target = str(self.root / f"{name}.crm")
        if self.server is not None:
            self.server.create_database(name)
            target = self.server.url(name)
        if revision:
            old_offices.build(target, revision)
        else:
            database = Database(target, features.schema())
            migrate.migrate(database)
            make_demo(database, 40)
            app.enter(database)
            if database.sqlite:
                with contextlib.closing(database.engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()
        self.templates[revision] = target if self.server is None else name
        return self.templates[revision]


def torture(
    engine: str, kind: str, kills: int, seed: int, root: Path, server: PostgresServer | None, how: str = "client",
) -> Counter[str]:  # fmt: skip
    """Kill ``kills`` programs that do one kind of work.

    Returns:
        What happened, counted: "killed", "finished" (faster than the kill), "whole", "absent", "acknowledged".

    Raises:
        AssertionError: something was lost; the database stays where it is, and is named.
    """
    chance = random.Random(seed)
    place = Place(engine, root, server, kind)
    counts: Counter[str] = Counter()
    longest = _ROUND_S
    for number in range(kills):
        if number % _RENEW == 0 or kind == "migration":
            place.renew(chance)
        journal = place.folder / "journal"
        journal.unlink(missing_ok=True)
        before = _before(place)
        try:
            longest = _kill(place, chance, longest, how, counts)
            _examine(place, before, counts)
        except (AssertionError, Exception) as error:
            error.add_note(f"{engine}, {kind}, {how}, kill {number} of seed {seed}: {place.target} {place.folder}")
            raise
    return counts


def _before(place: Place) -> str:
    if place.kind == "migration":
        return old_offices.raw_state(place.target)
    database = Database(place.target, features.schema())
    try:
        return state_of(database)
    finally:
        database.close()


def _kill(place: Place, chance: random.Random, longest: float, how: str, counts: Counter[str]) -> float:
    """Start a child, let it work for a random while, and kill it. Returns how long it worked."""
    child = os.fork()
    if child == 0:
        _be_child(place, chance.randrange(1 << 30), how)
    journal = place.folder / "journal"
    _wait_for(lambda: journal.exists() and journal.stat().st_size > 0, _READY_S)
    _wait_a_while(journal, chance, longest)
    if how == "client":
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    else:
        assert place.server is not None
        _kill_server(place.server, how)
    _pid, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) or how != "client"
    counts["killed" if killed else "finished"] += 1
    if not killed and os.waitstatus_to_exitcode(status):
        raise AssertionError("the child failed by itself: " + (place.folder / "error").read_text()[-1500:])
    lines = told(journal)
    rounds = sum(1 for what, _value in lines if what == "round")
    done = rounds or any(what == "done" for what, _value in lines)
    return max(longest * 0.9, 0.1) if done else min(longest * 1.4, 6.0)


def _wait_a_while(journal: Path, chance: random.Random, longest: float) -> None:
    """Not equally long: most of what can go wrong happens in the first moments and around the commits."""
    begun = _count(journal, b'"begun"')
    if chance.random() < 0.4:
        with contextlib.suppress(AssertionError):  # where it commits nothing meanwhile, it is killed at work
            _wait_for(lambda: _count(journal, b'"begun"') > begun, longest * 2)
        time.sleep(0.012 * chance.random())
    else:
        time.sleep(longest * chance.choice((0.2, 0.7, 1.5)) * chance.random())


def _count(journal: Path, what: bytes) -> int:
    return journal.read_bytes().count(what)


def _be_child(place: Place, seed: int, how: str) -> None:
    """The child's life; it never comes back."""
    try:
        os.environ["CRM_DATA"] = str(place.folder / "data")
        os.environ["TMPDIR"] = str(place.folder / "tmp")
        tempfile.tempdir = None
        with (place.folder / "error").open("w") as errors:
            os.dup2(errors.fileno(), 2)
            os.dup2(errors.fileno(), 1)
        work_for_ever(place.kind, place.target, place.folder, seed)
    except BaseException as error:
        if how != "client" and isinstance(error, UserError):  # the server was killed, and it says so
            os._exit(0)
        import traceback  # lazy: hardly ever

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _kill_server(server: PostgresServer, how: str) -> None:
    """SIGKILL of the server's processes that work for somebody, or of all of it at once."""
    if how == "backend":
        statement = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
            "AND application_name = 'crm-desktop'"
        )
        pids = [int(str(row[0])) for row in server.execute(statement)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _wait_for(lambda: _answers(server), 30)
    else:
        restart_after_crash(server)


def _answers(server: PostgresServer) -> bool:
    try:
        return bool(server.execute("SELECT 1"))
    except Exception:  # it recovers
        return False


def _examine(place: Place, before: str, counts: Counter[str]) -> None:
    lines = told(place.folder / "journal")
    if place.kind == "migration":
        _examine_migration(place, before, counts)
        return
    with _as_next_start(place):
        database = app.open_database(place.target)
        try:
            app.enter(database)
            wrong = [finding.detail for finding in check(database, full=True) if not finding.ok]
            assert not wrong, wrong
            sure, maybe = facts(lines)
            found = state_of(database)
            counts["acknowledged"] += sum(1 for what, _value in lines if what == "done")
            if maybe:
                counts["whole" if found == maybe else "absent"] += 1
            assert found in {sure or before, maybe}, "the data is neither that of the last commit nor of the next"
            for what, value in lines:
                if what == "backup":
                    assert verify_backup(value, database.schema).proven, value
                    counts["backups"] += 1
            counts["swept"] += len(sweep_partials(database, older_than=0))
        finally:
            database.close()
        _examine_leftovers(place)


def _examine_leftovers(place: Place) -> None:
    left = [path.name for path in (place.folder / "tmp").iterdir()]
    left += [path.name for path in paths.journals_folder().iterdir()]
    left += [path.name for path in place.folder.rglob("*.partial")]
    assert not left, f"left behind: {left}"


def _examine_migration(place: Place, before: str, counts: Counter[str]) -> None:
    database = Database(place.target, features.schema())
    try:
        state = migrate.state(database)
    finally:
        database.close()
    counts["whole" if state == "current" else "absent"] += 1
    if state != "current":
        assert state == "older", state
        assert old_offices.raw_state(place.target) == before, "a migration that did not happen changed something"
    with _as_next_start(place):
        database = app.open_database(place.target)
        try:
            app.enter(database)
            old_offices.examine(database)
        finally:
            database.close()
        _examine_leftovers(place)


@contextlib.contextmanager
def _as_next_start(place: Place) -> Iterator[None]:
    """Be the program that is started after the kill, on the same computer."""
    kept = {name: os.environ.get(name) for name in ("CRM_DATA", "TMPDIR")}
    os.environ["CRM_DATA"] = str(place.folder / "data")
    os.environ["TMPDIR"] = str(place.folder / "tmp")
    tempfile.tempdir = None
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        tempfile.tempdir = None


def _wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("the child never began")
        time.sleep(0.002)


def main() -> int:
    """Run from the command line; prints what it counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=list(HOWS), default="sqlite")
    parser.add_argument("--kinds", default=",".join(ALL))
    parser.add_argument("--how", default="client")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the folder where something failed")
    chosen = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="torture-"))
    # a server that is killed must not rely on anything that only reached its memory
    safe = SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    with running_server(safe) if chosen.engine == "postgresql" else contextlib.nullcontext() as server:
        for kind in chosen.kinds.split(","):
            started = time.monotonic()
            try:
                counts = torture(chosen.engine, kind, chosen.kills, chosen.seed, root, server, chosen.how)
            except Exception:
                if not chosen.keep:
                    shutil.rmtree(root, ignore_errors=True)
                raise
            words = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
            print(f"{chosen.engine} {kind} ({chosen.how}): {words}; {time.monotonic() - started:.0f} s", flush=True)
    shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
