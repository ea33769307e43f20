"""What an engine says went wrong, as one sentence that a person can act on."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from crm_desktop.core.errors import (
    CertificateRefused,
    Collided,
    FileRefused,
    ReadOnlyFile,
    ServerFull,
    SignInRefused,
    Unreachable,
    UserError,
)
from crm_desktop.core.i18n import N_

_COLLISIONS = ("40P01", "40001", "55P03")
"""Deadlock, serialization failure, lock not available: the server let the other one go on."""
_NO_PLACE = ("too many clients", "too many connections", "remaining connection slots")
_PASSWORD = ("password authentication failed", "no password supplied")
_LOGIN = ("is not permitted to log in", "no pg_hba.conf entry", "authentication failed for user")
_SHUT_OUT = N_("The server of {name} does not let this login in any more. Ask an administrator.")
_CERTIFICATE = ("certificate verify failed", "does not match host name", "root certificate file", "certificate is")


def explain_sqlite(text: str, name: str) -> UserError | None:
    """The sentence for what SQLite says about the file ``name``; None where it is a bug of ours."""
    low = text.lower()
    if "not a database" in low or "malformed" in low or "disk image" in low:
        return UserError(
            N_("The file {name} is damaged or is not a database of this program. Restore the last proven backup."),
            name=name, details=text,
        )  # fmt: skip
    if "locked" in low or "busy" in low:
        return UserError(
            N_("Another program is writing to {name}. Nothing was changed; try again in a moment."),
            name=name, details=text,
        )  # fmt: skip
    if "readonly" in low or "read-only" in low:
        return ReadOnlyFile(
            N_("{name} cannot be written: the file or its folder is read-only. Nothing was changed."),
            name=name, details=text,
        )  # fmt: skip
    if "full" in low:
        return FileRefused(N_("The disk is full. Nothing was changed; free some space and try again."), details=text)
    if "disk i/o" in low:
        return FileRefused(
            N_("The disk refused to read or write {name}. Nothing was changed; check its free space and that it is well connected, then try again."),
            name=name, details=text,
        )  # fmt: skip
    if "unable to open" in low:
        return FileRefused(
            N_("{name} cannot be opened. Check that the folder exists and that you may write in it."),
            name=name, details=text,
        )  # fmt: skip
    return None


_REFUSED = {
    "CRM01": N_(
        "The server has a login or role “{name}” already, and it is not one of this office. Choose another name."
    ),
    "CRM02": N_("“{name}” cannot be a login. Use letters, digits, dots and dashes, without spaces."),
    "CRM03": N_("Only an owner can make or change owners, and only who leads the office administrators."),
    "CRM04": N_("Somebody must stay owner of the office. Give another user that role first."),
    "CRM05": N_("The history belongs to who made it: this change set is somebody else's, or closed."),
    "CRM06": N_("What a colleague wrote stays as it is. Write a note of your own."),
    "CRM07": N_("You cannot set this password. Ask an administrator; for an owner's, another owner."),
    "CRM08": N_("Others are working with these records just now. Nothing was changed; try again in a moment."),
    "CRM09": N_("“{name}” cannot be the key of a role: the program uses it itself."),
    "CRM11": N_("A file did not arrive whole on the server. Nothing was saved; try again."),
    "CRM12": N_("This file belongs to records that you do not see. Attach it from your computer."),
    "CRM13": N_("You can manage only people and rights that reach no further than your own. Ask an administrator."),
    "CRM10": N_("Nobody changes their own login, role or rights. Ask an administrator."),
}
"""What the functions of a locked database refuse, by their error codes (``security.postgres.rights``)."""


def explain_unseen(error: Exception) -> UserError | None:
    """The sentence for what a locked server refuses because of records that the person does not see."""
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlstate", None) != "23505":
        return None
    return UserError(
        N_("There is already a record with the same key, which you may not see. Nothing was changed."),
        details=str(cause),
    )


def explain_shut_out(error: Exception, name: str) -> UserError | None:
    """The sentence for a login of a locked server that was disabled while it worked: it sees no table any more."""
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlstate", None) != "42P01":
        return None
    return SignInRefused(_SHUT_OUT, name=name, details=str(cause))


def explain_postgres(error: Exception, name: str, state: str = "") -> UserError | None:
    """The sentence for what a server or the way to it says; None where it is a bug of ours.

    Args:
        error: of SQLAlchemy or of the driver.
        name: what people call the database.
        state: the SQLSTATE where the error itself has none: libpq tells a refusal in the server's language only.
    """
    cause = getattr(error, "orig", None) or error
    text = str(cause)
    low = text.lower()
    state = getattr(cause, "sqlstate", None) or state
    if state in _REFUSED:
        return UserError(
            _REFUSED[state], name=getattr(getattr(cause, "diag", None), "message_detail", None) or "", details=text
        )
    if state in _COLLISIONS:
        return Collided(
            N_("Somebody else was saving the same records at the same moment. Nothing was changed; save again."),
            details=text,
        )
    if state == "53300" or any(words in low for words in _NO_PLACE):
        return ServerFull(
            N_("The server of {name} has no free place: too many people are connected. It is tried again."),
            name=name, details=text,
        )  # fmt: skip
    refused = _explain_refusal(low, text, state, name)
    if refused is not None:
        return refused
    if state == "42501":
        return UserError(N_("You have no right to do this in {name}. Ask an administrator."), name=name, details=text)
    if state == "53100":
        return UserError(N_("The server's disk is full. Nothing was changed."), details=text)
    if state == "25006":
        return UserError(
            N_("The server of {name} takes no changes just now: it was set to read only, or only copies another one. Nothing was changed. Ask its administrator."),
            name=name, details=text,
        )  # fmt: skip
    return _explain_silence(error, low, text, state, name)


def _explain_refusal(low: str, text: str, state: str, name: str) -> UserError | None:
    """The server answers and does not let us in."""
    if state == "28P01" or any(words in low for words in _PASSWORD):
        return SignInRefused(
            N_("The server refused the user name or the password for {name}."), name=name, details=text
        )
    if state == "28000" or any(words in low for words in _LOGIN):
        return SignInRefused(_SHUT_OUT, name=name, details=text)
    if any(words in low for words in _CERTIFICATE):
        return CertificateRefused(
            N_("The server of {name} shows a certificate that is not trusted. Nothing was sent to it."),
            name=name, details=text,
        )  # fmt: skip
    if "does not exist" in low and "database" in low or state == "3D000":
        return UserError(N_("There is no database {name} on the server. Check its name."), name=name, details=text)
    return None


def _explain_silence(error: Exception, low: str, text: str, state: str, name: str) -> UserError | None:
    """Nobody answers, or not any more."""
    if "could not translate host" in low or "name or service not known" in low or "getaddrinfo" in low:
        return Unreachable(
            N_("The server of {name} was not found. Check its name and that this computer is on the network."),
            name=name, details=text,
        )  # fmt: skip
    cut = getattr(error, "connection_invalidated", False)
    operational = isinstance(error, OperationalError) or not hasattr(error, "orig")
    if operational and (not state or state.startswith(("08", "57P")) or state == "25P03" or cut):
        return Unreachable(
            N_("The office database {name} does not answer. Your text is kept here; try again when it is back."),
            name=name, details=text,
        )  # fmt: skip
    if cut:
        return Unreachable(
            N_("The connection to {name} was lost. Nothing was half saved; try again."), name=name, details=text
        )
    return None
