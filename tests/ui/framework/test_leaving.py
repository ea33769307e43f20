"""An office is left: what somebody asked for before is written, however long it takes."""

from __future__ import annotations

import threading

import pytest

from crm_desktop.core.errors import OfficeClosed
from crm_desktop.db.alone import alone
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from ui.framework import tasks
from ui.framework.office import Office


def add(office: Office, login: str) -> None:
    """As an undo or a merge does: look first, then write."""
    with office.database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM user_account").scalar_one()
    with office.unit_of_work("Added", kind="system") as uow:
        uow.insert("user", {"name": login, "login": login, "role": "sales", "active": True})


def test_what_takes_longer_than_the_window_waits_is_written_before_the_office_is_closed(
    qtbot, sqlite_database: Database
) -> None:
    office, gate = Office(sqlite_database, Actor(None, ""), write), threading.Event()
    tasks.run_write(office, lambda: gate.wait(10))
    for login in ("ana", "bento"):
        tasks.run_write(office, lambda login=login: add(office, login))
    office.leave(patience=0.05)
    gate.set()
    assert tasks.wait_idle(5)
    with pytest.raises(OfficeClosed), sqlite_database.read():
        pass
    assert sqlite_database.path is not None
    with alone(sqlite_database.path) as connection:
        assert [row[0] for row in connection.execute("SELECT login FROM user_account ORDER BY 1")] == ["ana", "bento"]
