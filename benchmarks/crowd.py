"""Fifty people at once on one server, on the same two hundred records, beside one person alone on the same server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmarks import processes
from benchmarks.measure import Result, median, percentile
from benchmarks.searching import typed_prefixes
from crm_desktop import features
from crm_desktop.db.database import Database
from tests.helpers.crowd import Account, Stage, faults_of

CLIENTS, PROCESSES = 50, 10
SECONDS = 180
PAUSE = (2.0, 5.0)
"""People look, think and type between two actions."""
RECORDS, DEALS = 200, 60
SAVE_MS, SEARCH_MS = 60.0, 100.0
_ALONE_S = 45
_READY_S = 25
"""So long before the first action the processes start, so that nobody's imports are in the way."""


def measure(
    target: str, contacts: int, cache: Path, *, clients: int = CLIENTS, seconds: int = SECONDS
) -> Iterator[Result]:
    """Let everybody work on a database that may be written to, then look whether anything was lost.

    Raises:
        RuntimeError: a confirmed save is not in the history, was overwritten unseen, or somebody was shown an error.
    """
    database = Database(target, features.schema())
    stage = _stage(database)
    alone = _work(target, stage, 1, _ALONE_S, (0.3, 0.8), cache)
    crowd = _work(target, stage, clients, seconds, PAUSE, cache)
    faults = faults_of(database, alone) + faults_of(database, crowd)
    database.close()
    if faults:
        raise RuntimeError("\n".join([f"{len(faults)} faults:", *faults[:20]]))
    load = f"{clients} people for {seconds} s, each about one action in {sum(PAUSE) / 2:.1f} s, on one computer with the server"
    for kind, limit, what in (("save", SAVE_MS, "a field, note or stage saved"), ("search", SEARCH_MS, "a search")):
        taken, base = _ms(crowd, kind), _ms(alone, kind)
        yield Result(
            f"crowd-{kind}", f"{what}, p95 of {clients} people at once, PostgreSQL, {contacts:,} contacts",
            percentile(taken, 0.95), "ms", limit, percentile(base, 0.95), "p95 of one person alone on the same server",
            details={
                "load": load,
                "median ms": round(median(taken), 1), "longest ms": round(max(taken), 1), "measured": len(taken),
                "median alone ms": round(median(base), 1),
                "saves confirmed, found in the history, none overwritten unseen": len(crowd.saved),
                "conflicts that were asked about": crowd.conflicts, "errors shown": len(crowd.errors),
                "p95 of a list ms": round(percentile(_ms(crowd, "list"), 0.95), 1),
            },
        )  # fmt: skip


def _ms(account: Account, kind: str) -> list[float]:
    return [one * 1000 for one in account.seconds[kind]]


def _stage(database: Database) -> Stage:
    rng = Random(11)
    with database.read() as connection:
        contacts = list(connection.execute(sa.text("SELECT id FROM contact ORDER BY id LIMIT 5000")).scalars())
        deals = list(
            connection.execute(sa.text("SELECT id FROM deal WHERE status = 'open' ORDER BY id LIMIT 60")).scalars()
        )
        pipeline = sa.text("SELECT pipeline_id FROM deal WHERE id = :id")
        stages = connection.execute(
            sa.text("SELECT id FROM stage WHERE outcome = 'open' AND pipeline_id = :id"),
            {"id": connection.execute(pipeline, {"id": deals[0]}).scalar()},
        )
        columns = list(stages.scalars())
    return Stage(rng.sample(contacts, RECORDS), deals[:DEALS], columns, typed_prefixes(database, 100))


def _work(target: str, stage: Stage, clients: int, seconds: int, pause: tuple[float, float], cache: Path) -> Account:
    groups = min(PROCESSES, clients)
    begin = time.time() + (_READY_S if clients > 1 else 4)
    given = {
        "target": target, "pause": pause, "begin": begin, "until": begin + seconds,
        "stage": {"contacts": stage.contacts, "deals": stage.deals, "stages": stage.stages, "words": stage.words},
    }  # fmt: skip

    def run(number: int) -> Account:
        names = [f"Person {one} of {clients}" for one in range(number, clients, groups)]
        return Account.from_json(processes.run("child_crowd", given | {"names": names}, cache)["account"])

    whole = Account()
    with ThreadPoolExecutor(groups) as pool:
        for account in pool.map(run, range(groups)):
            whole.add(account)
    return whole
