"""The search for duplicates: how right it is over files of known truth, and how long it takes over an office."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import truths
from benchmarks.measure import Result, lap
from crm_desktop import features
from crm_desktop.db.database import Database
from crm_desktop.dedupe.engine import find_pairs
from crm_desktop.dedupe.rules import SCAN, default_rule
from crm_desktop.dedupe.scan import scan
from crm_desktop.dedupe.sources import Source

PEOPLE, BUSINESSES = 98.0, 90.0
"""The promised F1 in per cent. The rules are the same for every file."""
SCAN_SECONDS = 60.0


def truth_folder() -> Path | None:
    """Where the files of known truth are: dedupe/open in the folder that CRM_REAL_DATA names."""
    root = os.environ.get("CRM_REAL_DATA")
    folder = Path(root) / "dedupe" / "open" if root else None
    return folder if folder and folder.is_dir() else None


def quality(folder: Path) -> Iterator[Result]:
    """Pairwise precision, recall and F1 of the default rule on each file."""
    for truth in truths.known_truths(folder):
        with lap() as timed:
            pairs = truths.search(truth)
        look, same = (truths.judge(truth, pairs, least) for least in (70, 90))
        plain = truths.same_text(truth)
        yield Result(
            f"duplicates-{truth.name}", f"duplicates found in {truth.name}, F1", look.f1 * 100, "%",
            PEOPLE if truth.entity == "contact" else BUSINESSES, plain.f1 * 100, "records whose texts are all the same",
            at_least=True, base_unit="%",
            details={
                "score 70 and more": f"precision {look.precision:.4f}, recall {look.recall:.4f}, F1 {look.f1:.4f}",
                "score 90 and more": f"precision {same.precision:.4f}, recall {same.recall:.4f}, F1 {same.f1:.4f}",
                "records": len(truth.records), "true pairs": look.true, "found pairs": look.found,
                "seconds": round(timed.wall, 1),
            },
        )  # fmt: skip


def speed(path: Path, contacts: int) -> Result:
    """A search over all people of an office."""
    database = Database(path, features.schema())
    try:
        rule = default_rule("contact", SCAN)
        with database.read() as connection, lap() as reading:
            for _ids, _records in Source(database, connection, rule).chunks():
                pass
        with lap() as timed:
            done = scan(database, "contact")
        with lap() as companies:
            others = scan(database, "company")
    finally:
        database.close()
    limit = SCAN_SECONDS * max(contacts / 100_000, 1.0)
    return Result(
        "duplicates-scan", f"duplicates searched among {contacts:,} contacts", timed.wall, "s", limit, reading.wall,
        "reading the same fields", cpu=timed.cpu,
        details={
            "pairs": done.pairs, "of them the same": done.same,
            f"{others.records:,} companies": f"{companies.wall:.1f} s, {others.pairs} pairs",
        },
    )  # fmt: skip


def warm_up() -> None:
    """Load what the first search loads."""
    find_pairs([{"name": "Ana Lima"}, {"name": "Anna Lima"}], default_rule("contact", SCAN))


def measure(path: Path, contacts: int) -> Iterator[Result]:
    """Quality where the files are at hand, then speed."""
    warm_up()
    folder = truth_folder()
    if folder is not None:
        yield from quality(folder)
    yield speed(path, contacts)
