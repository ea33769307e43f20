"""Giving somebody else a password: a first one, or another where the old one is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.security import accounts, passwords
from crm_desktop.security.queries import UserRow
from ui.framework import dialogs
from ui.framework.office import Office
from ui.security.passwords_dialog import GiveDialog


def asks_passwords(office: Office) -> bool:
    """Whether people sign in to this office with passwords that the office gives out; read in the background."""
    if office.database.sqlite:
        return passwords.asks(office.database)
    return bool(office.database.locked)


def reset_password(
    owner: QWidget, office: Office, person: UserRow, done: Callable[[], None], *, first: bool = False
) -> None:
    """Ask for a new password of somebody, or their ``first``, and give it to them; the history never has it."""
    server = not office.database.sqlite
    dialog = GiveDialog(owner.window(), person, own=False, server=server, replaces=not first)
    if not dialogs.run_dialog(dialog):
        return
    password, must_change = dialog.line.text(), dialog.must.isChecked()

    def work(uow: Any) -> None:
        accounts.give_password(uow, person.id, password, must_change=must_change)

    office.write(
        owner, N_("Password of {name}"), work, lambda _result: done(),
        lambda error: dialogs.show_error(owner, error), params={"name": person.name},
    )  # fmt: skip


def password_given(person: UserRow) -> str:
    """What a toast says."""
    return _("{name} has a new password. Tell it to them.").format(name=person.name)
