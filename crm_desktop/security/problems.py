"""What can be wrong between this computer and a server: a key and one sentence for each, from codes, not from words.

The server speaks the language of whoever installed it; SQLSTATE (PostgreSQL documentation, "Error Codes") and the
numbers of the system and of OpenSSL mean the same everywhere.
"""

from __future__ import annotations

import errno
import socket

from crm_desktop.core.i18n import N_
from crm_desktop.db.handshake import NotPostgres, Refusal

Said = tuple[str, str]
"""The key of a problem and its sentence (a source text)."""

NOT_PINNABLE = N_(
    "This server's certificate was signed by an authority: that is checked, instead of remembering the certificate. "
    "Choose “{choice}”. A file is needed only where the office has an authority of its own."
)
FIRST_SEEN = N_(
    "This server was never seen before. Compare its fingerprint with the one that the administrator tells you, "
    "and accept it if they are the same: {fingerprint}"
)
CHANGED = N_(
    "THE SERVER'S CERTIFICATE HAS CHANGED. Either it was renewed, or somebody pretends to be the server. "
    "Ask the administrator before you go on; nothing was sent.\nNow: {now}\nBefore: {before}"
)

_NAME = N_(
    "There is no computer called {host}. Check the spelling; at home or abroad the office's network (VPN) may have to be switched on first."
)
_NO_NETWORK = N_("This computer is not on a network that leads to {host}. Check the cable, the Wi-Fi or the VPN.")
_TIMEOUT = N_(
    "{host} does not answer on port {port}. Either the computer is off, or a firewall lets nothing through: the administrator has to open port {port} for this computer."
)
_REFUSED = N_(
    "{host} is there, but no server listens on port {port}. Check the port; the server may be stopped, or may listen to its own computer only (listen_addresses)."
)
_SILENT = N_(
    "Something on port {port} of {host} takes the connection and says nothing. PostgreSQL answers at once, so it is another program or a firewall in between."
)
_HTTP = N_("A web server answers on port {port} of {host}, not PostgreSQL. The port of PostgreSQL is usually 5432.")
_OTHER = N_("Another program answers on port {port} of {host}, not PostgreSQL. Check the port; it is usually 5432.")

_WRONG_NAME: Said = (
    "tls_name",
    N_("The server's certificate is for another name ({names}) and not for {host}. Type that name as the server, or have a certificate made for {host}."),
)  # fmt: skip
_CERTIFICATE: dict[int, Said] = {
    10: ("tls_expired", N_("The server's certificate has expired. The administrator has to renew it; if this computer's clock is wrong, set it.")),
    9: ("tls_not_yet", N_("The server's certificate is not valid yet. Most likely the clock of this computer or of the server is wrong.")),
    62: _WRONG_NAME,
    64: _WRONG_NAME,
}  # fmt: skip
_NOT_TRUSTED: Said = (
    "tls_not_trusted",
    N_("The server's certificate is not the one in the file chosen, nor signed by it ({subject}). Ask the administrator for the right file; nothing was sent."),
)  # fmt: skip

_STATES: dict[str, Said] = {
    "28P01": ("password", N_("The server refused the name {user} or the password. Check both; capitals count.")),
    "28000": ("no_entry", N_("The server does not let {user} in from this computer. The administrator has to allow it: a line in pg_hba.conf, or the right to sign in.")),
    "3D000": ("no_database", N_("The server has no database called {database}. Check the name, or create the office there.")),
    "42501": ("no_connect", N_("{user} may not connect to the database {database}. The administrator can allow it (GRANT CONNECT).")),
    "53300": ("too_many", N_("The server has no free connection left. Try again in a moment; if it happens often, the administrator raises max_connections.")),
    "57P03": ("starting", N_("The server is just starting or recovering. Try again in a minute.")),
    "57P01": ("stopping", N_("The server is being shut down. Try again when it is back.")),
    "57P02": ("stopping", N_("The server is being shut down. Try again when it is back.")),
    "55000": ("not_accepting", N_("The database {database} takes no connections at the moment. Ask the administrator.")),
    "0A000": ("too_old", N_("The server does not understand this program: it is too old. It needs PostgreSQL 14 or newer.")),
}  # fmt: skip
_CLEAR_PASSWORD: Said = (
    "clear_password",
    N_("The server wants the password itself, which is only sent where its certificate is checked. Choose that kind of connection, or have the server use scram-sha-256."),
)  # fmt: skip
_UNKNOWN: Said = (
    "unknown",
    N_("The server at {host} did not let {user} into {database}. The details say what it answered."),
)


def of_network(step: str, error: BaseException) -> Said:
    """The problem behind an error of the network, by the step that it happened in."""
    if isinstance(error, NotPostgres):
        if not error.said:
            return "silent", _SILENT
        return ("http", _HTTP) if error.said.startswith(b"HTTP/") else ("not_postgres", _OTHER)
    if step == "name" or isinstance(error, socket.gaierror):
        return "name", _NAME
    if isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) == errno.ENOENT:
        return "refused", _REFUSED
    if getattr(error, "errno", None) in (errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL):
        return "no_network", _NO_NETWORK
    return "timeout", _TIMEOUT


def of_certificate(code: int) -> Said:
    """The problem behind OpenSSL's number for why a certificate does not hold (X509_V_ERR_...)."""
    return _CERTIFICATE.get(code, _NOT_TRUSTED)


def of_refusal(refusal: Refusal, said: str) -> Said:
    """The problem behind a refusal.

    Args:
        said: what libpq said; its own sentences are English whatever the server speaks.
    """
    low = said.lower()
    if "does not match host name" in low:
        return _WRONG_NAME
    if "require_auth" in low or "authentication method requirement" in low:
        return _CLEAR_PASSWORD
    if refusal.code in _STATES:
        return _STATES[refusal.code]
    if "no password supplied" in low:
        return _STATES["28P01"]
    if "timeout" in low:
        return "timeout", _TIMEOUT
    return _UNKNOWN
