"""How files begin: those that hold no table each get a sentence that says what to do, and formats without a mark are told."""

from __future__ import annotations

import re
import struct
from typing import Final

from crm_desktop.core.i18n import N_

_AS_TABLE = N_("“{name}” is a text document, not a table. Copy its table into a spreadsheet, save that, and choose it.")
_PICTURE = N_(
    "“{name}” is a picture, not a table. Export the data from the program that shows it, as a spreadsheet or CSV file."
)
_PDF = N_(
    "“{name}” is a PDF document, not a table. Export the data from the program that made it, as a spreadsheet or CSV file."
)
_PROGRAM = N_("“{name}” is a program, not a table. Choose the file that holds the data.")
_ACCESS = N_(
    "“{name}” is an Access database. Open it in Access, export each table (External Data › Excel or Text File), "
    "and choose the new files."
)
_SQLITE = N_(
    "“{name}” is an SQLite database. Export its tables as CSV files with the program that it belongs to, and choose those. "
    "A database of this program is opened with File › Open."
)
_PST = N_(
    "“{name}” is an Outlook data file. In Outlook choose File › Open & Export › Import/Export › Export to a file › "
    "Comma Separated Values, for contacts and calendar, and choose the new files."
)
_OLM = N_(
    "“{name}” is an archive of Outlook for Mac. In Outlook, select the contacts and drag them to a folder as vCards, "
    "or export them as CSV, and choose those files."
)
_PARQUET = N_("“{name}” is a {kind} file. Save the data as CSV with the program that made it, and choose that.")
_MESSAGE = N_("“{name}” is an Outlook message, not a table. Drop it on a record to keep it there.")
_ENCRYPTED = N_("“{name}” is encrypted. Open it with its program and key, save a readable copy, and choose that.")

WORD, SLIDES, IWORK, OLM = "word", "slides", "iwork", "olm"
DOCUMENTS: Final = {
    WORD: _AS_TABLE,
    SLIDES: N_("“{name}” is a presentation, not a table. Save the data as a spreadsheet or CSV file and choose that."),
    IWORK: N_(
        "“{name}” is a document of Apple Numbers, Pages or Keynote. Open it there, choose File › Export to › Excel, "
        "and choose the new file."
    ),
    OLM: _OLM,
}
"""Packages in a zip that are no archives, and what to say about them."""

OLE_DOCUMENTS: Final = (
    ("WordDocument", _AS_TABLE),
    ("PowerPoint Document", DOCUMENTS[SLIDES]),
    ("__substg1.0_", _MESSAGE),
)
"""Streams in compound files (MS-CFB) that tell what they are."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", _PDF),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"\0\0\1\0", _PICTURE),
    (b"SQLite format 3\0", _SQLITE),
    (b"\0\1\0\0Standard Jet DB", _ACCESS),
    (b"\0\1\0\0Standard ACE DB", _ACCESS),
    (b"!BDN", _PST),
    (b"PAR1", _PARQUET.replace("{kind}", "Parquet")),
    (b"ARROW1", _PARQUET.replace("{kind}", "Arrow")),
    (b"Obj\x01", _PARQUET.replace("{kind}", "Avro")),
    (b"{\\rtf", _AS_TABLE),
    (b"-----BEGIN PGP MESSAGE", _ENCRYPTED),
    (b"Salted__", _ENCRYPTED),
    (b"age-encryption.org", _ENCRYPTED),
    (b"\x7fELF", _PROGRAM),
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x7f]")


def not_a_table(head: bytes) -> str:
    """What to say about a file that begins like something else than a table; "" where nothing is known against it."""
    for magic, sentence in _SIGNATURES:
        if head.startswith(magic):
            return sentence
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" or head[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return _PICTURE
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return _PICTURE
    if head.startswith(b"MZ") and (b"\0" in head or _CONTROLS.search(head)):
        return _PROGRAM
    return ""


_JSON = re.compile(
    r"\A\s*(?:\{\s*(?:\"(?:[^\"\\]|\\.){0,500}\"\s*:|\})"
    r"|\[\s*(?:\{\s*[\"}]|\[\s*[\[\"\d\-tfn\]]|\"(?:[^\"\\]|\\.)*\"\s*[,\]]|\]))"
)
_LDIF = re.compile(
    r"\A(?:#[^\n]*\n(?:[ \t][^\n]*\n)*|[ \t]*\r?\n)*(?:version:\s*\d+[ \t]*\r?\n(?:#[^\n]*\n(?:[ \t][^\n]*\n)*|[ \t]*\r?\n)*)?dn::?(?:[ \t\r\n]|\w+=)",
    re.IGNORECASE,
)


def looks_like_json(text: str) -> bool:
    """Whether the beginning of a text file is JSON with objects or lists."""
    return bool(_JSON.match(text[:4000]))


def looks_like_ldif(text: str) -> bool:
    """Whether the beginning of a text file is LDIF: a version, or the name of an entry."""
    return bool(_LDIF.match(text[:20_000]))


_DBF_VERSIONS = frozenset(
    {0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x7B, 0x83, 0x8B, 0x8C, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB}
)
_DBF_TYPES = frozenset(b"CNFDLMTIYBGPVQW0+O@")


def looks_like_dbf(head: bytes, size: int) -> bool:
    """Whether a file begins like a DBF table: a known version, a date, and a first field of a known type."""
    if head[:1] == b"\x02" and len(head) >= 521 and head[520] in (0, 0x0D) and head[19] in b"CNL":
        return head[3] <= 12 and head[4] <= 31 or head[4] <= 12  # dBase II
    if len(head) < 65 or head[0] not in _DBF_VERSIONS:
        return False
    if head[2] > 12 or head[3] > 31:
        return False
    length, width = struct.unpack_from("<HH", head, 8)
    if not (65 <= length <= size + 1 and width > 1):
        return False
    plain = head[43] in _DBF_TYPES and head[32] >= 0x20
    level7 = len(head) > 116 and head[100] in _DBF_TYPES and head[68] >= 0x20
    return plain or level7
