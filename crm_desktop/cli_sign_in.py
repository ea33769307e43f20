"""Who runs a command: name and password for files that ask, and for servers; never as an argument."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import click

from crm_desktop import app
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.database import Database, is_server, server_url
from crm_desktop.security import keyring_store, passwords

USER, STDIN, FILE = "crm.user", "crm.password_stdin", "crm.password_file"
"""Where the options of a command are kept in its context."""
ORIGIN = "command line"


def given(name: str) -> Any:
    """An option of sign-in as the command got it."""
    context = click.get_current_context(silent=True)
    return context.meta.get(name) if context is not None else None


def keep_option(name: str) -> Any:
    """The callback of an option that is kept for the sign-in instead of being handed to the command."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        context.meta[name] = value

    return keep


def user_name() -> str:
    """The name given by ``--user`` or by the environment's ``CRM_USER``."""
    return str(given(USER) or os.environ.get("CRM_USER") or "").strip()


def given_password() -> str | None:
    """The password from standard input or from a file that only its owner can read; None where neither is given.

    Raises:
        UserError: the file cannot be read, is empty, or others can read it too.
    """
    password = None
    if given(STDIN):
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise UserError(N_("No password came on standard input."))
    elif given(FILE):
        password = private_password(str(given(FILE)))
    keep_secret(password)
    return password


def private_password(name: str) -> str:
    """The first line of a file that nobody else can read.

    Raises:
        UserError: the file cannot be read, is empty, or others can read it too.
    """
    path = Path(name)
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UserError(
                N_("Others can read the password file {name}. Let only yourself read it: chmod 600 {name}"), name=name
            )  # fmt: skip
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(N_("The password file {name} cannot be read."), name=name) from None
    password = text.splitlines()[0] if text.strip() else ""
    if not password:
        raise UserError(N_("The password file {name} is empty. Write the password in its first line."), name=name)
    return password


def ask_password(question: str, *, twice: bool = False) -> str:
    """Ask at the terminal, without showing what is typed.

    Raises:
        UserError: there is no terminal to ask at.
    """
    if not sys.stdin.isatty():
        raise UserError(N_("A password is needed. Give it with --password-file FILE or --password-stdin."))
    password = str(click.prompt(question, hide_input=True, err=True, confirmation_prompt=twice))
    keep_secret(password)
    return password


def full_address(target: str | None) -> str | None:
    """A server's address with the name and the password given, or the one in the keyring; any other target as it is."""
    if target is None or not is_server(target):
        return target
    if user_name() and not server_url(target).username:
        target = server_url(target).set(drivername="postgresql", username=user_name()).render_as_string(False)
    password = given_password()
    if password is not None:
        return keyring_store.with_password(target, password)
    return keyring_store.with_known_password(target)


def admit(database: Database) -> None:
    """Sign in to a file that asks who works with it; nothing is asked elsewhere.

    Raises:
        UserError: the name or the password is wrong, or none is given.
    """
    if not passwords.asks(database):
        return
    name = user_name()
    if not name:
        if not sys.stdin.isatty():
            raise UserError(
                N_("{name} asks who works with it. Give your name with --user NAME, and the password with --password-file FILE or --password-stdin."),
                name=database.name,
            )  # fmt: skip
        name = str(click.prompt(_("User name"), err=True))
    password = given_password()
    if password is None:
        password = ask_password(_("Password of {name}").format(name=name))
    try:
        app.sign_in(database, origin=ORIGIN, login=name, password=password)
    except passwords.MustChange:
        raise UserError(
            N_("{name} has to choose a password first: sign in once in the window."), name=name
        ) from None  # fmt: skip
