"""Reads an e-mail from a file, of whatever kind."""

from __future__ import annotations

from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.mail.eml import read_eml
from crm_desktop.mail.letter import LARGEST, Letter

ENDINGS = (".eml", ".msg")


def is_letter(path: Path) -> bool:
    """Whether a file is an e-mail by its name, and not too large to be read as one."""
    return path.suffix.lower() in ENDINGS and path.is_file() and path.stat().st_size <= LARGEST


def read_letter(path: Path) -> Letter:
    """The e-mail in a file.

    Raises:
        UserError: the file cannot be read or is no e-mail.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            N_("{name} cannot be read: {reason}"), name=path.name, reason=error.strerror or str(error)
        ) from error
    try:
        letter = letter_of(path.suffix.lower(), content)
    except Exception as error:  # the reader of .msg raises whatever its parts raise at a damaged file
        raise _no_letter(path, repr(error)) from error
    if not (letter.sender.address or letter.to or letter.subject or letter.date):
        raise _no_letter(path)
    return letter


def letter_of(ending: str, content: bytes) -> Letter:
    """The e-mail in the bytes of a file whose name ends in ".eml" or ".msg"; damaged ones raise all kinds of errors."""
    if ending == ".msg":
        from crm_desktop.mail.msg import read_msg  # lazy: only with the first e-mail of Outlook

        return read_msg(content)
    return read_eml(content)


def _no_letter(path: Path, details: str = "") -> UserError:
    return UserError(
        N_("{name} is no e-mail that can be read. It can be attached as a file."), name=path.name, details=details
    )
