"""The whole archive of an office, made and proven, read again, restored, beside a plain table of the same records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import processes
from benchmarks.measure import Result

MAKE_S, READ_S, RESTORE_S = 300.0, 60.0, 30.0
"""Seconds of processor time that are promised for 100,000 contacts; others in proportion."""
MOST_MB = 200.0
"""More memory than before, whatever the size of the office."""
_TIMEOUT = 4 * 3600


def measure(path: Path, contacts: int, cache: Path) -> Iterator[Result]:
    """Each work in a process of its own."""
    share = contacts / 100_000
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        given = {"database": str(path), "archive": str(Path(folder) / "all.zip"), "folder": folder}
        run = partial(processes.run, "child_archive", cache=cache, timeout=_TIMEOUT)
        made = run(arguments=given | {"work": "make"})
        plain = run(arguments=given | {"work": "export"})
        base = "the same records as CSV in a zip"
        yield Result(
            "archive", f"whole archive of {contacts:,} contacts, read again and proven", made["cpu"], "s", MAKE_S * share,
            plain["cpu"], base, cpu=made["cpu"],
            details={
                "wall s": round(made["wall"], 1), "records": made["records"], "pages": made["pages"],
                "members": made["members"], "zip MB": round(made["size"] / 1e6), "file MB": round(path.stat().st_size / 1e6),
                "problems": made["problems"],
            },
        )  # fmt: skip
        read = run(arguments=given | {"work": "check"})
        yield Result(
            "archive-read", f"every file of it compared with its hash ({made['members']:,})", read["cpu"], "s",
            READ_S * share, plain["cpu"], base, cpu=read["cpu"], details={"wall s": round(read["wall"], 1)},
        )  # fmt: skip
        restored = run(arguments=given | {"work": "restore"})
        yield Result(
            "archive-restore", "the office restored from it to a new file", restored["cpu"], "s", RESTORE_S * share,
            plain["cpu"], base, cpu=restored["cpu"], details={"wall s": round(restored["wall"], 1)},
        )  # fmt: skip
        for name, what, found in (
            ("make", "making it", made),
            ("read", "reading it", read),
            ("restore", "restoring", restored),
        ):
            yield Result(
                f"archive-memory-{name}", f"more memory that {what} takes", found["more"], "MB", MOST_MB,
                plain["more"], base,
            )  # fmt: skip
