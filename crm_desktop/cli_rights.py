"""The sub-commands for administrators of a server: ``rights lock``, ``check``, ``sql``, ``user`` and ``role``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import sqlalchemy as sa

from crm_desktop import app
from crm_desktop.cli_base import Group, command, option, say, say_json, table_lines
from crm_desktop.cli_sign_in import ORIGIN, ask_password, full_address, private_password
from crm_desktop.core.access import ACTIONS, POWERS, SCOPES
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.security import roles, service
from crm_desktop.security.access import scoped_types
from crm_desktop.security.postgres.lock import install_lock, lock_sql
from crm_desktop.security.postgres.names import is_locked
from crm_desktop.security.postgres.passwords import set_password
from crm_desktop.security.postgres.state import lock_state

_NEW_FILE = N_("A file that only you can read; its first line is the new password.")
_NEW_STDIN = N_("Read the new password from standard input, after your own where that comes from there too.")
_STATES = {
    "plain": N_("{name} is not locked: everybody who may connect may do everything that the login may."),
    "locked": N_("{name} is locked, and the lock is whole."),
    "broken": N_("{name} is locked, but not whole:"),
}


@click.group("rights", cls=Group, help=N_("The rights of an office database on its server, for administrators."))
def rights() -> None:
    """The root of the sub-commands."""


@contextmanager
def _server(target: str | None) -> Iterator[Database]:
    """The server database that a command works on; the person need not be a user of the office.

    Raises:
        UserError: it is a file.
    """
    database = app.open_database(full_address(target), create=False)
    try:
        if database.sqlite:
            raise UserError(N_("This is about databases on a server: give --database postgresql://user@server/name."))
        yield database
    finally:
        database.close()


def _actor(database: Database) -> Actor:
    """Who runs the command: a user of the office, or an administrator of the server who is none."""
    try:
        return app.sign_in(database, origin=ORIGIN)
    except UserError:
        with database.read() as connection:
            strong = connection.exec_driver_sql(
                "SELECT rolsuper AND NOT EXISTS (SELECT FROM user_account WHERE login = session_user) "
                "FROM pg_roles WHERE rolname = session_user"
            ).scalar()
        if not strong:
            raise
        return Actor(None, "", ORIGIN)


def _new_password(login: str, file: str | None, stdin: bool) -> str:
    """A password for somebody: from a private file, standard input, or asked for twice."""
    if file is not None:
        return private_password(file)
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise UserError(N_("No password came on standard input."))
        keep_secret(password)
        return password
    return ask_password(_("New password of {name}").format(name=login), twice=True)


def _id_of(database: Database, login: str) -> int:
    users = Base.metadata.tables["user_account"]
    with database.read() as connection:
        found = connection.execute(sa.select(users.c.id).where(users.c.login == login)).scalar()
    if found is None:
        raise UserError(N_("Nobody in this office signs in as “{login}”."), login=login)
    return int(found)


@command("lock", N_("Lock a database: make everybody a login of the server, with the rights of their role."))
@option("--owner", "login", default=None, help=N_("The login of the first owner, where the office has none yet."))
@option("--name", default="", help=N_("The name of the first owner."))
@option("--new-password-file", "file", default=None, help=_NEW_FILE)
@option("--new-password-stdin", "stdin", is_flag=True, help=_NEW_STDIN)
def lock(target: str | None, as_json: bool, login: str | None, name: str, file: str | None, stdin: bool) -> None:
    """Lock a database, or put its lock back whole."""
    with _server(target) as database:
        migrate.migrate(database)
        users = Base.metadata.tables["user_account"]
        owners = sa.select(users.c.login).where(users.c.role == "owner", users.c.active)
        with database.read() as connection:
            there = list(connection.execute(owners.order_by(users.c.id)).scalars())
        if not there and not login:
            raise UserError(N_("Somebody must own the office. Name the first owner with --owner LOGIN."))
        password = _new_password(login, file, stdin) if login else ""
        if login and login not in there:
            with write(database, N_("First owner"), kind="system", actor=Actor(None, "", ORIGIN)) as uow:
                service.create_user(uow, name or login, login=login, role="owner")
        with database.begin() as connection:
            names = install_lock(connection, database.schema)
            if login:
                set_password(connection, login, password)
            everybody = list(
                connection.execute(sa.select(users.c.login).where(users.c.active).order_by(users.c.id)).scalars()
            )
    if as_json:
        say_json({"owner_role": names.owner, "logins": everybody})
        return
    say(_("{name} is locked. Its objects belong to the role {role}.").format(name=database.name, role=names.owner))
    left = [one for one in everybody if one != login]
    if left:
        say(
            _("These people sign in once they have a password (rights user password LOGIN): {logins}").format(
                logins=", ".join(left)
            )
        )


@command("check", N_("Look whether a database is locked, and whether the lock is whole."))
def check(target: str | None, as_json: bool) -> int:
    """Look at the lock."""
    with _server(target) as database, database.read() as connection:
        found = lock_state(connection, database.schema)
    if as_json:
        say_json({"state": found.state, "problems": list(found.problems)})
    else:
        say(_(_STATES[found.state]).format(name=database.name))
        for problem in found.problems:
            say("  " + problem)
    return 1 if found.state == "broken" else 0


@command("sql", N_("Print the statements that lock a database, for those who run them with their own hands."))
def sql(target: str | None, as_json: bool) -> None:
    """Print the statements."""
    with _server(target) as database, database.read() as connection:
        text = lock_sql(connection, database.schema)
    if as_json:
        say_json({"sql": text})
    else:
        say(text)


@command("user", N_("People: add LOGIN, disable LOGIN, enable LOGIN or password LOGIN."))
@click.argument("action", type=click.Choice(["add", "disable", "enable", "password"]))
@click.argument("login")
@option("--name", default="", help=N_("The person's name, for “add”."))
@option("--role", default="sales", help=N_("The key of the role, for “add”: owner, admin, manager, sales …"))
@option("--hand-over-to", "heir", default=None, metavar="LOGIN", help=N_("Who gets the records, for “disable”."))
@option("--new-password-file", "file", default=None, help=_NEW_FILE)
@option("--new-password-stdin", "stdin", is_flag=True, help=_NEW_STDIN)
def user(
    target: str | None, as_json: bool, action: str, login: str, name: str, role: str, heir: str | None, file: str | None,
    stdin: bool,
) -> None:  # fmt: skip
    """Add somebody, let somebody go, or set a password."""
    moved = 0
    with _server(target) as database:
        actor = _actor(database)
        _refuse_plain(database)
        if action == "add":
            _refuse_unknown_role(database, role)
            password = _new_password(login, file, stdin)
            with write(database, N_("New user"), actor=actor) as uow:
                service.create_user(uow, name or login, login=login, role=role)
                set_password(uow.connection, login.strip().lower(), password)
        elif action == "password":
            _id_of(database, login)
            password = _new_password(login, file, stdin)
            with database.begin() as connection:
                set_password(connection, login, password)
        else:
            user_id = _id_of(database, login)
            to = _id_of(database, heir) if heir else None
            with write(database, N_("Users"), actor=actor) as uow:
                if action == "enable":
                    service.reactivate_user(uow, user_id)
                else:
                    moved = service.deactivate_user(uow, user_id, hand_over_to=to)
    if as_json:
        say_json({"login": login, "action": action, "handed_over": moved})
        return
    words = {
        "add": N_("{login} can sign in."), "enable": N_("{login} can sign in."),
        "disable": N_("{login} cannot sign in any more, and sees nothing. Handed over: {n}"),
        "password": N_("{login} signs in with the new password now."),
    }  # fmt: skip
    say(_(words[action]).format(login=login, n=moved))


def _refuse_plain(database: Database) -> None:
    with database.read() as connection:
        if not is_locked(connection):
            raise UserError(N_("This database is not locked. Lock it first: rights lock"))


def _refuse_unknown_role(database: Database, role: str) -> None:
    with database.read() as connection:
        known = [one.key for one in roles.roles(connection)]
    if role not in known:
        raise UserError(N_("There is no role “{role}”. There are: {roles}"), role=role, roles=", ".join(known))


@command("role", N_("Roles: list, show ROLE, or set ROLE RECORDS ACTION SCOPE (“-” for RECORDS of a power)."))
@click.argument("action", type=click.Choice(["list", "show", "set"]))
@click.argument("words", nargs=-1)
def role(target: str | None, as_json: bool, action: str, words: tuple[str, ...]) -> None:
    """List roles, show the rights of one, or change one."""
    wanted = {"list": 0, "show": 1, "set": 4}[action]
    if len(words) != wanted:
        raise click.UsageError(
            _("It is written {form}.").format(form=f"rights role {action} ROLE RECORDS ACTION SCOPE")
        )
    with _server(target) as database:
        actor = _actor(database)
        if action == "list":
            _list_roles(database, as_json)
            return
        _refuse_unknown_role(database, words[0])
        if action == "set":
            _set_right(database, actor, words[0], "" if words[1] == "-" else words[1], words[2], words[3])
        with database.read() as connection:
            found = roles.rights_of_role(connection, database.schema, words[0]).scopes
    if as_json:
        say_json([{"records": entity, "action": one, "scope": scope} for (entity, one), scope in sorted(found.items())])
        return
    types = scoped_types(database.schema)
    cells = [[entity, *(found.get((entity, one), "none") for one in ACTIONS)] for entity in types]
    for line in table_lines(["", *ACTIONS], cells):
        say(line)
    say(_("Powers: {powers}").format(powers=", ".join(one for one in POWERS if found.get(("", one)) == "all") or "–"))


def _set_right(database: Database, actor: Actor, role: str, entity: str, action: str, scope: str) -> None:
    known: Any = scoped_types(database.schema) if entity else ()
    if (entity and entity not in known) or action not in (ACTIONS if entity else POWERS) or scope not in SCOPES:
        raise UserError(
            N_("There is no such right. Records: {records}. Actions: {actions}. Scopes: {scopes}. Powers, with “-”: {powers}."),
            records=", ".join(scoped_types(database.schema)), actions=", ".join(ACTIONS), scopes=", ".join(SCOPES),
            powers=", ".join(POWERS),
        )  # fmt: skip
    with write(database, N_("Rights of {role}"), actor=actor, params={"role": role}) as uow:
        roles.set_right(uow, role, entity, action, scope)


def _list_roles(database: Database, as_json: bool) -> None:
    with database.read() as connection:
        found = roles.roles(connection)
    if as_json:
        say_json([{"key": one.key, "name": _(one.name), "people": one.people, "own": one.own} for one in found])
        return
    for line in table_lines(
        [_("Key"), _("Name"), _("People")], [[one.key, _(one.name), str(one.people)] for one in found]
    ):
        say(line)


for _one in (lock, check, sql, user, role):
    rights.add_command(_one)
