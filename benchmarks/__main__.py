"""``python -m benchmarks``: prints each promise beside what was measured and beside its baseline."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from benchmarks import (
    archive,
    as_of,
    backups,
    bulk,
    crowd,
    duplicates,
    exporting,
    files,
    history,
    importing,
    lists,
    live,
    memory,
    own_fields,
    report,
    restoring,
    rights,
    saving,
    searching,
    starting,
    timeline,
)
from benchmarks.data import Store
from benchmarks.measure import Result
from tests.helpers.postgres import SETTINGS, running_server

NAMES = (
    "start",
    "list",
    "search",
    "import",
    "save",
    "backup",
    "archive",
    "memory",
    "timeline",
    "duplicates",
    "bulk",
    "files",
    "fields",
    "export",
    "crowd",
    "rights",
    "live",
    "asof",
    "history",
    "restore",
)
_SERVED = frozenset({
    "search", "save", "timeline", "bulk", "import", "crowd", "rights", "live", "history", "asof", "restore",
})  # fmt: skip
"""Those that need a server."""
SMALL = 100_000
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What the server of the tests leaves out to be fast, and a server in an office has."""


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; 1 where a promise is not kept."""
    given = _parser().parse_args(arguments)
    chosen = [name for name in NAMES if not given.only or name in given.only.split(",")]
    cache = Path(given.cache) if given.cache else Path(tempfile.gettempdir()) / "crm-desktop-benchmarks"
    store = Store(cache, lambda text: print(f"  {text}", file=sys.stderr, flush=True), reuse=given.reuse)
    results: list[Result] = []
    where = report.machine()
    for one in _measured(chosen, store, given.contacts, given.postgres):
        results.append(one)
        print(f"{one.name}: {one.value:,.1f} {one.unit}", file=sys.stderr, flush=True)
    if given.json:
        Path(given.json).write_text(report.as_json(results, where), encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in where.items() if value is not None))
    print("Medians of several runs. On a busy computer look at the ratios and at processor time, not at the clock.\n")
    print(report.as_text(results))
    return 0 if all(one.kept for one in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000, help="size of the large office (1000000)")
    parser.add_argument("--only", default="", metavar="NAME,…", help=f"some of {', '.join(NAMES)}")
    parser.add_argument("--postgres", default="", metavar="URL", help="a server to use; one is started otherwise")
    parser.add_argument("--cache", default="", metavar="FOLDER", help="where databases are kept from run to run")
    parser.add_argument("--reuse", action="store_true", help="take kept databases although the program has changed")
    parser.add_argument("--json", default="", metavar="FILE", help="write everything there too")
    return parser


def _measured(chosen: Sequence[str], store: Store, large: int, server: str) -> Iterator[Result]:
    small, cache = min(large, SMALL), store.folder
    needs_server = _SERVED & set(chosen)
    with _server(server) if needs_server else nullcontext("") as url:
        work: dict[str, Callable[[], Iterator[Result]]] = {
            "start": lambda: iter([starting.measure(store.sqlite(small), small, cache)]),
            "list": lambda: iter(lists.measure(store.sqlite(large), large, cache)),
            "search": lambda: _search(store, large, url),
            "import": lambda: iter(importing.measure(cache, min(large, importing.ROWS), url=url, long=large)),
            "save": lambda: _save(store, small, url),
            "backup": lambda: iter([backups.measure(store.sqlite(small), small)]),
            "archive": lambda: archive.measure(store.sqlite(small), small, cache),
            "timeline": lambda: timeline.measure(cache, store.mark, url, store.say),
            "memory": lambda: iter([memory.measure(store.sqlite(large), large, cache)]),
            "bulk": lambda: _bulk(store, small, url),
            "files": lambda: files.measure(store.sqlite(small), small, cache),
            "fields": lambda: iter(own_fields.measure(store.scratch(large), large)),
            "export": lambda: iter(exporting.measure(store.sqlite(small), small, cache)),
            "crowd": lambda: crowd.measure(store.postgres(small, url), small, cache),
            "rights": lambda: rights.measure(store.postgres(large, url), large, store.say),
            "live": lambda: _live(store, small, url),
            "history": lambda: history.measure(store, small, url),
            "asof": lambda: _as_of(store, small, url),
            "restore": lambda: _restore(store, small, url),
            "duplicates": lambda: duplicates.measure(store.scratch(small), small),
        }
        for name in chosen:
            yield from work[name]()


def _search(store: Store, contacts: int, url: str) -> Iterator[Result]:
    yield searching.measure("search-sqlite", store.sqlite(contacts), contacts)
    yield searching.measure("search-postgres", store.postgres(contacts, url), contacts)


def _save(store: Store, contacts: int, url: str) -> Iterator[Result]:
    yield from saving.measure("save-sqlite", store.scratch(contacts), contacts, store.folder)
    yield from saving.measure("save-postgres", store.postgres(contacts, url), contacts, store.folder)


def _live(store: Store, contacts: int, url: str) -> Iterator[Result]:
    yield from live.measure("live-sqlite", store.scratch(contacts), contacts, store.folder)
    yield from live.measure("live-postgres", store.postgres(contacts, url), contacts, store.folder)


def _as_of(store: Store, contacts: int, url: str) -> Iterator[Result]:
    yield from as_of.measure("asof-sqlite", store.scratch(contacts), contacts, store.say)
    with store.copied(contacts, url, "asof") as copy:
        yield from as_of.measure("asof-postgres", copy, contacts, store.say)


def _restore(store: Store, contacts: int, url: str) -> Iterator[Result]:
    kept = restoring.kept_copy(store.sqlite(contacts), store.folder)
    yield from restoring.measure("restore-sqlite", kept, store.scratch(contacts), contacts)
    yield restoring.measure_over(store.scratch(contacts), contacts)
    with store.copied(contacts, url, "restore") as copy:
        yield from restoring.measure("restore-postgres", kept, copy, contacts)
    with store.empty(url, "restored") as empty:
        yield restoring.measure_new(kept, empty, contacts)


def _bulk(store: Store, contacts: int, url: str) -> Iterator[Result]:
    yield from bulk.measure("bulk-sqlite", store.scratch(contacts))
    yield from bulk.measure("bulk-postgres", store.postgres(contacts, url))


@contextmanager
def _server(url: str) -> Iterator[str]:
    """A server that writes to the disk as one in an office does."""
    if url:
        yield url
        return
    with running_server(SETTINGS | {"max_connections": "300", "shared_buffers": "256MB"}) as server:
        for name in _DURABLE:
            server.execute(f"ALTER SYSTEM SET {name} = on")
        server.execute("SELECT pg_reload_conf()")
        yield server.url()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
