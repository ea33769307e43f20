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
    if path.suffix.lower() == ".msg":
        return _read_msg(path, content)
    letter = read_eml(content)
    if not (letter.sender.address or letter.to or letter.subject or letter.date):
        raise UserError(N_("{name} is no e-mail that can be read. It can be attached as a file."), name=path.name)
    return letter


def _read_msg(path: Path, content: bytes) -> Letter:
    from crm_desktop.mail.msg import read_msg  # lazy: only with the first e-mail of Outlook

    try:
        return read_msg(content)
    except Exception as error:  # the reader raises whatever its parts raise at a damaged file
        raise UserError(
            N_("{name} is no e-mail that can be read. It can be attached as a file."),
            name=path.name, details=repr(error),
        ) from error  # fmt: skip
