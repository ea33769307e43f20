"""Background work: what is delivered, where, in which order, and what never is."""

from __future__ import annotations

import threading
import time

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import OfficeClosed, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from ui.framework import dialogs, tasks


def test_a_result_comes_back_on_the_thread_of_the_window(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    seen: dict[str, object] = {}

    def work() -> int:
        seen["worker"] = threading.current_thread()
        return 42

    def done(result: int) -> None:
        seen["result"], seen["window"] = result, threading.current_thread()

    tasks.run_read(owner, work, done)
    assert tasks.wait_idle(5)
    assert seen["result"] == 42
    assert seen["window"] is threading.main_thread()
    assert seen["worker"] is not threading.main_thread()


def test_a_newer_search_drops_the_older_result(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    shown: list[str] = []
    gate = threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "old"

    tasks.run_read(owner, slow, shown.append, supersede="search")
    tasks.run_read(owner, lambda: "new", shown.append, supersede="search")
    tasks.run_read(owner, lambda: "other", shown.append, supersede="count")
    gate.set()
    assert tasks.wait_idle(5)
    assert sorted(shown) == ["new", "other"]


def test_an_older_failure_of_a_dropped_search_is_not_shown(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    gate = threading.Event()

    def fail() -> None:
        gate.wait(5)
        raise UserError(N_("too late"))

    tasks.run_read(owner, fail, None, supersede="search")
    tasks.run_read(owner, lambda: 1, None, supersede="search")
    gate.set()
    assert tasks.wait_idle(5)
    assert dialogs.answers.asked == []


def test_nothing_is_delivered_to_a_page_that_is_gone() -> None:
    owner = QWidget()
    shown: list[int] = []
    gate = threading.Event()

    def work() -> int:
        gate.wait(5)
        return 1

    tasks.run_read(owner, work, shown.append)
    shiboken6.delete(owner)
    gate.set()
    assert tasks.wait_idle(5)
    assert shown == []


def test_writes_keep_the_order_of_the_calls(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    written: list[int] = []
    threads: set[str] = set()

    def write(number: int) -> int:
        threads.add(threading.current_thread().name)
        time.sleep(0.002 * (5 - number % 5))
        written.append(number)
        return number

    for number in range(12):
        tasks.run_write(owner, lambda number=number: write(number))
    assert tasks.wait_idle(5)
    assert written == list(range(12))
    assert len(threads) == 1


def test_what_the_user_can_act_on_is_told_in_one_sentence(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    dialogs.answers.give(None)

    def work() -> None:
        raise UserError(N_("The server does not answer. Check the network."))

    tasks.run_write(owner, work)
    assert tasks.wait_idle(5)
    assert [(asked.kind, asked.text) for asked in dialogs.answers.asked] == [
        ("error", "The server does not answer. Check the network.")
    ]


@pytest.mark.logs_errors("background work failed|bug")
def test_a_bug_is_logged_and_told_with_a_report(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    dialogs.answers.give(None)

    tasks.run_read(owner, lambda: 1 // 0, None)
    assert tasks.wait_idle(5)
    (asked,) = dialogs.answers.asked
    assert asked.kind == "bug"
    assert "ZeroDivisionError" in dialogs.bug_report(asked.extra)


def test_a_job_reports_its_progress_and_its_result(qtbot) -> None:
    added, changed, finished, results = [], [], [], []
    listed = tasks.jobs()
    listed.job_added.connect(added.append)
    listed.job_changed.connect(lambda job: changed.append(job.fraction))
    listed.job_finished.connect(finished.append)

    def work(progress: Progress) -> str:
        for number in range(1, 5):
            progress.update(done=number, total=4, message=f"row {number}")
        return "ready"

    job = tasks.run_job("Importing", work, results.append)
    assert job in listed.active()
    assert tasks.wait_idle(5)
    assert added == finished == [job]
    assert results == ["ready"]
    assert job.state == "done" and job not in listed.active()
    assert changed[-1] == 1.0
    listed.job_added.disconnect()
    listed.job_changed.disconnect()
    listed.job_finished.disconnect()
    listed.forget_finished()


def test_a_cancelled_job_delivers_nothing(qtbot) -> None:
    started = threading.Event()
    results: list[object] = []

    def work(progress: Progress) -> None:
        started.set()
        while True:
            progress.check()
            time.sleep(0.001)

    job = tasks.run_job("Endless", work, results.append)
    assert started.wait(5)
    job.cancel()
    assert tasks.wait_idle(5)
    assert job.state == "cancelled" and results == []
    assert dialogs.answers.asked == []


def test_closing_waits_for_what_is_being_written(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    written: list[int] = []

    def write() -> None:
        time.sleep(0.05)
        written.append(1)

    tasks.run_write(owner, write)
    tasks.shutdown()
    assert written == [1]


def test_waiting_gives_up_in_time(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    gate = threading.Event()
    tasks.run_read(owner, lambda: gate.wait(5), None)
    assert not tasks.wait_idle(0.05)
    gate.set()
    assert tasks.wait_idle(5)


def test_a_read_that_was_stopped_is_neither_told_nor_logged(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    told: list[Exception] = []
    progress = Progress()
    progress.cancel()
    tasks.run_read(owner, progress.check, None, told.append)
    assert tasks.wait_idle(5)
    assert told == []


def test_what_is_to_be_written_is_waited_for_and_what_is_read_is_not(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    gate, steps = threading.Event(), list[str]()

    def write() -> None:
        time.sleep(0.05)
        steps.append("written")

    tasks.run_read(owner, lambda: gate.wait(10), None)
    tasks.run_write(owner, write, lambda _done: steps.append("told"))
    assert not tasks.wait_written(0.01)
    assert tasks.wait_written(5) and steps == ["written", "told"]
    gate.set()
    assert tasks.wait_idle(5)


def test_what_follows_from_what_was_written_is_waited_for_too(qtbot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    steps: list[str] = []

    def next_one(_done: object) -> None:
        tasks.run_write(owner, lambda: time.sleep(0.05), lambda _done: steps.append("second"))

    tasks.run_write(owner, lambda: steps.append("first"), next_one)
    assert tasks.wait_written(5) and steps == ["first", "second"]


def test_nobody_is_told_that_a_closed_office_was_not_read(qtbot) -> None:
    """Timers of a window that is closed already may ask once more."""
    owner = QWidget()
    qtbot.addWidget(owner)
    told: list[Exception] = []

    def closed() -> None:
        raise OfficeClosed

    tasks.run_read(owner, closed, None)
    tasks.run_read(owner, closed, None, told.append)
    job = tasks.run_job("Backup", lambda _progress: closed(), owner=owner)
    assert tasks.wait_idle(5)
    assert (told, dialogs.answers.asked, job.state) == ([], [], "cancelled")
