"""Names of files that every system takes: readable, never too long, never reserved, never the same twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_LONGEST_TITLE, _LONGEST_FOLDER, _LONGEST_FILE, _LONGEST_ENDING = 48, 30, 90, 12
_LONGEST_PATH, _LEAST_FILE, _AROUND = 175, 20, 34
"""Windows refuses paths of more than 260 characters, the folder into which somebody unpacks included; what stands around
the stem of a file's own name (its day, its number, its ending) comes to about so many.
"""
_MOST_BYTES = 180
"""A name may have 255 bytes on most systems; the id and a number still come to it."""


def safe_name(text: str, longest: int = _LONGEST_TITLE) -> str:
    """A text as part of the name of a file.

    Characters that Windows refuses or nobody sees (marks of the direction of writing among them) become blanks, ends of
    dots and blanks go, and a name that is reserved for devices gets a line in front.
    """
    plain = unicodedata.normalize("NFC", text)
    if not plain.isprintable():
        plain = "".join(
            " " if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else one for one in plain
        )
    plain = " ".join(_FORBIDDEN.sub(" ", plain).split())[:longest].strip(" .")
    while len(plain.encode("utf-8")) > _MOST_BYTES:
        plain = plain[:-1].rstrip(" .")
    return f"_{plain}" if _RESERVED.match(plain) else plain


def record_name(title: str, identity: int, longest: int = _LONGEST_TITLE) -> str:
    """The name of a page of a record: what it is called, and its id."""
    name = safe_name(title, longest)
    return f"{name}-{identity}" if name else str(identity)


def page_name(title: str, identity: int) -> str:
    """The name of the page of a record."""
    return record_name(title, identity) + ".html"


def folder_name(title: str, identity: int) -> str:
    """The name of the folder of a record; shorter than that of its page, since paths may not get too long."""
    return record_name(title, identity, _LONGEST_FOLDER)


def file_name(day: str, name: str, revision: int = 0, *, folder: str = "") -> str:
    """The name of a stored file: the day it was added, then its own name; of an earlier state also which one.

    Args:
        folder: where it stands; the longer that is, the shorter the name.
    """
    longest = max(_LEAST_FILE, min(_LONGEST_FILE, _LONGEST_PATH - _AROUND - len(folder)))
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > _LONGEST_ENDING:
        stem, ending = name, ""
    ending = safe_name(ending, _LONGEST_ENDING)
    mark = f" (v{revision})" if revision else ""
    made = f"{day} {safe_name(stem, longest)}".rstrip(" .") + mark
    return f"{made}.{ending}" if ending else made


def told_apart(names: Iterable[str]) -> list[str]:
    """The names with a number behind those that are there already; upper and lower case count as the same."""
    taken: set[str] = set()
    result = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if not dot:
            stem, ending = name, ""
        chosen, number = name, 1
        while unicodedata.normalize("NFKC", chosen).casefold() in taken:
            number += 1
            chosen = f"{stem} ({number}){dot}{ending}"
        taken.add(unicodedata.normalize("NFKC", chosen).casefold())
        result.append(chosen)
    return result


@lru_cache(maxsize=8192)
def link_to(path: str) -> str:
    """A path inside the archive as the address of a link."""
    return quote(path, safe="/@+")
