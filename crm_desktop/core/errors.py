"""Errors that a person can act on. Everything else that is raised is a bug."""

from __future__ import annotations

from typing import Any

from crm_desktop.core.i18n import N_, translate


class UserError(Exception):
    """Something the user can act on: one clear sentence near its cause, saying what to do.

    Args:
        message: the sentence in English, marked with ``N_`` and with ``{named}`` placeholders.
        details: technical text for the "details" of a dialog; never shown first.
        params: the values of the placeholders.
    """

    def __init__(self, message: str, *, details: str = "", **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.params = params

    def __str__(self) -> str:
        text = translate(self.message)
        return text.format(**self.params) if self.params else text


class Unreachable(UserError):
    """The database does not answer; nothing was half saved, and the work can go on when it does."""


class ServerFull(Unreachable):
    """The server answers, but has no free place for one more connection."""


class SaveUnknown(Unreachable):
    """The connection died while a save was being confirmed, and the server cannot be asked yet whether it is there.

    ``db.outcome.was_saved`` asks it later. ``result`` is what the work had come to, ``empty`` whether it changed nothing
    and so leaves no change set.
    """

    def __init__(
        self, change_set: int, transaction: str, backend: int, details: str = "", *, empty: bool = False
    ) -> None:
        super().__init__(
            N_("The connection was lost at the moment of saving. Whether it is saved is looked up when it is back."),
            details=details,
        )
        self.change_set = change_set
        self.transaction = transaction
        self.backend = backend
        self.empty = empty
        self.result: Any = None


class SignInRefused(UserError):
    """The server does not let this person in: the password was changed, or the login is disabled."""


class NewerOffice(UserError):
    """The office was made or upgraded by a newer program; this one does not touch it."""


class FileGone(Unreachable):
    """The file of an open office is not there any more, or another one took its place; nothing was written."""


class OfficeClosed(UserError):
    """The office was closed meanwhile: nobody is there any more to whom what was read could be shown."""

    def __init__(self) -> None:
        super().__init__(N_("The office was closed."))


class ReadOnlyFile(UserError):
    """A file of an office that cannot be written, or beside which nothing can; it can be opened to read.

    Attributes:
        reason: "protected"; "full", where its disk has no room; "upgrade", where it has none for the copy that comes before.
    """

    def __init__(self, message: str, *, reason: str = "protected", details: str = "", **params: Any) -> None:
        super().__init__(message, details=details, **params)
        self.reason = reason


class FileRefused(UserError):
    """The disk refused a file, or what belongs beside it."""


class NoRoom(UserError):
    """There is not enough free space for what was to be written; nothing was."""


class CertificateRefused(UserError):
    """The server's certificate is not the one that is trusted; nothing is sent until somebody decides."""


class Collided(UserError):
    """Two writers stood in each other's way and the server let one go on. Nothing was changed; the work may be repeated."""


class FieldError(UserError):
    """A value that a field cannot take; ``field`` names it so that a form can speak at the field."""

    def __init__(self, field: str, message: str, *, value: Any = None, **params: Any) -> None:
        super().__init__(message, **params)
        self.field = field
        self.value = value


class ValidationFailed(UserError):
    """One or more fields of a record are not valid. ``errors`` holds one :class:`FieldError` each."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(N_("{sentences}"), sentences=" ".join(str(error) for error in errors))
        self.errors = errors


class RecordGone(UserError):
    """The record is no longer there: somebody deleted it."""

    def __init__(self, entity: str, record_id: int) -> None:
        super().__init__(N_("This record has been deleted. It can be restored from “Recently deleted”."))
        self.entity = entity
        self.record_id = record_id


class EditConflict(UserError):
    """Two people changed the same field. ``fields`` maps a field name to (base, mine, theirs)."""

    def __init__(self, entity: str, record_id: int, fields: dict[str, tuple[Any, Any, Any]]) -> None:
        super().__init__(N_("Somebody else changed the same field while you were editing. Choose which value to keep."))
        self.entity = entity
        self.record_id = record_id
        self.fields = fields


class SettingChanged(UserError):
    """Two people changed the same setting of the office. ``fields`` maps its name to (base, mine, theirs).

    Attributes:
        who: who changed it meanwhile; "" where nobody knows.
        at: when.
    """

    def __init__(self, fields: dict[str, tuple[Any, Any, Any]], *, who: str = "", at: Any = None) -> None:
        super().__init__(N_("Somebody else changed the same setting meanwhile. Choose which one to keep."))
        self.fields = fields
        self.who = who
        self.at = at

    @property
    def theirs(self) -> dict[str, Any]:
        """What stands there now, by name."""
        return {name: values[2] for name, values in self.fields.items()}
