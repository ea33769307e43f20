"""Passwords of the people who sign in to a server. The server keeps them; it never gets one in clear.

A new password is turned into a SCRAM-SHA-256 verifier (RFC 5802, RFC 7677) on this computer, so that neither the
statement nor the server's log holds it.
"""

from __future__ import annotations

import psycopg
import sqlalchemy as sa
from psycopg import sql

from crm_desktop.core.errors import SignInRefused, Unreachable, UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db import handshake
from crm_desktop.db.database import Database, server_url
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.security import keyring_store
from crm_desktop.security.connecting import Problem, open_connection
from crm_desktop.security.passwords import WrongPassword
from crm_desktop.security.postgres.passwords import set_password, verifier
from crm_desktop.security.problems import of_network
from crm_desktop.security.strength import refuse_bad

UNREACHED = frozenset({"name", "no_network", "timeout", "refused", "silent", "starting", "stopping", "too_many"})
"""The problems (``security.problems``) that go away by themselves, so that trying again helps."""


def password_of(database: Database) -> str:
    """The password that the open connections signed in with, wherever it came from; empty where none was asked."""
    with database.engine.connect() as connection:
        password = _plain(connection).info.password
    keep_secret(password)
    return password


def knock(target: str) -> None:
    """Try whether a server lets somebody in, and say plainly why not.

    Args:
        target: a ``postgresql://`` URL with its name and password.

    Raises:
        WrongPassword: the name or the password is not right.
        Unreachable: the server does not answer; trying again later may help.
        UserError: it lets them in no more, or its certificate is not the one that is trusted.
    """
    password = server_url(target).password
    keep_secret(None if password is None else str(password))
    address = ServerAddress.from_url(target)
    try:
        open_connection(address, str(password or "")).close()
    except Problem as problem:
        if problem.key == "password":
            raise WrongPassword from None
        text = (_why_away(address) if problem.key in ("unknown", "timeout") else "") or problem.text
        kind = Unreachable if problem.key in UNREACHED or text != problem.text else UserError
        raise kind(N_("{sentence}"), details=problem.details, sentence=text) from None


def knock_after(target: str, error: UserError) -> None:
    """Say more plainly why opening a server failed, where the server itself answered; else nothing happens.

    Raises:
        As :func:`knock`.
    """
    if isinstance(error, SignInRefused) or (isinstance(error, Unreachable) and _ANSWERED in error.details):
        knock(target)


_ANSWERED = "FATAL"
"""What stands in every refusal of a server, whatever its language."""


def _why_away(address: ServerAddress) -> str:
    """Why a server is not reached, as a sentence; "" where it is."""
    try:
        handshake.connect(address).close()
    except OSError as error:
        _key, sentence = of_network("reach", error)
        return translate(sentence).format(host=address.host, port=address.port)
    return ""


def matches(database: Database, password: str) -> bool:
    """Whether the server lets who is signed in in with this password. Errors as of :func:`knock`."""
    try:
        knock(keyring_store.with_password(database.target, password))
    except WrongPassword:
        return False
    return True


def choose_password(database: Database, old: str, new: str) -> None:
    """Let who is signed in choose another password; new connections use it, and the keyring learns it if it knew the old.

    Raises:
        WrongPassword: the old one is not right.
        FieldError: the new one is too short or too easy.
        UserError: the server does not allow it.
    """
    for secret in (old, new):
        keep_secret(secret)
    with database.engine.connect() as connection:
        login = str(connection.exec_driver_sql("SELECT session_user").scalar_one())
    refuse_bad(new, [login])
    if old == new:
        raise UserError(N_("This is the password you have. Choose another one."))
    if not matches(database, old):
        raise WrongPassword
    with database.begin() as connection:
        _set_own(connection, login, new, database.locked)
    database.use_password(new)
    if keyring_store.read(database.target) == old:
        keyring_store.save(database.target, new)


def _set_own(connection: sa.Connection, login: str, password: str, locked: bool) -> None:
    if locked:
        set_password(connection, login, password)
        return
    made = verifier(connection, login, password)
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), sql.Literal(made))
    connection.exec_driver_sql(statement.as_string(_plain(connection)).replace("%", "%%"))


def _plain(connection: sa.Connection) -> psycopg.Connection[object]:
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    return found
