"""Who is disabled while they work is told so at once, and goes on where they were once they are let in again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from crm_desktop.core.errors import SignInRefused, Unreachable
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries
from crm_desktop.security import service
from tests.helpers.locked import LockedOffice
from tests.helpers.proxy import make_impatient


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


def _is_refused(database: Database) -> bool:
    """Whether the server lets a login in no more; not yet, while it is only just cutting its connections."""
    try:
        with database.read() as connection:
            queries.find_ids(database, connection, "contact", limit=1)
    except Unreachable:
        return False
    except SignInRefused as error:
        assert "does not let this login in" in str(error)
        return True
    return False


def test_it_is_no_bug_and_ends_with_being_let_in_again(
    locked_office: LockedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_impatient(monkeypatch)
    office = locked_office
    sales = office.open("sales")
    with sales.read() as connection:
        queries.find_ids(sales, connection, "contact", limit=1)
    pulse = sales.watch()
    assert pulse is not None and pulse.condition.connected
    with write(office.open("owner"), "Leaves", actor=office.actor("owner")) as uow:
        service.deactivate_user(uow, office.people["sales"])
    _until(lambda: _is_refused(sales))
    _until(lambda: pulse.condition.state == "refused")
    with write(office.open("owner"), "Is back", actor=office.actor("owner")) as uow:
        service.reactivate_user(uow, office.people["sales"])
    pulse.begin_again()
    _until(lambda: pulse.condition.connected)
    with sales.read() as connection:
        queries.find_ids(sales, connection, "contact", limit=1)
