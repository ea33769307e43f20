"""Passwords of logins: the server is given a verifier, so that no password stands in a log or a process list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.secrets import keep_secret

MOST = 1024


def verifier(connection: sa.Connection, login: str, password: str) -> str:
    """The SCRAM-SHA-256 verifier (RFC 5803) of a password, computed here.

    Raises:
        UserError: the password is empty or far too long.
    """
    if not password or len(password) > MOST or "\0" in password:
        raise UserError(N_("Choose a password of 1 to 1024 characters."))
    keep_secret(password)
    raw: Any = connection.connection.driver_connection
    made: bytes = raw.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return made.decode("ascii")


def set_password(connection: sa.Connection, login: str, password: str) -> None:
    """Give a login of a locked database a password, in the transaction of ``connection``.

    Everybody may set their own; administrators those of others, owners those of owners too.

    Raises:
        UserError: it is empty.
        DBAPIError: the server refuses it; ``db.database.explain`` has the sentence.
    """
    connection.execute(
        sa.text("SELECT crm_set_verifier(:login, :verifier)"),
        {"login": login, "verifier": verifier(connection, login, password)},
    )
