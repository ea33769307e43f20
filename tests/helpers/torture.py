"""Kills programs in the middle of their work, hundreds of times, and looks whether anything was lost.

    python -m tests.helpers.torture --engine sqlite --kinds save,import --kills 200 --log kills.jsonl
    python -m tests.helpers.torture --engine postgresql --how backend --kills 100

A child process works (``torture_work``, ``torture_jobs``, ``torture_crowd``), is killed at a moment chosen over all that it does
(``torture_moment``), and the database is opened again (``torture_exam``): it must open, ``doctor --full`` must be clean,
the data must be exactly that of the last acknowledged commit (or of the one that was being committed when the kill
came), copies that were said to be proven must be proven, and no scratch is left. Only kills that hit the work count.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import psutil
import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from crm_desktop.core import scratch
from crm_desktop.core.errors import UserError
from tests.helpers.postgres import SETTINGS, PostgresServer, restart_after_crash, running_server
from tests.helpers.torture_exam import examine
from tests.helpers.torture_jobs import FILE_ONLY, ONCE, ROUNDS, SERVER_ONLY, work_on
from tests.helpers.torture_moment import LANDED, MISSED, Deaf, Measure, Moment, Watch, choose
from tests.helpers.torture_place import Place
from tests.helpers.torture_work import KINDS, Journal

ALL = (*KINDS, *ROUNDS, *ONCE)
HOWS = {"sqlite": ("client",), "postgresql": ("client", "backend", "server")}
"""Who is killed: the program, the process of the server that works for it, or the whole server."""
_PATIENCE_S = 120.0


def torture(
    engine: str, kind: str, kills: int, seed: int, root: Path, server: PostgresServer | None, how: str = "client",
    log: TextIO | None = None,
) -> Counter[str]:  # fmt: skip
    """Kill programs that do one kind of work until ``kills`` of the kills hit the work.

    Returns:
        What happened, counted: "landed", of them "at work", "in a transaction" and "in a commit"; "too early",
        "between rounds", "finished" (faster than the kill); "whole", "absent", "acknowledged".

    Raises:
        AssertionError: something was lost; the database stays where it is, and is named.
    """
    chance = random.Random(f"{seed} {engine} {kind} {how}")
    place = Place(engine, root, server, kind)
    counts: Counter[str] = Counter()
    measure = None
    number = 0
    while counts["landed"] < kills and number < kills * 2 + 10:
        if measure is None:
            place.prepare(chance)
            _rehearse(place, chance)
            place.forget()
            place.prepare(chance)
            measure = _measure(place, chance)
            place.forget()
        place.prepare(chance)
        moment = choose(chance, measure, 1 if kind in ONCE else 2)
        number += 1
        try:
            hit = _kill(place, chance, moment, how)
            counts[hit] += 1
            counts["landed"] += hit in LANDED.values()
            if log is not None:
                log.write(json.dumps([engine, kind, how, seed, number, vars(moment), hit]) + "\n")
                log.flush()
            examine(place, counts)
        except (AssertionError, Exception) as error:
            error.add_note(
                f"{engine}, {kind}, {how}, kill {number} of seed {seed}, {moment}: {place.target} {place.folder}"
            )
            raise
    place.close()
    return counts


def _rehearse(place: Place, chance: random.Random) -> None:
    """A round in this process: its children know the modules and statements then, and spend their time on the work."""
    with place.as_next_start():
        _work(place, Journal(place.folder / "journal"), Deaf(), chance.randrange(1 << 30))


def _work(place: Place, journal: Journal, watch: Watch, seed: int) -> None:
    if place.kind in ONCE:
        ONCE[place.kind](place, journal, watch, seed)
    else:
        work_on(place, journal, watch, seed)


def _share_statements() -> None:
    """Let all engines of a kind share what is compiled: each of hundreds of children would compile it anew.

    Where a server enforces rights, statements are compiled for who is signed in: there, nothing is shared.
    """
    shared: dict[type, LRUCache[Any, Any]] = {}
    begin = sa.engine.Engine.__init__

    def begin_sharing(engine: sa.Engine, *arguments: Any, **options: Any) -> None:
        begin(engine, *arguments, **options)
        kind: Any = type(engine.dialect)
        kind.__eq__, kind.__hash__ = lambda one, two: type(one) is type(two), lambda one: hash(type(one))
        engine._compiled_cache = shared.setdefault(kind, LRUCache(5000))

    sa.engine.Engine.__init__ = begin_sharing  # type: ignore[assignment, method-assign]


def _measure(place: Place, chance: random.Random) -> Measure:
    """Let one round pass that nobody disturbs."""
    watch = Watch()
    child = _start(place, chance, watch, None, "client")
    _pid, status = os.waitpid(child, 0)
    measure = watch.measured()
    watch.close()
    if os.waitstatus_to_exitcode(status):
        raise AssertionError("the child failed by itself: " + (place.folder / "error").read_text()[-3000:])
    return measure


def _kill(place: Place, chance: random.Random, moment: Moment, how: str) -> str:
    """Start a child, kill it (or the server) at the moment, and tell where that hit."""
    watch = Watch()
    child = _start(place, chance, watch, moment, how)
    state = 0
    if how != "client":
        assert place.server is not None
        gone = _wait_for(lambda: watch.seen()[1] or _is_over(child))
        assert gone, "the moment never came"
        state = watch.seen()[0]
        _kill_server(place.server, how)
        if not _wait_for(lambda: _is_over(child), 60):
            os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    finished = not os.WIFSIGNALED(status) and (how == "client" or not watch.seen()[1])
    state = state or watch.seen()[0]
    watch.close()
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status):
        raise AssertionError("the child failed by itself: " + (place.folder / "error").read_text()[-3000:])
    return "finished" if finished else {**LANDED, **MISSED}[state]


def _is_over(child: int) -> bool:
    """Whether a child has ended; it is not reaped."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _start(place: Place, chance: random.Random, watch: Watch, moment: Moment | None, how: str) -> int:
    seed = chance.randrange(1 << 30)
    watch.moment, watch.itself = moment, how == "client"
    child = os.fork()
    if child == 0:
        _be_child(place, seed, how, watch)
    return child


