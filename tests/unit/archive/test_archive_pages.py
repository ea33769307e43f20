"""The pages of an archive, read as a browser reads them: whole, linked, for everybody, whatever stands in a name."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest

from crm_desktop.archive import names
from crm_desktop.archive.making import make_archive
from crm_desktop.core.i18n import set_language
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, files_service
from crm_desktop.records import service as records

EVA = Actor(None, "Eva")
NASTY = "<script>alert(\"x\")</script></dd></table><img src=x onerror='alert(1)'>"
ARABIC = "محمد الخالدي"
_VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """What a page consists of; ``wrong`` is what a browser would have to guess."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.marks: list[str] = []
        self.links: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.wrong += self.open
        self.wrong += [one for one in self.marks if self.marks.count(one) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found.append((tag, given))
        if tag not in _VOID:
            self.open.append(tag)
        if "id" in given:
            self.marks.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def has(self, tag: str, **given: str) -> bool:
        return any(one == tag and given.items() <= known.items() for one, known in self.found)


def fill(database: Database) -> dict[str, int]:
    """A company with deals, files and names that mean harm, and people who write from right to left."""
    with write(database, "Office", actor=EVA) as uow:
        company = records.create_record(uow, "company", {"name": f"Casa {NASTY}"})
        person = records.create_record(uow, "contact", {"name": ARABIC, "company_id": company, "job_title": NASTY})
        for name, amount in (("Forno", "1200.50"), ("Balcão", "99.50")):
            records.create_record(
                uow, "deal", {"name": name, "company_id": company, "amount": Decimal(amount), "currency": "BRL",
                              "expected_close": date(2026, 4, 3), "description": NASTY, "competitor": "Frio Forte"},
            )  # fmt: skip
        attach_service.add_note(uow, "contact", person, NASTY + " palavra" * 3000 + "x" * 4000)
        attach_service.tag_records(uow, "company", [company], NASTY[:40])
        for name in ("../../../etc/passwd", "..\\..\\win.ini", 'a"b<i>.txt', "عقد.pdf"):
            files_service.attach_bytes(uow, "company", company, name, b"content")
    return {"company": company, "contact": person}


def made_in(language: str, database: Database, target: Path) -> dict[str, bytes]:
    set_language(language)
    try:
        made = make_archive(database, target)
    finally:
        set_language("en")
    with zipfile.ZipFile(made.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
def test_every_page_is_whole_and_every_link_leads_somewhere(
    sqlite_database: Database, tmp_path: Path, language: str
) -> None:
    fill(sqlite_database)
    found = made_in(language, sqlite_database, tmp_path / "all.zip")
    pages = {
        name: Page(text.decode()) for name, text in found.items() if name.endswith(".html") and "files/" not in name
    }
    assert len(pages) >= 4
    for name, page in pages.items():
        assert page.wrong == [], name
        assert page.has("html", lang=language.replace("_", "-")) and page.has("main", id="main"), name
        assert sum(tag == "h1" for tag, _given in page.found) == 1 and page.has("a", href="#main"), name
        assert sum(tag == "script" for tag, _given in page.found) == (name == "customers/index.html"), name
        assert not page.has("img") and not any("onerror" in given for _tag, given in page.found)
        assert all(given.get("scope") == "col" for tag, given in page.found if tag == "th")
        for link in page.links:
            path, _hash, mark = link.partition("#")
            if link.startswith(("mailto:", "tel:")):
                continue
            if not path:
                assert mark in page.marks, (name, link)
            else:
                assert normpath(join(dirname(name), unquote(path))) in found, (name, link)


def test_a_company_shows_what_it_bought_and_its_files_open(sqlite_database: Database, tmp_path: Path) -> None:
    ids = fill(sqlite_database)
    found = made_in("pt_BR", sqlite_database, tmp_path / "all.zip")
    page = Page(found[f"customers/{names.page_name('Casa ' + NASTY, ids['company'])}"].decode())
    words = " ".join(" ".join(page.words).split())
    assert "2 · R$ 1.300,00" in words.replace("\xa0", " "), "sums by status"
    assert "3 de abr. de 2026" in words and "Frio Forte" in words, "days written out; what no column has"
    assert words.count(NASTY) >= 3 and page.has("td", **{"data-label": "Valor"})
    files = [unquote(link) for link in page.links if link.startswith("../files/")]
    assert len(files) == 4 and all(found[normpath(join("customers", one))] == b"content" for one in files)
    assert all(".." not in one.removeprefix("../") for one in files)
    person = Page(found[f"customers/{names.page_name(ARABIC, ids['contact'])}"].decode())
    assert ("h1", {"dir": "auto"}) in person.found and ARABIC in person.words


def test_names_are_found_without_scripts_and_with_them(sqlite_database: Database, tmp_path: Path) -> None:
    """Without scripts there is a list and no search that does nothing; with them names are found, not what they are."""
    fill(sqlite_database)
    found = made_in("en", sqlite_database, tmp_path / "all.zip")
    index = Page(found["customers/index.html"].decode())
    assert ("div", {"class": "search", "id": "searching", "hidden": ""}) in index.found
    assert ARABIC in index.words and "Company" in index.words
    keys = {bytes.fromhex(name.removeprefix("customers/index/").removesuffix(".js")).decode(): text
            for name, text in found.items() if name.startswith("customers/index/")}  # fmt: skip
    assert "م" in keys and "ca" in keys and "co" not in keys, "what sort of record it is finds nobody"
    rows = json.loads(keys["ca"].decode().partition(",")[2].strip().removesuffix(");"))
    assert [row[0] for row in rows] == [f"Casa {NASTY}", ARABIC], "and people by where they work"
