"""What a file is, by what is in it and not by its name; and samples of text files that may be huge."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing import signatures, table
from crm_desktop.importing.encodings import LENIENT, EncodingGuess, guess_encoding

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 512 * 1024
_HEAD_MOST = 8 * 1024 * 1024
_PIECE = 64 * 1024
_PIECES = 6

_FOLDER = N_("“{name}” is a folder. Choose a file in it.")
_MISSING = N_("“{name}” is not there any more. Check that it was not moved or renamed, and choose it again.")
_LOCKED = N_("“{name}” cannot be opened. Close it in other programs, check that you may read it, and try again.")
_EMPTY = N_("“{name}” is empty. Export it again from the other program.")
_DAMAGED = N_(
    "“{name}” is damaged or incomplete. Open it in a spreadsheet program, save it again, and choose the new file."
)
_PASSWORD = N_(
    "“{name}” is protected by a password. Save a copy without password in a spreadsheet program and choose that copy."
)
_BINARY = N_(
    "“{name}” does not hold text or a table that can be read. Save the data as a spreadsheet or "
    "CSV file and choose that."
)
_ARCHIVE = N_("“{name}” is a compressed archive. Unpack it and choose the file inside.")
_OLD_EXCEL = N_(
    "“{name}” comes from a very old Excel. Open it in a spreadsheet program, save it as xlsx, and choose the new file."
)

_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x9d", b"MSCF", b"\x28\xb5\x2f\xfd")
_PACKED = ((b"\x1f\x8b\x08", table.GZIP), (b"BZh", table.BZIP2), (b"\xfd7zXZ\0", table.XZ))
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x7f]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style|div)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sample:
    """Text from a file: ``head`` ends at a line end, ``tail`` begins at a line start ("" where head is everything)."""

    head: str
    tail: str
    size: int
    head_bytes: int
    encoding: EncodingGuess

    @property
    def whole(self) -> bool:
        """Whether the head is the whole file."""
        return self.head_bytes >= self.size


def file_size(path: Path) -> int:
    """The size in bytes of a file that can be read; a :class:`UserError` says why it cannot."""
    try:
        if path.is_dir():
            raise UserError(_FOLDER, name=path.name)
        with path.open("rb") as file:
            first = file.read(1)
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise UserError(_MISSING, name=path.name) from error
    except (OSError, ValueError) as error:
        raise UserError(_LOCKED, name=path.name, details=str(error)) from error
    if not first:
        raise UserError(_EMPTY, name=path.name)
    return size


def damaged(path: Path, error: BaseException | None = None) -> UserError:
    """The error for a workbook that cannot be read."""
    return UserError(_DAMAGED, name=path.name, details=str(error or ""))


def protected(path: Path) -> UserError:
    """The error for a workbook with a password."""
    return UserError(_PASSWORD, name=path.name)


def nothing_inside(path: Path) -> UserError:
    """The error for a file without a single row."""
    return UserError(_EMPTY, name=path.name)


def sniff_archive(path: Path) -> str:
    """The kind of an archive whose members can be read (``table.ZIP`` and so on); "" for every other file."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "" if _package_kind(path) else table.ZIP
    return next((kind for magic, kind in _PACKED if head.startswith(magic)), "")


def sniff_kind(path: Path) -> str:
    """The kind of a file (``table.CSV`` and so on); a :class:`UserError` says what it is where it cannot be read."""
    file_size(path)
    with path.open("rb") as file:
        head = file.read(_PIECE)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip_kind(path)
    if head.startswith(OLE_MAGIC):
        return _ole_kind(path)
    if (
        head[:2] == b"\x09\x08"
        and head[4:6] in (b"\x00\x05", b"\x00\x06")
        or head[:4]
        in (
            b"\x09\x00\x04\x00",
            b"\x09\x02\x06\x00",
            b"\x09\x04\x06\x00",
        )
    ):
        raise UserError(_OLD_EXCEL, name=path.name)
    sentence = signatures.not_a_table(head)
    if sentence:
        raise UserError(sentence, name=path.name)
    if signatures.looks_like_dbf(head, path.stat().st_size):
        return table.DBF
    if head.startswith(_ARCHIVES):
        raise UserError(_ARCHIVE, name=path.name)
    return _text_kind(path, head)


