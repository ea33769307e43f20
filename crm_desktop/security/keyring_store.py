"""Passwords of servers in the keyring of the operating system, and nowhere else on the disk."""

from __future__ import annotations

from crm_desktop.core import keyrings
from crm_desktop.core.i18n import N_
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.database import is_server, server_url

SERVICE = "CRM Desktop"
NO_KEYRING = N_("This computer has no keyring, so the password is asked each time.")
"""What is said where a password cannot be kept (a source text)."""

_PORT = 5432


def available() -> bool:
    """Whether this computer has a keyring that keeps something."""
    return keyrings.available()


def save(target: str, password: str) -> bool:
    """Keep the password of a server's URL; False where there is no keyring or it does not want to.

    Args:
        target: a ``postgresql://`` URL with the user's name; a password in it is not looked at.
    """
    return keyrings.save(SERVICE, _account(target), password)


def read(target: str) -> str:
    """The password kept for a server's URL, or an empty text."""
    return keyrings.read(SERVICE, _account(target))


def forget(target: str) -> bool:
    """Take the password of a server's URL out of the keyring; False where none was kept."""
    return keyrings.forget(SERVICE, _account(target))


def with_known_password(target: str) -> str:
    """A server's URL with the password this computer's keyring holds for it; any other target as it is.

    The result is for opening the database only: it must not be kept, shown or logged.
    """
    if not is_server(target):
        return target
    url = server_url(target)
    if url.password is not None:
        keep_secret(str(url.password))
        return target
    password = read(target)
    return with_password(target, password) if password else target


def with_password(target: str, password: str, *, user: str = "") -> str:
    """A server's URL with a password, and with another user's name where one is given; for opening it only."""
    keep_secret(password)
    url = server_url(target).set(drivername="postgresql", password=password)
    return (url.set(username=user) if user else url).render_as_string(hide_password=False)


def _account(target: str) -> str:
    """The name under which the keyring lists a password: "ana@server/crm"; the port where it is not the usual one."""
    url = server_url(target)
    port = f":{url.port}" if url.port and url.port != _PORT else ""
    return f"{url.username or ''}@{url.host or ''}{port}/{url.database or ''}"
