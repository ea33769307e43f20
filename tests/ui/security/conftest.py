"""The program at its door: a file that asks who works with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_desktop import app as core_app
from crm_desktop.backup.schedule import Plan
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import passwords, service
from tests.helpers.hashing import hash_cheaply
from tests.helpers.sign_in import OWNER, SELLER
from ui.backup import plan


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def office(sqlite_url: str) -> Path:
    """A file with an owner, and a seller who must choose her own password."""
    database = core_app.open_database(sqlite_url)
    plan.keep(database, Plan(enabled=False))
    with write(database, "People") as uow:
        olga = service.create_user(uow, "Olga Rocha", login="olga", role="owner")
        bea = service.create_user(uow, "Bea Luz", login="bea", role="sales")
        service.create_user(uow, "Nilo Sá", login="nilo", role="readonly")
        passwords.give_passwords(uow, {olga: OWNER, bea: SELLER}, must_change=frozenset({bea}))
    database.close()
    return Path(sqlite_url)
