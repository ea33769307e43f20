"""The sub-command that looks after passwords: the way out when one was forgotten."""

from __future__ import annotations

import click
import sqlalchemy as sa

from crm_desktop import app
from crm_desktop.cli_base import command, say, say_json, table_lines
from crm_desktop.cli_sign_in import ask_password, full_address, given_password
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database, is_server
from crm_desktop.security import keyring_store, passwords, server_passwords


@command("user", N_("The people of a database: list, or password NAME to give somebody a new password."))
@click.argument("action", type=click.Choice(["list", "password"]))
@click.argument("name", required=False)
def user(target: str | None, as_json: bool, action: str, name: str | None) -> None:
    """List the users, or give one a new password.

    A file's password is replaced without the old one: who can run this on the file can read the whole file anyway.
    """
    old, address = "", target
    if action == "list":
        address = full_address(target)
    elif target is not None and is_server(target):
        old = ask_password(_("Your password of now"))
        address = keyring_store.with_password(target, old)
    database = app.open_database(address, create=False)
    try:
        if action == "list":
            _list(database, as_json)
        elif not name and database.sqlite:
            raise click.UsageError(_("It is written {form}.").format(form="user password NAME"))
        elif database.sqlite:
            _replace(database, str(name), as_json)
        else:
            _choose(database, name, old)
    finally:
        database.close()


def _list(database: Database, as_json: bool) -> None:
    users = Base.metadata.tables["user_account"]
    columns = users.c.login, users.c.name, users.c.role, users.c.active
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(users.c.id, *columns).order_by(users.c.login)).all()
    known = passwords.states(database) if database.sqlite else {}
    if as_json:
        say_json([
            {"login": row.login, "name": row.name, "role": row.role, "active": row.active, "password": row.id in known}
            for row in rows
        ])  # fmt: skip
        return
    cells = [
        [row.login, row.name, row.role, "" if row.active else _("left"), _("has a password") if row.id in known else ""]
        for row in rows
    ]
    for line in table_lines([_("Login"), _("Name"), _("Role"), "", ""], cells):
        say(line)


def _replace(database: Database, name: str, as_json: bool) -> None:
    new = given_password()
    if new is None:
        new = ask_password(_("New password of {name}").format(name=name), twice=True)
    person = passwords.reset_from_outside(database, name, new)
    if as_json:
        say_json({"login": person.login, "name": person.name})
    else:
        say(_("{name} signs in with the new password now.").format(name=person.name))


def _choose(database: Database, name: str | None, old: str) -> None:
    """On a server: one's own password only, and with the old one."""
    with database.engine.connect() as connection:
        login = str(connection.exec_driver_sql("SELECT session_user").scalar_one())
    if name and name != login:
        raise UserError(
            N_("On a server you change your own password only; an administrator gives new ones in the window, under People and rights, or with: crm-desktop rights user")
        )  # fmt: skip
    new = given_password()
    if new is None:
        new = ask_password(_("New password of {name}").format(name=login), twice=True)
    server_passwords.choose_password(database, old, new)
    say(_("{name} signs in with the new password now.").format(name=login))
