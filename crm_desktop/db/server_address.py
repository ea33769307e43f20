"""Where an office database is and how the way to it is protected; kept per database on this computer, no password in it."""

from __future__ import annotations

import hashlib
import os
import ssl
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from crm_desktop.core import paths
from crm_desktop.core.i18n import N_
from crm_desktop.core.settings import Setting

DEFAULT_PORT = 5432
VERIFY, PINNED, PREFER, OFF = "verify", "pinned", "prefer", "off"
TLS_MODES = (VERIFY, PINNED, PREFER, OFF)
"""Encrypted with a checked certificate; with the certificate of the first connection; where possible; not at all."""

SERVERS: Setting[dict[str, Any]] = Setting(
    "office.servers", {}, N_("How the connection to each office server is encrypted and checked.")
)
_TIMEOUT_S = 8
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
"""Where systems keep the authorities that they trust."""


@dataclass(frozen=True)
class ServerAddress:
    """A database on a PostgreSQL server and who asks for it.

    Attributes:
        host: a name, an address, or the folder of a Unix socket.
        tls: one of :data:`TLS_MODES`.
        ca_file: with "verify", the file with the certificate of the server or of who signed it; "" for the
            authorities that this computer trusts.
        fingerprint: with "pinned", the SHA-256 of the certificate that was seen first.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    database: str = "crm"
    user: str = ""
    tls: str = PREFER
    ca_file: str = ""
    fingerprint: str = ""

    @classmethod
    def from_url(cls, target: str) -> ServerAddress:
        """The address in a ``postgresql://`` URL, with what this computer keeps about its encryption."""
        url = make_url(target.replace("postgres://", "postgresql://", 1))
        asked = {name: str(value) for name, value in url.query.items()}
        host, port = url.host or asked.get("host", ""), url.port or int(asked.get("port", DEFAULT_PORT))
        found = cls(host, port, url.database or "", url.username or asked.get("user", ""))
        kept = SERVERS.get().get(found.key, {})
        if not isinstance(kept, dict):
            return found
        tls = kept.get("tls")
        return replace(
            found, tls=tls if tls in TLS_MODES else PREFER, ca_file=str(kept.get("ca_file", "")),
            fingerprint=str(kept.get("fingerprint", "")),
        )  # fmt: skip

    @property
    def key(self) -> str:
        """What tells this database from others, whoever signs in."""
        return f"{self.place}/{self.database}"

    @property
    def place(self) -> str:
        """The server itself, whichever of its databases is asked for."""
        return f"{self.host.lower()}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether nothing leaves this computer on the way to the server."""
        return self.host in ("", "localhost", "::1") or self.host.startswith(("127.", "/"))

    def url(self, password: str = "", **options: str) -> str:
        """As a ``postgresql://`` URL; without a password it may be written down.

        Args:
            options: more for libpq, e.g. of :meth:`security` while this address is tried and not kept yet.
        """
        folder = self.host.startswith("/")
        query = {"host": self.host, "port": str(self.port)} if folder else {}
        made = URL.create(
            "postgresql", self.user or None, password or None, None if folder else self.host,
            None if folder else self.port, self.database, query | options,
        )  # fmt: skip
        return made.render_as_string(hide_password=False)

    def security(self) -> dict[str, Any]:
        """The libpq options of the encryption chosen.

        Where the server is not checked, it may not ask for the password itself: only for the proof of it (SCRAM).
        """
        if self.tls == VERIFY:
            return {"sslmode": "verify-full", "sslrootcert": self.ca_file or known_authorities()}
        if self.tls == PINNED:
            return {"sslmode": "verify-ca", "sslrootcert": str(pinned_file(self.place)), "require_auth": "!password"}
        mode = "disable" if self.tls == OFF else "prefer"
        return {"sslmode": mode, "require_auth": "!password"}

    def keep(self) -> None:
        """Remember on this computer how the connection is encrypted."""
        servers = dict(SERVERS.get())
        servers[self.key] = {"tls": self.tls, "ca_file": self.ca_file, "fingerprint": self.fingerprint}
        SERVERS.set(servers)


def connect_args(target: str, application: str = "crm-desktop") -> dict[str, Any]:
    """What libpq is told beside the URL: how long to wait, and the encryption kept for this database.

    Options in the URL itself (``?sslmode=...``) count more.
    """
    args: dict[str, Any] = {"connect_timeout": _TIMEOUT_S, "application_name": application}
    query = make_url(target.replace("postgres://", "postgresql://", 1)).query
    if "sslmode" not in query and "service" not in query:
        args |= ServerAddress.from_url(target).security()
    return {name: value for name, value in args.items() if name not in query}


def known_authorities() -> str:
    """What libpq takes as the authorities that this computer trusts: a file, or its own word for them.

    The libpq that comes with the driver brings an OpenSSL along that knows nothing of this system, so it is told.
    """
    asked = ssl.get_default_verify_paths().cafile
    for path in filter(None, (asked, *_AUTHORITIES)):
        if Path(path).is_file():
            return str(path)
    if sys.platform == "win32":
        return str(_windows_authorities())
    return "system"


def _windows_authorities() -> Path:
    """The authorities of Windows as a file, written anew each time: the system updates them."""
    path = paths.data_folder() / "certificates" / "system.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    partial = path.with_suffix(".partial")
    partial.write_text("".join(ssl.DER_cert_to_PEM_cert(one) for one in found), encoding="ascii")
    os.replace(partial, path)
    return path


def pinned_file(place: str) -> Path:
    """Where the certificate remembered for a server is."""
    return paths.data_folder() / "certificates" / f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.pem"


def pin(address: ServerAddress, pem: str, fingerprint: str) -> ServerAddress:
    """Remember a certificate as the one of this server. Returns the address with its fingerprint."""
    path = pinned_file(address.place)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(pem, encoding="ascii")
    os.replace(partial, path)
    pinned = replace(address, tls=PINNED, fingerprint=fingerprint)
    pinned.keep()
    return pinned
