"""The first page of an archive: what it is, how to read it, how it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_desktop.archive import html, said
from crm_desktop.archive.style import STYLE
from crm_desktop.archive.tables import label_of, plain_tables
from crm_desktop.archive.work import Work
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, translate
from crm_desktop.exporting.office_export import record_types


@dataclass(frozen=True)
class About:
    """What the first page tells of the archive."""

    office: str
    made: datetime
    program: str
    files: bool
    pages: bool
    server: bool
    counts: Mapping[str, int]

    def frame(self) -> html.Frame:
        """What stands around every page."""
        state = _("{office} as of {when} ({zone}). Written by CRM Desktop {version}.").format(
            office=self.office, when=said.day(self.made), zone=clock.local_zone_name(), version=self.program
        )
        return html.Frame(self.office, state, self.pages)


def write_readme(work: Work, frame: html.Frame, about: About) -> None:
    """Write the page and the style that all pages share."""
    title = _("{office}: the whole business").format(office=about.office)
    work.zip.add(html.README, frame.page(title, _body(work, about, title), here=html.README))
    work.zip.add("style.css", STYLE.encode())


def _body(work: Work, about: About, title: str) -> Iterator[str]:
    yield f'<h1 dir="auto">{html.text(title)}</h1>\n'
    made = _("Everything as it was on {when}.")
    yield html.paragraph(made.format(when=said.day(about.made)), "sub")
    yield html.paragraph(_(
        "This archive holds everything of the office: every customer, file, note, setting and the whole history of changes. It "
        "can be read without any program but a browser and a spreadsheet, and CRM Desktop can make the same office of it again."
    ))  # fmt: skip
    if about.pages:
        yield f'<p><a class="start" href="{html.NAMES}">{html.text(_("Open the names"))}</a></p>\n'
    yield html.paragraph(_("Unpack the zip into a folder first; the links lead into that folder."), "quiet")
    yield f'<div class="figures">\n{"".join(_figures(work, about))}</div>\n'
    yield html.heading(_("What is in it"))
    yield html.table([(_("Where"), ""), (_("What"), "")], _parts(about))
    yield html.heading(_("Records"))
    yield html.table(
        [(_("Record type"), ""), (_("Number"), "n"), (_("As a table"), ""), (_("For programs"), ""), (_("Described in"), "")],
        _types(work, about),
    )  # fmt: skip
    yield html.heading(_("Everything else"))
    yield html.table(
        [(_("What"), ""), (_("Number"), "n"), (_("Where"), ""), (_("Described in"), "")], _further(work, about)
    )
    yield from _in_words(about)


def _figures(work: Work, about: About) -> Iterator[str]:
    for name in record_types(work.database):
        spec = work.schema.entity(name)
        yield html.figure(translate(spec.plural), formats.format_integer(about.counts.get(spec.table, 0)))


def _in_words(about: About) -> Iterator[str]:
    yield html.heading(_("How the office comes back"))
    yield html.paragraph(_(
        "In CRM Desktop: Backups, Restore, Another file, and choose the zip. Without a window: crm-desktop archive restore "
        "ARCHIVE.zip --to NEW.crm. The new office is the same to the last value, history and files included; a newer version of "
        "the program brings it to its own form."
    ))  # fmt: skip
    yield html.paragraph(_(
        "The file office.crm is an ordinary SQLite database. Any tool for SQLite opens it, and so does CRM Desktop itself."
    ))  # fmt: skip
    yield html.heading(_("Whether it is whole"))
    yield html.paragraph(_(
        "The file manifest.json names every file with its SHA-256. “crm-desktop archive check ARCHIVE.zip” compares them all and "
        "restores the office for trial."
    ))  # fmt: skip
    yield html.heading(_("Passwords and secrets"))
    yield html.paragraph(_secrets(about))
    yield html.paragraph(_(
        "Whoever has this archive can read everything in it: it is not protected by a password. Keep it as you would keep the "
        "office's filing cabinets, locked away. An attached file that is a web page runs as one when it is opened."
    ))  # fmt: skip
    yield html.heading(_("For programs"))
    yield html.paragraph(_(
        "Texts are UTF-8. Instants are in UTC, wall times without a zone. A file that ends in .jsonl has one JSON object on each "
        "line; what is empty is left out. Ids are 64-bit numbers, written as CRM-… where a spreadsheet would round them. In the "
        "history and in office.crm amounts are whole numbers of ten-thousandths, and yes and no are 1 and 0."
    ))  # fmt: skip


def _secrets(about: About) -> str:
    words = _("No readable part holds passwords, or anything made from them.")
    if about.server:
        return words + " " + _("Logins and passwords of the server stay on the server, so office.crm has none either.")
    return words + " " + _(
        "Where people sign in to the office with a password, office.crm holds the scrambled form (Argon2) that a backup holds "
        "too, so that the same passwords work after it is restored."
    )  # fmt: skip


def _parts(about: About) -> Iterator[list[str]]:
    if about.pages:
        yield [html.link(html.NAMES, html.NAMES), html.text(
            _("Start here: a page for each contact and company, with all that belongs to them, and a search for names.")
        )]  # fmt: skip
    if about.files:
        yield ["<code>files/</code>", html.text(_("The attached files, in a folder for each customer."))]
    for where, what in (
        ("data/", _("All records as tables for a spreadsheet (.csv) and for programs (.json).")),
        ("configuration/", _("How the office is set up: fields, forms, pipelines and stages, roles and rights, people and teams, views, settings.")),
        ("history/", _("Every change: who, when, which value before and after.")),
        ("schema/", _("What each field means, as JSON Schema.")),
        ("office.crm", _("The whole office as one SQLite database, from which it comes back.")),
        ("manifest.json", _("Counts, and the SHA-256 of every file.")),
    ):  # fmt: skip
        yield [f"<code>{where}</code>", html.text(what)]


def _types(work: Work, about: About) -> Iterator[list[str]]:
    for name in record_types(work.database):
        spec = work.schema.entity(name)
        yield [
            html.text(translate(spec.plural)), formats.format_integer(about.counts.get(spec.table, 0)),
            html.link(f"data/{name}.csv", f"{name}.csv"), html.link(f"data/{name}.json", f"{name}.json"),
            html.link(f"schema/{name}.schema.json", f"{name}.schema.json"),
        ]  # fmt: skip


def _further(work: Work, about: About) -> Iterator[list[str]]:
    for table, path in plain_tables(work.schema, record_types(work.database)):
        count = about.counts.get(table.name, 0)
        if count:
            schema = f"{table.name}.schema.json"
            yield [
                html.text(label_of(work.schema, table)), formats.format_integer(count), html.link(path, path),
                html.link(f"schema/{schema}", schema),
            ]  # fmt: skip
