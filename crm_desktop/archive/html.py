"""Pages of the archive: escaped, plain, readable on paper and in the dark, without anything from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from crm_desktop.archive.names import link_to
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, language

_MEANT = re.compile("[&<>\"']").search
_SAFE = re.compile(r"https?://[^\s]+$", re.IGNORECASE)
_NO_SCRIPT = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; frame-src 'none'; "
    "base-uri 'none'; form-action 'none'\">\n"
)
NAMES, README = "customers/index.html", "README.html"


@dataclass(frozen=True)
class Frame:
    """What stands around every page of an archive.

    Attributes:
        office: the office's name.
        state: of which moment the archive is, in words.
        names: whether there is an index of names.
    """

    office: str
    state: str
    names: bool

    def page(
        self, title: str, body: Iterable[str], *, up: str = "", here: str = "", script: str = ""
    ) -> bytes:  # fmt: skip
        """A whole page.

        Args:
            up: how the top folder is reached from it ("../" from one folder below).
            here: which of the pages that every page leads to this is.
            script: the address of the one script that it runs; a page without one may run none.
        """
        return "".join((
            f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n<meta charset="utf-8">\n',
            "" if script else _NO_SCRIPT,
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f'<title>{text(title)} – {text(self.office)}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>\n',
            _top(self, up, here, language()), '<main id="main">\n', *body, "</main>\n",
            f'<footer class="foot">{text(self.state)}</footer>\n',
            f'<script src="{script}"></script>\n' if script else "", "</body>\n</html>\n",
        )).encode("utf-8", "replace")  # fmt: skip


@lru_cache(maxsize=16)
def _top(frame: Frame, up: str, here: str, _language: str) -> str:
    """The line over every page."""
    links = [(NAMES, _("All names"))] if frame.names else []
    links.append((README, _("About this archive")))
    mark = ' aria-current="page"'
    shown = "".join(f'<a href="{up}{path}"{mark if path == here else ""}>{text(words)}</a>' for path, words in links)
    return (
        f'<a class="skip" href="#main">{text(_("To the content"))}</a>\n<header class="top"><div>'
        f'<strong dir="auto">{text(frame.office)}</strong><nav aria-label="{text(_("This archive"))}">{shown}</nav></div></header>\n'
    )


def text(value: object) -> str:
    """A text that shows as it is, whatever it holds."""
    words = str(value)
    return escape(words, quote=True) if _MEANT(words) else words  # most texts have nothing to escape


def own(words: str) -> str:
    """What people typed, so that its direction of writing stays its own."""
    return f"<bdi>{text(words)}</bdi>"


def link(path: str, words: str) -> str:
    """A link to another file of the archive."""
    return f'<a href="{text(link_to(path))}">{own(words)}</a>'


def outside(words: str, scheme: str = "") -> str:
    """An address that people typed, as a link where it is one that cannot do harm."""
    if scheme:
        return f'<a href="{scheme}:{text(link_to(words.replace(" ", "")))}">{own(words)}</a>'
    if _SAFE.match(words):
        return f'<a href="{text(words)}" rel="noreferrer noopener">{own(words)}</a>'
    return own(words)


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of the program's own words."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{text(words)}</p>\n"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Labels with values, which are HTML already."""
    inner = "".join(f'<dt>{text(label)}</dt><dd dir="auto">{value}</dd>\n' for label, value in rows)
    return f"<dl>\n{inner}</dl>\n" if inner else ""


@dataclass(frozen=True)
class Row:
    """A line of a table: its cells, and what stands below them over its whole width; HTML already."""

    cells: Sequence[str]
    more: str = ""


def table(headers: Sequence[tuple[str, str]], rows: Iterable[Row | Sequence[str]], foot: Sequence[str] = ()) -> str:
    """A table, which becomes one card a line where there is no room.

    Args:
        headers: (label, kind) of the columns: "n" has numbers, "day" what stays on one line.
        rows: cells are HTML already.
        foot: the cells of the last line.
    """
    marks = [f' class="{kind}"' if kind else "" for _label, kind in headers]
    begins = [
        f'<td{mark} dir="auto" data-label="{text(label)}">' for (label, _kind), mark in zip(headers, marks, strict=True)
    ]
    head = "".join(
        f'<th scope="col"{mark}>{text(label)}</th>' for (label, _kind), mark in zip(headers, marks, strict=True)
    )
    parts = [f'<table class="rows">\n<thead><tr>{head}</tr></thead>\n<tbody>\n']
    for row in rows:
        cells, more = (row.cells, row.more) if isinstance(row, Row) else (row, "")
        parts.append('<tr class="with">' if more else "<tr>")
        parts += [begin + cell + "</td>" for begin, cell in zip(begins, cells, strict=True)]
        parts.append("</tr>\n")
        if more:
            parts.append(f'<tr class="more"><td colspan="{len(begins)}" dir="auto">{more}</td></tr>\n')
    parts.append("</tbody>\n")
    if foot:
        inner = "".join(begin + cell + "</td>" for begin, cell in zip(begins, foot, strict=True))
        parts.append(f"<tfoot><tr>{inner}</tr></tfoot>\n")
    parts.append("</table>\n")
    return "".join(parts)


def figure(label: str, value: str, lines: Iterable[str] = ()) -> str:
    """A key figure with lines below it."""
    below = "".join(f"<li>{text(line)}</li>" for line in lines)
    return (
        f'<div class="figure"><span>{text(label)}</span><b>{text(value)}</b>'
        f"{f'<ul>{below}</ul>' if below else ''}</div>\n"
    )


def heading(words: str, count: int = 0, mark: str = "") -> str:
    """A heading, maybe with how many there are; ``mark`` is where links on the page lead."""
    number = f' <span class="n">{format_integer(count)}</span>' if count else ""
    place = f' id="{mark}"' if mark else ""
    return f"<h2{place}>{text(words)}{number}</h2>\n"
