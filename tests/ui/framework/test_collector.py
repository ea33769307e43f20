"""Old objects are collected when nobody is at work."""

from __future__ import annotations

import gc

import pytest

from ui.framework.collector import Collector


@pytest.fixture
def asked(qapp, monkeypatch: pytest.MonkeyPatch):
    """A collector whose turns are given by hand, the objects made since the last one, and what it collected."""
    made = Collector()
    made.stop()
    new, collected = [0], []
    monkeypatch.setattr(gc, "get_count", lambda: (new[0], 0, 0))
    monkeypatch.setattr(gc, "collect", lambda generation=2: collected.append(generation))
    return made, new, collected


def turns(collector: Collector, count: int) -> None:
    for _ in range(count):
        collector.collect()


def test_work_makes_young_objects_go_only(asked) -> None:
    collector, new, collected = asked
    new[0] = 5000
    turns(collector, 500)
    assert collected == [1] * 500
    new[0] = 10
    turns(collector, 19)
    assert len(collected) == 500
    turns(collector, 100)
    assert collected[500:] == [2]


def test_somebody_who_never_rests_has_old_objects_collected_in_the_end(asked) -> None:
    collector, new, collected = asked
    new[0] = 5000
    turns(collector, 1400)
    assert collected.count(2) == 1


def test_little_work_needs_no_collection(asked) -> None:
    collector, new, collected = asked
    new[0] = 300
    turns(collector, 100)
    assert collected == []
