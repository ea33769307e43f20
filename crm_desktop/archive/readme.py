"""The first page of an archive: what it is, how to read it, how it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_desktop.archive import html
from crm_desktop.archive.tables import configured_tables, further_tables, label_of
from crm_desktop.archive.work import Work
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, translate
from crm_desktop.db.journal import change, change_set
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


def write_readme(work: Work, about: About) -> None:
    """Write the page and the style that all pages share."""
    title = _("{office}: the whole business").format(office=about.office)
    work.zip.add("README.html", html.page(title, _body(work, about, title)))
    work.zip.add("style.css", html.STYLE.encode())


def _body(work: Work, about: About, title: str) -> Iterator[str]:
    yield f'<h1 dir="auto">{html.text(title)}</h1>\n'
    made = _("Written on {when} by CRM Desktop {version}.")
    yield _paragraph(made.format(when=formats.format_datetime(about.made), version=about.program), "quiet")
    yield _paragraph(_(
        "This archive holds everything of the office: every customer, file, note, setting and the whole history of changes. It "
        "can be read without any program but a browser and a spreadsheet, and CRM Desktop can make the same office of it again."
    ))  # fmt: skip
    yield _paragraph(_("Unpack it into a folder first; the links below lead into that folder."))
    yield html.heading(_("What is in it"))
    yield html.table([(_("Where"), False), (_("What"), False)], _parts(about))
    yield html.heading(_("Records"))
    yield html.table(
        [(_("Record type"), False), (_("Number"), True), (_("As a table"), False), (_("For programs"), False), (_("Described in"), False)],
        _types(work, about),
    )  # fmt: skip
    yield html.heading(_("Everything else"))
    yield html.table(
        [(_("What"), False), (_("Number"), True), (_("Where"), False), (_("Described in"), False)],
        _further(work, about),
    )
    yield html.heading(_("How the office comes back"))
    yield _paragraph(_(
        "In CRM Desktop: Backups, Restore, Another file, and choose the zip. Without a window: crm-desktop archive restore "
        "ARCHIVE.zip --to NEW.crm. The new office is the same to the last value, history and files included; a newer version of "
        "the program brings it to its own form."
    ))  # fmt: skip
    yield _paragraph(_(
        "The file office.crm is an ordinary SQLite database. Any tool for SQLite opens it, and so does CRM Desktop itself."
    ))  # fmt: skip
    yield html.heading(_("Whether it is whole"))
    yield _paragraph(_(
        "The file manifest.json names every file with its SHA-256. “crm-desktop archive check ARCHIVE.zip” compares them all and "
        "restores the office for trial."
    ))  # fmt: skip
    yield html.heading(_("Passwords and secrets"))
    yield _paragraph(_secrets(about))
    yield _paragraph(_(
        "Whoever has this archive can read everything in it: it is not protected by a password. Keep it as you would keep the "
        "office's filing cabinets, locked away."
    ))  # fmt: skip
    yield html.heading(_("For programs"))
    yield _paragraph(_(
        "Texts are UTF-8. Instants are in UTC, wall times without a zone. A file that ends in .jsonl has one JSON object on each "
        "line; what is empty is left out. Ids are 64-bit numbers, written as CRM-… where a spreadsheet would round them. In the "
        "history and in office.crm amounts are whole numbers of ten-thousandths, and yes and no are 1 and 0."
    ))  # fmt: skip


def _paragraph(words: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{html.text(words)}</p>\n"


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
        yield [html.link("customers/index.html", "customers/index.html"), html.text(
            _("Start here: a page for each contact and company, with all that belongs to them, and a search for names.")
        )]  # fmt: skip
    if about.files:
        yield ["<code>files/</code>", html.text(_("The attached files, in a folder for each customer."))]
    yield [
        "<code>data/</code>",
        html.text(_("All records as tables for a spreadsheet (.csv) and for programs (.json).")),
    ]
    yield ["<code>configuration/</code>", html.text(
        _("How the office is set up: fields, forms, pipelines and stages, roles and rights, people and teams, views, settings.")
    )]  # fmt: skip
    yield ["<code>history/</code>", html.text(_("Every change: who, when, which value before and after."))]
    yield ["<code>schema/</code>", html.text(_("What each field means, as JSON Schema."))]
    yield [
        "<code>office.crm</code>",
        html.text(_("The whole office as one SQLite database, from which it comes back.")),
    ]
    yield ["<code>manifest.json</code>", html.text(_("Counts, and the SHA-256 of every file."))]


def _types(work: Work, about: About) -> Iterator[list[str]]:
    for name in record_types(work.database):
        spec = work.schema.entity(name)
        yield [
            html.text(translate(spec.plural)), formats.format_integer(about.counts.get(spec.table, 0)),
            html.link(f"data/{name}.csv", f"{name}.csv"), html.link(f"data/{name}.json", f"{name}.json"),
            html.link(f"schema/{name}.schema.json", f"{name}.schema.json"),
        ]  # fmt: skip


def _further(work: Work, about: About) -> Iterator[list[str]]:
    further = [
        (table, f"data/{table.name}.jsonl") for table in further_tables(work.schema, record_types(work.database))
    ]
    configured = [(table, f"configuration/{table.name}.json") for table in configured_tables(work.schema)]
    for table, path in (*configured, *further):
        count = about.counts.get(table.name, 0)
        if count:
            schema = f"schema/{table.name}.schema.json"
            yield [
                html.text(label_of(work.schema, table)), formats.format_integer(count), html.link(path, path),
                html.link(schema, f"{table.name}.schema.json"),
            ]  # fmt: skip
    yield [
        html.text(label_of(work.schema, change)), formats.format_integer(about.counts.get("change", 0)),
        html.link("history/changes.jsonl", "history/changes.jsonl"), html.link("schema/change.schema.json", "change.schema.json"),
    ]  # fmt: skip
    yield [
        html.text(label_of(work.schema, change_set)), formats.format_integer(about.counts.get("change_set", 0)),
        html.link("history/change_sets.jsonl", "history/change_sets.jsonl"),
        html.link("schema/change_set.schema.json", "change_set.schema.json"),
    ]  # fmt: skip
