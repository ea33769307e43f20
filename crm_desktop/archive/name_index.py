"""The index of names: by first letters, on several pages where they are many, and a search that works from a folder.

The search loads the names of the first letters that were typed as a small script, because a page that lies on a disk may
read no other files. However many names there are, only those of some letters are loaded.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Self

from crm_desktop.archive import html
from crm_desktop.archive.names import link_to
from crm_desktop.archive.texts import TextInto
from crm_desktop.archive.work import Work
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.text import fold, words

A_PAGE, ON_ONE = 1_500, 3_000
"""So many names stand on a page where there are several, and where one has them all."""
OTHERS = "#"
_LINE = json.JSONEncoder()
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_SCRIPT = """\
"use strict";
(function () {
  var field = document.getElementById("search"), list = document.getElementById("found"), note = document.getElementById("note");
  var loaded = {}, wanted = "";
  document.getElementById("searching").hidden = false;
  function fold(text) { return text.normalize("NFKD").replace(/[\\u0300-\\u036f]/g, "").toLowerCase(); }
  function split(text) { return fold(text).split(/[^\\p{L}\\p{N}]+/u).filter(Boolean); }
  function keyOf(word) { var all = Array.from(word); return /[a-z0-9]/.test(all[0]) ? all.slice(0, 2).join("") : all[0]; }
  function hex(key) {
    return Array.from(new TextEncoder().encode(key)).map(function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }
  function show(key, typed) {
    var names = loaded[key] || [], count = 0;
    list.replaceChildren();
    for (var i = 0; i < names.length && count < 200; i++) {
      var have = split(names[i][0] + " " + names[i][2]);
      if (!typed.every(function (word) { return have.some(function (one) { return one.startsWith(word); }); })) continue;
      var line = document.createElement("li"), a = document.createElement("a"), b = document.createElement("bdi");
      a.href = names[i][1]; b.textContent = names[i][0]; a.appendChild(b); line.appendChild(a);
      if (names[i][2]) {
        var more = document.createElement("span");
        more.className = "quiet"; more.dir = "auto"; more.textContent = names[i][2]; line.append(" ", more);
      }
      list.appendChild(line); count++;
    }
    note.textContent = count ? "" : note.dataset.none;
  }
  window.crmNames = function (key, names) { loaded[key] = names; if (key === wanted) look(); };
  function look() {
    var typed = split(field.value), first = typed.slice().sort(function (a, b) { return b.length - a.length; })[0];
    wanted = ""; note.textContent = ""; list.replaceChildren();
    if (!first || (/^[a-z0-9]/.test(first) && first.length < 2)) return;
    wanted = keyOf(first);
    if (loaded[wanted]) { show(wanted, typed); return; }
    var script = document.createElement("script"), key = wanted;
    script.src = "index/" + hex(key) + ".js";
    script.onerror = function () { loaded[key] = []; if (key === wanted) look(); };
    document.head.appendChild(script);
  }
  field.addEventListener("input", look);
  field.focus();
  look();
})();
"""


def key_of(word: str) -> str:
    """The letters under which a folded word is looked up: two of the Latin ones, else one."""
    return word[:2] if word[0] in _LATIN else word[0]


class NameIndex:
    """Collects names in a scratch file and writes them in order."""

    def __init__(self, scratch: Path, frame: html.Frame) -> None:
        self._frame = frame
        self._db = sqlite3.connect(scratch / "names.db", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4000; PRAGMA temp_store=FILE;"
            "CREATE TABLE name (sorted TEXT, title TEXT, link TEXT, more TEXT); CREATE TABLE word (key TEXT, name INTEGER); BEGIN"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._db.close()

    def add(self, title: str, page: str, more: str, kind: str) -> None:
        """Take a name with the page it leads to; it is found by the words of ``more``, too. Without that its kind is shown."""
        shown = title or page.removesuffix(".html")
        values = (fold(shown), shown, link_to(page), more or kind)
        row = self._db.execute("INSERT INTO name VALUES (?, ?, ?, ?)", values).lastrowid
        keys = {key_of(word) for word in (*words(shown), *words(more))}
        self._db.executemany("INSERT INTO word VALUES (?, ?)", [(key, row) for key in keys])

    def write(self, work: Work, folder: str) -> None:
        """Write the index page, the pages of names, and the scripts of the search."""
        self._db.executescript("CREATE INDEX word_key ON word (key); CREATE INDEX name_sorted ON name (sorted, title)")
        count = int(self._db.execute("SELECT count(*) FROM name").fetchone()[0])
        total = ngettext("{n} name", "{n} names", count).format(n=format_integer(count))
        body = [
            f"<h1>{html.text(_('All names'))}</h1>\n", html.paragraph(total, "sub"),
            # without scripts there is no search, and nothing says there were one
            f'<div class="search" id="searching" hidden><p><input type="search" id="search" autocomplete="off" '
            f'aria-label="{html.text(_("Search a name"))}" placeholder="{html.text(_("Search a name"))}"></p>\n',
            f'<p class="quiet" id="note" role="status" data-none="{html.text(_("No such name."))}"></p>\n<ul class="plain" id="found"></ul></div>\n',
        ]  # fmt: skip
        body += self._all_here() if count <= ON_ONE else self._split(work, folder)
        page = self._frame.page(_("All names"), body, up="../", here=html.NAMES, script="search.js")
        work.zip.add(f"{folder}/search.js", _SCRIPT.encode())
        work.zip.add(f"{folder}/index.html", page)
        self._write_search(work, folder)

    def _sorted(self) -> Iterator[tuple[str, str, str, str]]:
        return iter(self._db.execute("SELECT sorted, title, link, more FROM name ORDER BY sorted, title"))

    def _all_here(self) -> list[str]:
        letters, found = [], []
        for letter, rows in groupby(self._sorted(), lambda row: letter_of(row[0])):
            letters.append(letter)
            found += [html.heading(letter, mark=_mark(letter)), _list(rows, "")]
        return [_letter_line(letters), *found]

    def _split(self, work: Work, folder: str) -> list[str]:
        """Write pages of names. Returns the list of them, by first letter."""
        found, number = [], 0
        for letter, rows in groupby(self._sorted(), lambda row: letter_of(row[0])):
            links = []
            while some := list(islice(rows, A_PAGE)):
                number += 1
                name, ends = f"{number:04}.html", (_short(some[0][1]), _short(some[-1][1]))
                label = " – ".join(ends) if len(some) > 1 else ends[0]
                body = [f'<h1 dir="auto">{html.text(label)}</h1>\n', _list(some, "../")]
                work.zip.add(f"{folder}/index/{name}", self._frame.page(label, body, up="../../"))
                count = f'<span class="quiet">{format_integer(len(some))}</span>'
                links.append(f'<a href="index/{name}">{html.own(label)}</a> {count}')
                work.progress.check()
            found.append((letter, "<br>".join(links)))
        return [html.pairs(found)]

    def _write_search(self, work: Work, folder: str) -> None:
        keys = [key for (key,) in self._db.execute("SELECT DISTINCT key FROM word ORDER BY key")]
        for key in keys:
            work.progress.check()
            rows = self._db.execute(
                "SELECT title, link, more FROM name JOIN word ON word.name = name.rowid WHERE key = ? ORDER BY sorted, title",
                (key,),
            )
            with work.zip.member(f"{folder}/index/{key.encode().hex()}.js") as member:
                member.write(f"crmNames({json.dumps(key)},[\n".encode())
                text = TextInto(member)
                for number, row in enumerate(rows):
                    text.write((",\n" if number else "") + _LINE.encode(row))
                text.write("\n]);\n")
                text.flush()


def letter_of(folded: str) -> str:
    """The letter under which a folded name stands."""
    first = folded[:1]
    return first.upper() if first.isalpha() else OTHERS


def _mark(letter: str) -> str:
    """Where a letter begins on the page, as an address takes it."""
    return "at-" + "-".join(f"{ord(one):x}" for one in letter)


def _letter_line(letters: list[str]) -> str:
    """The way to each letter."""
    links = "".join(f'<a href="#{_mark(one)}">{html.text(one)}</a>' for one in letters)
    return f'<nav class="letters" aria-label="{html.text(_("First letters"))}">{links}</nav>\n'


def _short(name: str, longest: int = 28) -> str:
    """The beginning of a name, in whole words where that is possible."""
    if len(name) <= longest:
        return name
    return (name[:longest].rpartition(" ")[0] or name[:longest]).rstrip(" ,;-") + "…"


def _list(rows: Iterator[tuple[str, str, str, str]] | list[tuple[str, str, str, str]], up: str) -> str:
    lines = []
    for _sorted, title, link, more in rows:
        quiet = f' <span class="quiet"><bdi>{html.text(more)}</bdi></span>' if more else ""
        lines.append(f'<li><a href="{up}{html.text(link)}"><bdi>{html.text(title)}</bdi></a>{quiet}</li>\n')
    return f'<ul class="names">\n{"".join(lines)}</ul>\n'
