"""One page for each person and organisation: everything the office knows, for people who have no program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from crm_desktop.archive import html
from crm_desktop.archive.around import Around, Happened, Surroundings
from crm_desktop.archive.name_index import NameIndex
from crm_desktop.archive.names import page_name
from crm_desktop.archive.work import Work
from crm_desktop.core import formats
from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import LINK_KINDS, LISTS_ONLY, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.db.base import Base
from crm_desktop.exporting.source import Part, RecordSource
from crm_desktop.records import mentions, queries
from crm_desktop.records.queries import Link, RecordRow
from crm_desktop.records.references import plural_of

FOLDER = "customers"
_BATCH = 250
UNITS = 4
"""Units of progress of a page: it takes about so many times as long as a line of a table."""
_QUIET = frozenset({"id", "version", "sort_name", "custom", "updated_by"})
_SCHEMES = {"phone": "tel", "email": "mailto"}
_POINTS = {"phone": N_("Phone"), "email": N_("E-mail"), "web": N_("Website"), "messenger": N_("Messenger"),
           "social": N_("Social profile")}  # fmt: skip
_DIGITS = "+0123456789"


def write_pages(work: Work, *, files: bool) -> None:
    """Write the page of every customer, and the index of their names."""
    with NameIndex(work.scratch) as index:
        for entity in work.customers:
            work.tell(translate(N_("Pages of {records}")).format(records=translate(work.schema.entity(entity).plural)))
            _Pages(work, entity, files=files).write(index)
        index.write(work, FOLDER)


class _Pages:
    """The pages of one record type."""

    def __init__(self, work: Work, entity: str, *, files: bool) -> None:
        self.work, self.files = work, files
        self.spec: Entity = work.schema.entity(entity)
        own = RecordSource(work.database, work.connection, entity, whole=False)
        names = [one.name for one in own.fields if one.custom and one.computed]
        self.source = RecordSource(work.database, work.connection, entity, names)
        self.around = Surroundings(work, entity, files=files)
        self.fields = [
            one for one in self.source.fields
            if not one.child and one.kind is not Kind.JSON and one.name not in _QUIET and one.name != self.spec.title_field
            and one.section != LISTS_ONLY and (one.custom or not one.computed)
        ]  # fmt: skip

    def write(self, index: NameIndex) -> None:
        """Write them all, a few hundred at a time."""
        work = self.work
        ids = queries.find_ids(work.database, work.connection, self.spec.name)
        for start in range(0, len(ids), _BATCH):
            chunk = list(ids[start : start + _BATCH])
            around = self.around.read(chunk)
            for part in self.source.parts(chunk, work.progress, work.done, work.total):
                for identity in part.ids:
                    title = str(part.rows[identity].get(self.spec.title_field) or "")
                    name = page_name(title, identity)
                    work.zip.add(f"{FOLDER}/{name}", self._page(part, identity, title, around[identity]), level=5)
                    index.add(title, name, self._second(part, identity))
                    work.pages += 1
            work.step(len(chunk) * UNITS)

    def _second(self, part: Part, identity: int) -> str:
        """What stands below a name in the index: the organisation of a person, else nothing."""
        for one in self.fields:
            if one.kind is Kind.LINK and one.target in self.work.customers:
                value = part.rows[identity].get(one.name)
                if value is not None:
                    return part.titles.get(one.target, {}).get(value, "")
        return ""

    # -- the page --------------------------------------------------------------------------------------------------

    def _page(self, part: Part, identity: int, title: str, around: Around) -> bytes:
        return html.page(title or str(identity), self._body(part, identity, title, around), up="../")

    def _body(self, part: Part, identity: int, title: str, around: Around) -> Iterator[str]:
        row = part.rows[identity]
        yield f'<nav><a href="index.html">{html.text(_("All names"))}</a></nav>\n'
        yield f'<h1 dir="auto">{html.text(title or str(identity))}</h1>\n'
        yield f'<p class="quiet">{html.text(translate(self.spec.label))} · CRM-{identity}</p>\n'
        if part.tags.get(identity):
            yield "<p>" + "".join(
                f'<span class="tag" dir="auto">{html.text(tag)}</span>' for tag in part.tags[identity]
            )
            yield "</p>\n"
        yield from self._contact(part, identity)
        yield from self._data(part, row)
        for child in self.spec.children:
            if child.name not in ("points", "addresses"):
                yield from self._children(child, part.children.get(child.name, {}).get(identity, ()))
        yield from self._joined(around, title)
        for name, rows in around.linked.items():
            yield from self._linked(name, rows)
        yield from self._files(around)
        if around.timeline:
            yield html.heading(_("What happened"), len(around.timeline))
            for entry in around.timeline:
                yield self._entry(entry)

    def _contact(self, part: Part, identity: int) -> Iterator[str]:
        rows = []
        labels = next((c for c in self.spec.children if c.name == "points"), None)
        for point in part.points.get(identity, ()):
            kind, value = str(point["kind"]), str(point["value"])
            words = formats.format_value(Field("", "", Kind.PHONE), value) if kind == "phone" else value
            scheme = _SCHEMES.get(kind, "")
            shown = html.outside(value, scheme) if kind != "phone" else (
                f'<a href="tel:{"".join(c for c in value if c in _DIGITS)}"><bdi>{html.text(words)}</bdi></a>'
            )  # fmt: skip
            further = [self._choice(labels, "label", point.get("label")), str(point.get("note") or "")]
            quiet = ", ".join(one for one in further if one)
            rows.append(
                (
                    translate(_POINTS.get(kind, kind)),
                    shown + (f' <span class="quiet">{html.text(quiet)}</span>' if quiet else ""),
                )
            )
        for place in part.addresses.get(identity, ()):
            rows.append((_("Address"), html.text("\n".join(_address_lines(place)))))
        if rows:
            yield html.heading(_("How to reach them"))
            yield html.pairs(rows)

    def _choice(self, child: Child | None, name: str, value: Any) -> str:
        one = next((one for one in child.fields if one.name == name), None) if child is not None else None
        return formats.format_value(one, value) if one is not None and value else ""

    def _data(self, part: Part, row: Mapping[str, Any]) -> Iterator[str]:
        rows = []
        for one in self.fields:
            value = row.get(one.name)
            if value in (None, "", [], False):
                continue
            rows.append(
                (one.label if one.custom else translate(one.label), self._said(one, value, row.get("currency"), part))
            )
        if part.external.get(int(row["id"])):
            known = [f"{source}: {value}" if source else value for source, value in part.external[int(row["id"])]]
            rows.append((_("Id in another program"), html.text(", ".join(known))))
        if rows:
            yield html.heading(_("Data"))
            yield html.pairs(rows)

    def _said(self, one: Field, value: Any, currency: Any, part: Part) -> str:
        """A value of the record as HTML."""
        if one.kind in LINK_KINDS:
            title = value.title if isinstance(value, Link) else part.titles.get(one.target, {}).get(value, str(value))
            identity = value.id if isinstance(value, Link) else value
            return self._to_record(one.target, identity, title)
        if one.kind is Kind.URL:
            return html.outside(str(value))
        return html.text(formats.format_value(one, value, currency=str(currency) if currency else None))

    def _to_record(self, entity: str, identity: int, title: str) -> str:
        if entity in self.work.customers and title:
            return html.link(page_name(title, identity), title)
        return f"<bdi>{html.text(title)}</bdi>"

    def _children(self, child: Child, rows: Any) -> Iterator[str]:
        shown = [one for one in child.fields if one.name not in _QUIET and not one.name.startswith("owner")]
        if not rows or not shown:
            return
        shown = [one for one in shown if any(row.get(one.name) not in (None, "", False) for row in rows)]
        yield html.heading(translate(child.label), len(rows))
        yield html.table(
            [(translate(one.label), one.kind in NUMERIC_KINDS) for one in shown],
            [[html.text(_plainly(one, row.get(one.name))) for one in shown] for row in rows],
        )

    def _joined(self, around: Around, own: str) -> Iterator[str]:
        for name, rows in around.joined.items():
            table = Base.metadata.tables[name]
            fields = [
                column.info["field"].but(name=column.name) for column in table.columns
                if "field" in column.info and not column.name.endswith(("_id", "_entity"))
                and column.name not in ("created_at", "created_by", "updated_at", "updated_by")
            ]  # fmt: skip
            yield html.heading(translate(plural_of(self.work.schema, name)), len(rows))
            yield '<ul class="plain">\n'
            for values, kind, identity, title, points_here in rows:
                told = [_plainly(one, values[one.name]) for one in fields if values[one.name] not in (None, "")]
                about = html.text(" · ".join(told))
                other = self._to_record(kind, identity, title or str(identity))
                # from one to the other: what the second is to the first
                line = f"{other} – {about}: <bdi>{html.text(own)}</bdi>" if points_here else f"{about}: {other}"
                yield f"<li>{line}</li>\n"
            yield "</ul>\n"

    def _linked(self, name: str, rows: list[RecordRow]) -> Iterator[str]:
        spec = self.work.schema.entity(name)
        shown = [
            one for one in self.around.columns(spec) if one.name != spec.title_field and one.target != self.spec.name
        ]
        title = spec.field(spec.title_field)
        yield html.heading(translate(spec.plural), len(rows))
        yield html.table(
            [(translate(title.label), False), *((one.label if one.custom else translate(one.label), one.kind in NUMERIC_KINDS) for one in shown)],
            [
                [self._to_record(name, row.id, str(row.values.get(spec.title_field) or row.id)),
                 *(self._cell(one, row) for one in shown)]
                for row in rows
            ],
        )  # fmt: skip

    def _cell(self, one: Field, row: RecordRow) -> str:
        value = row.values.get(one.name)
        if isinstance(value, Link):
            return self._to_record(one.target, value.id, value.title)
        currency = row.values.get("currency")
        return html.text(formats.format_value(one, value, currency=str(currency) if currency else None))

    def _files(self, around: Around) -> Iterator[str]:
        if not around.files:
            return
        yield html.heading(_("Files"), len(around.files))
        yield '<ul class="plain">\n'
        for one, about in around.files:
            there = self.files and one.path not in self.work.gone
            name = html.link(f"../{one.path}", one.name) if there else f"<bdi>{html.text(one.name)}</bdi>"
            told = [formats.format_datetime(one.at) if one.at else "", formats.format_size(one.size), about]
            if one.revision:
                told.append(_("earlier state {n}").format(n=one.revision))
            if not there:
                told.append(_("not in this archive"))
            yield f'<li>{name} <span class="quiet">{html.text(" · ".join(part for part in told if part))}</span></li>\n'
        yield "</ul>\n"

    def _entry(self, entry: Happened) -> str:
        when = formats.format_datetime(entry.at) if isinstance(entry.at, datetime) else (
            formats.format_date(entry.at) if isinstance(entry.at, date) else ""
        )  # fmt: skip
        line = [f"<time>{html.text(when)}</time>", html.text(translate(entry.kind))]
        if entry.by:
            line.append(html.text(entry.by))
        if entry.about:
            line.append(f"<bdi>{html.text(entry.about)}</bdi>")
        told = [
            f"{translate(one.label)}: {value.title if isinstance(value, Link) else formats.format_value(one, value)}"
            for one, value, _words in entry.shown
        ]  # fmt: skip
        parts = [f'<article>\n<div class="by">{" · ".join(line)}</div>\n']
        if entry.title:
            parts.append(f'<p dir="auto"><strong>{html.text(entry.title)}</strong></p>\n')
        if told:
            parts.append(f'<p class="quiet" dir="auto">{html.text(" · ".join(told))}</p>\n')
        if entry.body:
            parts.append(f'<p class="text" dir="auto">{html.text(mentions.plain(entry.body))}</p>\n')
        return "".join(parts) + "</article>\n"


def _plainly(one: Field, value: Any) -> str:
    """A value of a child row in words."""
    if one.kind in LINK_KINDS:
        return str(value) if value is not None else ""
    return formats.format_value(one, value)


def _address_lines(place: Mapping[str, Any]) -> list[str]:
    town = " ".join(str(place[one]) for one in ("postcode", "city") if place.get(one))
    region = str(place.get("region") or "")
    lines = [
        str(place.get("street") or ""), str(place.get("street2") or ""), str(place.get("district") or ""),
        ", ".join(one for one in (town, region) if one), formats.country_name(place.get("country")),
    ]  # fmt: skip
    return [line for line in lines if line]