def _be_child(place: Place, seed: int, how: str, watch: Watch) -> None:
    """The child's life; it never comes back."""
    try:
        os.environ["CRM_DATA"] = str(place.folder / "data")
        os.environ["TMPDIR"] = str(place.folder / "tmp")
        tempfile.tempdir = None
        with (place.folder / "error").open("w") as errors:
            os.dup2(errors.fileno(), 2)
            os.dup2(errors.fileno(), 1)
        scratch.use_own_folder()
        journal = Journal(place.folder / "journal")
        _work(place, journal, watch, seed)
        scratch.give_back()
    except BaseException as error:
        if (
            how != "client" and watch.seen()[1] and isinstance(error, UserError)
        ):  # the server was killed, and it says so
            os._exit(0)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _kill_server(server: PostgresServer, how: str) -> None:
    """SIGKILL of the server's processes that work for somebody, or its end at once as in a power cut.

    They are found without asking the server: that would take longer than a commit.
    """
    first = psutil.Process(server.process_id())
    if how == "server":
        first.send_signal(signal.SIGQUIT)
        first.wait(30)
        restart_after_crash(server)
        return
    working = [
        one for one in first.children() if any("[local]" in word or "127.0.0.1" in word for word in one.cmdline())
    ]
    for one in working:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    assert _wait_for(lambda: _answers(server), 30), "the server did not come back"


def _answers(server: PostgresServer) -> bool:
    try:
        return bool(server.execute("SELECT 1"))
    except Exception:  # it recovers
        return False


def _wait_for(condition: Callable[[], bool], seconds: float = _PATIENCE_S) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


def main() -> int:
    """Run from the command line; prints what it counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=list(HOWS), default="sqlite")
    parser.add_argument("--kinds", default=",".join(ALL))
    parser.add_argument("--how", default="client")
    parser.add_argument("--kills", type=int, default=25, help="kills that hit the work, of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", help="a file that gets a line for each kill")
    parser.add_argument("--keep", action="store_true", help="leave the folder where something failed")
    chosen = parser.parse_args()
    never = SERVER_ONLY if chosen.engine == "sqlite" else FILE_ONLY
    kinds = [one for one in chosen.kinds.split(",") if one not in never]
    root = Path(tempfile.mkdtemp(prefix="torture-"))
    if "rights" not in kinds:
        _share_statements()
    # a server that is killed must not rely on anything that only reached its memory
    safe = SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    if chosen.how != "client":  # a commit is on its way for long enough to be hit
        safe |= {"commit_delay": "5000", "commit_siblings": "0"}
    with (
        Path(chosen.log or os.devnull).open("a") as lines,
        running_server(safe) if chosen.engine == "postgresql" else contextlib.nullcontext() as server,
    ):
        for kind in kinds:
            started = time.monotonic()
            try:
                counts = torture(chosen.engine, kind, chosen.kills, chosen.seed, root, server, chosen.how, lines)
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
