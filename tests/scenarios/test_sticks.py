"""A stick that is pulled out while a backup, an archive or a restore is written to it, at every step that there is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.archive.making import make_archive
from crm_desktop.backup import running, runs
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.restoring import restore_backup
from crm_desktop.backup.schedule import Plan
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.demo.make import make_demo
from crm_desktop.records import service
from tests.helpers.thorough import some
from tests.helpers.torture_work import state_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move a folder with an open file")
ANA = Actor(None, "Ana")
Work = Callable[[Progress], object]


@pytest.fixture
def office(sqlite_database: Database) -> Database:
    make_demo(sqlite_database, 20)
    return sqlite_database


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def steps_of(work: Work) -> int:
    """How often this work says how far it is."""
    told: list[object] = []
    work(Progress(told.append, interval=0))
    return len(told)


def pull_out(stick: Path, step: int) -> Progress:
    """A progress at whose step the stick is not there any more."""
    told: list[object] = []

    def report(state: object) -> None:
        told.append(state)
        if len(told) == step:
            stick.rename(stick.with_name("pulled"))

    return Progress(report, interval=0)


def plug_in(stick: Path) -> None:
    stick.with_name("pulled").rename(stick)


def chosen(steps: int) -> list[int]:
    return some(list(range(2, steps)), max(1, steps // 2))


def test_a_backup_of_the_plan_says_so_leaves_nothing_and_works_when_it_is_back(office: Database, stick: Path) -> None:
    plan, before = Plan(places=(str(stick),)), state_of(office)
    work: Work = lambda progress: running.run_backup(office, plan, user_name="Ana", progress=progress)  # noqa: E731
    for step in chosen(steps_of(work)):
        there = set(stick.iterdir())
        try:
            work(pull_out(stick, step))
        except UserError as error:
            assert "removed" in str(error) or "not there" in str(error) or "proven" in str(error), (step, str(error))
            with office.read() as connection:
                assert runs.recent(connection, 1)[0].state == "failed"
        assert not stick.exists(), f"{step}: an empty folder took the place of the stick"
        plug_in(stick)
        for one in set(stick.iterdir()) - there:
            assert one.suffix in (".partial", ".unproven") or verify_backup(one, office.schema).proven, (step, one.name)
    assert state_of(office) == before
    made = running.run_backup(office, plan, user_name="Ana")
    assert made is not None and made.info.proven


def test_an_archive_and_a_restore_to_it_say_so(office: Database, stick: Path, tmp_path: Path) -> None:
    kept = make_backup(office, tmp_path / "kept").path
    number = iter(range(1000))
    works: list[Work] = [
        lambda progress: make_archive(office, stick / "whole.zip", progress=progress),
        lambda progress: restore_backup(kept, stick / f"{next(number)}.crm", office.schema, progress=progress),
    ]
    for work in works:
        for step in chosen(steps_of(work)):
            with pytest.raises(UserError, match=r"removed|not there|could not be"):
                work(pull_out(stick, step))
                if not stick.exists():  # at its last step it was finished
                    raise UserError("it was not there any more")
            assert not stick.exists()
            plug_in(stick)
    with write(office, "After", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "After"})
