"""Pages of the archive: escaped, plain, readable on paper and in the dark, without anything from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from crm_desktop.archive.names import link_to
from crm_desktop.core.i18n import language

STYLE = """\
:root { color-scheme: light dark; --text: #1d2330; --quiet: #5b6474; --line: #d9dee7; --back: #ffffff; --soft: #f4f6fa; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ef; --quiet: #a0a9b8; --line: #363d4a; --back: #171b22; --soft: #1f252e; --link: #84b4ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--back); color: var(--text);
  font: 16px/1.5 "Segoe UI", system-ui, -apple-system, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); break-after: avoid; }
p { margin: .5rem 0; }
.quiet, time, .by { color: var(--quiet); font-size: .9rem; }
.tag { display: inline-block; padding: .05rem .6rem; margin: 0 .3rem .3rem 0; border: 1px solid var(--line); border-radius: 1rem; font-size: .85rem; }
dl { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .3rem 1.25rem; margin: .5rem 0; }
dt { color: var(--quiet); } dd { margin: 0; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; }
th, td { text-align: start; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; } tr { break-inside: avoid; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
article { padding: .6rem 0; border-bottom: 1px solid var(--line); break-inside: avoid-page; }
article p.text { white-space: pre-wrap; }
ul.plain { list-style: none; padding: 0; margin: .5rem 0; } ul.plain li { padding: .15rem 0; }
ul.names { columns: 18rem; list-style: none; padding: 0; } ul.names li { padding: .1rem 0; break-inside: avoid; }
nav.letters a { display: inline-block; padding: .1rem .5rem; margin: 0 .2rem .3rem 0; background: var(--soft); border-radius: .3rem; }
input[type=search] { width: 100%; max-width: 30rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--soft);
  border: 1px solid var(--quiet); border-radius: .4rem; }
code { background: var(--soft); padding: .05rem .3rem; border-radius: .2rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } nav, .search { display: none; } a { color: inherit; text-decoration: none; } }
"""
_SAFE = re.compile(r"https?://[^\s]+$", re.IGNORECASE)


def text(value: object) -> str:
    """A text that shows as it is, whatever it holds."""
    return escape(str(value), quote=True)


def page(title: str, body: Iterable[str], *, up: str = "", script: str = "") -> bytes:
    """A whole page.

    Args:
        up: how the top folder is reached from it ("../" from one folder below).
        script: the address of the one script that it runs; a page without one may run none.
    """
    policy = "" if script else (
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; frame-src 'none'\">\n"
    )  # fmt: skip
    head = (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n<meta charset="utf-8">\n{policy}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{text(title)}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>\n'
    )
    end = f'<script src="{script}"></script>\n' if script else ""
    return (head + "".join(body) + f"{end}</body>\n</html>\n").encode("utf-8", "replace")


def link(path: str, words: str) -> str:
    """A link to another file of the archive."""
    return f'<a href="{text(link_to(path))}"><bdi>{text(words)}</bdi></a>'


def outside(words: str, scheme: str = "") -> str:
    """An address that people typed, as a link where it is one that cannot do harm."""
    if scheme:
        return f'<a href="{scheme}:{text(link_to(words.replace(" ", "")))}"><bdi>{text(words)}</bdi></a>'
    if _SAFE.match(words):
        return f'<a href="{text(words)}" rel="noreferrer noopener"><bdi>{text(words)}</bdi></a>'
    return f"<bdi>{text(words)}</bdi>"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Labels with values, which are HTML already."""
    inner = "".join(f'<dt>{text(label)}</dt><dd dir="auto">{value}</dd>\n' for label, value in rows)
    return f"<dl>\n{inner}</dl>\n" if inner else ""


def table(headers: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> str:
    """A table; headers are (label, whether numbers stand below it), cells are HTML already."""
    marks = [' class="n"' if number else "" for _label, number in headers]
    head = "".join(f"<th{mark}>{text(label)}</th>" for (label, _number), mark in zip(headers, marks, strict=True))
    body = "".join(
        "<tr>" + "".join(f'<td{mark} dir="auto">{cell}</td>' for cell, mark in zip(row, marks, strict=True)) + "</tr>\n"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def heading(words: str, count: int = 0) -> str:
    """A heading, maybe with how many there are."""
    return f"<h2>{text(words)}{f' ({count})' if count else ''}</h2>\n"