def _package_kind(path: Path) -> str:
    """What a zip is that is one document: "xlsx", "word" and so on; "" for a plain archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise damaged(path, error) from error
    if b"opendocument.text" in mimetype:
        return signatures.WORD
    if b"opendocument.presentation" in mimetype:
        return signatures.SLIDES
    if "xl/workbook.bin" in names:
        return table.XLSB
    if any(name.startswith("word/document") for name in names):
        return signatures.WORD
    if any(name.startswith("ppt/presentation") for name in names):
        return signatures.SLIDES
    if any(name.startswith("xl/") for name in names) or any(name.endswith("/workbook.xml") for name in names):
        return table.XLSX
    if "content.xml" in names:
        return table.ODS
    if any(name.startswith("Accounts/") and name.endswith(".xml") for name in names):
        return signatures.OLM
    if any(name.endswith(".iwa") for name in names) or "Index.zip" in names:
        return signatures.IWORK
    return ""


def _zip_kind(path: Path) -> str:
    kind = _package_kind(path)
    if kind in signatures.DOCUMENTS:
        raise UserError(signatures.DOCUMENTS[kind], name=path.name)
    return kind


def _ole_kind(path: Path) -> str:
    # names in the directory of a compound file are UTF-16 (MS-CFB 2.6.1)
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise protected(path)
    if "Workbook".encode("utf-16-le") in content or "Book\0".encode("utf-16-le") in content:
        return table.XLS
    for stream, sentence in signatures.OLE_DOCUMENTS:
        if stream.encode("utf-16-le") in content:
            raise UserError(sentence, name=path.name)
    raise damaged(path)


def _text_kind(path: Path, head: bytes) -> str:
    guess = guess_encoding(head)
    wide = guess.encoding.startswith(("utf-16", "utf-32"))
    if not wide:
        controls = len(_CONTROLS.findall(head[:8192])) / min(len(head), 8192)
        zeros = head[:8192].count(0) / min(len(head), 8192)
        if controls > 0.03 or zeros > 0.3 and b"\n" not in head and b"\r" not in head:
            raise UserError(_BINARY, name=path.name)
    text = head.decode(guess.encoding, LENIENT if not wide else "replace").lstrip("﻿ \t\r\n\0")
    start = text[:2000].upper()
    if not text:
        if path.stat().st_size <= len(head):
            raise nothing_inside(path)
        return table.CSV
    if start.startswith("BEGIN:VCARD") or re.match(r"(?:[\w.-]+\.)?BEGIN:\s*VCARD", start):
        return table.VCARD
    if start.startswith("BEGIN:VCALENDAR") or start.startswith(("BEGIN:VEVENT", "BEGIN:VTODO")):
        return table.ICS
    if start.startswith(("<?XML", "<WORKBOOK", "<SS:WORKBOOK")) and "office:spreadsheet" in text[:4000]:
        return table.XML_SHEET
    if start.startswith("MIME-VERSION:") and "TEXT/HTML" in text.upper():
        return table.HTML
    if start.startswith(("{", "[")) and signatures.looks_like_json(text):
        return table.JSON
    if signatures.looks_like_ldif(text):
        return table.LDIF
    if start.startswith("<") and _HTML.search(text[:4000]):
        return table.HTML
    return table.CSV


def take_sample(path: Path, encoding: str = "", most: int = _HEAD) -> Sample:
    """The beginning and the end of a text file, decoded; whole lines only. Long first lines make the head longer."""
    size = file_size(path)
    with path.open("rb") as file:
        head = file.read(most)
        while len(head) < size and len(head) < _HEAD_MOST and head.count(b"\n") + head.count(b"\r") < 8:
            head += file.read(most)
        pieces = []
        tail = b""
        if len(head) < size:
            step = max(2, (size - len(head)) // (_PIECES + 1) // 2 * 2)
            for number in range(1, _PIECES + 1):
                file.seek(len(head) + step * number)
                pieces.append(_whole_lines(file.read(_PIECE)))
            file.seek(max(len(head), (size - _PIECE) // 4 * 4))
            tail = file.read()
            pieces.append(_whole_lines(tail))
    guess = guess_encoding(b"".join([head, *pieces]) if not _is_wide(head) else head)
    if encoding:
        guess = EncodingGuess(encoding, 1.0, table.Evidence(N_("Chosen by you")))
    text = decode(head, guess.encoding)
    if len(head) < size:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    end = decode(tail, guess.encoding)
    first = re.search(r"[\r\n]+", end)
    return Sample(text, end[first.end() :] if first else "", size, len(head), guess)


def count_lines(path: Path) -> int:
    """How many line ends a file has, counted as bytes: a second for a gigabyte."""
    feeds = returns = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r") if not feeds else 0
    return feeds or returns


def decode(data: bytes, encoding: str) -> str:
    """Text of bytes; what the encoding does not know is read as Windows-1252. Zero bytes are dropped."""
    if encoding in ("utf-16", "utf-32") and data[:2] not in (b"\xff\xfe", b"\xfe\xff") and data[:4] != b"\0\0\xfe\xff":
        encoding += "-le"
    if encoding.startswith(("utf-16", "utf-32")):
        unit = 2 if "16" in encoding else 4
        data = data[: len(data) // unit * unit]
        return data.decode(encoding, "replace").replace("\0", "").removeprefix("﻿")
    return data.decode(encoding, LENIENT).replace("\0", "").removeprefix("﻿")


def _is_wide(head: bytes) -> bool:
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:200].count(0) > 20


def _whole_lines(piece: bytes) -> bytes:
    start, end = piece.find(b"\n"), piece.rfind(b"\n")
    return piece[start + 1 : end + 1] if end > start >= 0 else b""
