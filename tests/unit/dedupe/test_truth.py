"""Files whose duplicates are known: floors of quality, the same rules for all. Skipped where the files are not at hand."""

from __future__ import annotations

import pytest

from benchmarks import truths
from benchmarks.duplicates import truth_folder

FOLDER = truth_folder()
FLOORS = {"contact": 0.975, "company": 0.90}


@pytest.mark.skipif(FOLDER is None, reason="CRM_REAL_DATA names no folder with files of known duplicates")
def test_known_duplicates_are_found() -> None:
    assert FOLDER is not None
    weak = {}
    for truth in truths.known_truths(FOLDER):
        pairs = truths.search(truth)
        look, same = truths.judge(truth, pairs, 70), truths.judge(truth, pairs, 90)
        if look.f1 < FLOORS[truth.entity] or same.precision < 0.9:
            weak[truth.name] = (look, same)
    assert weak == {}
