"""One page for each person and organisation: everything the office knows, for people who have no program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm_desktop.archive import html, said
from crm_desktop.archive.around import Around, Surroundings
from crm_desktop.archive.joined import joined_list
from crm_desktop.archive.linked import LinkedTable
from crm_desktop.archive.name_index import NameIndex
from crm_desktop.archive.names import page_name
from crm_desktop.archive.timeline import timeline
from crm_desktop.archive.work import Work
from crm_desktop.core import formats
from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import LINK_KINDS, LISTS_ONLY, Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.exporting.source import Part, RecordSource
from crm_desktop.records import queries
from crm_desktop.records.queries import Link

FOLDER = "customers"
_BATCH = 250
UNITS = 4
"""Units of progress of a page: it takes about so many times as long as a line of a table."""
_QUIET = frozenset({"id", "version", "sort_name", "custom", "updated_by"})
_SCHEMES = {"phone": "tel", "email": "mailto"}
_POINTS = {"phone": N_("Phone"), "email": N_("E-mail"), "web": N_("Website"), "messenger": N_("Messenger"),
           "social": N_("Social profile")}  # fmt: skip
_DIGITS = "+0123456789"


def write_pages(work: Work, frame: html.Frame, *, files: bool) -> None:
    """Write the page of every customer, and the index of their names."""
    with NameIndex(work.scratch, frame) as index:
        for entity in work.customers:
            work.tell(translate(N_("Pages of {records}")).format(records=translate(work.schema.entity(entity).plural)))
            _Pages(work, frame, entity, files=files).write(index)
        index.write(work, FOLDER)


class _Pages:
    """The pages of one record type."""

    def __init__(self, work: Work, frame: html.Frame, entity: str, *, files: bool) -> None:
        self.work, self.frame, self.files = work, frame, files
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
        self._labels = {one.name: said.label_of(one) for one in self.fields}
        self._tables = {
            spec.name: LinkedTable(spec, self.around.shown(spec), self.around.further(spec), self._to_record)
            for spec, _fields in self.around.links
        }
        self._employer = next(
            (one for one in self.fields if one.kind is Kind.LINK and one.target in work.customers), None
        )

    def write(self, index: NameIndex) -> None:
        """Write them all, a few hundred at a time."""
        work = self.work
        ids = queries.find_ids(work.database, work.connection, self.spec.name)
        kind = translate(self.spec.label)
        for start in range(0, len(ids), _BATCH):
            chunk = list(ids[start : start + _BATCH])
            around = self.around.read(chunk)
            for part in self.source.parts(chunk, work.progress, work.done, work.total):
                for identity in part.ids:
                    title = str(part.rows[identity].get(self.spec.title_field) or "")
                    name = page_name(title, identity)
                    body = self._body(part, identity, title, around[identity])
                    content = self.frame.page(title or str(identity), body, up="../")
                    work.zip.add(f"{FOLDER}/{name}", content, level=5)
                    index.add(title, name, self._second(part, identity), kind)
                    work.pages += 1
            work.step(len(chunk) * UNITS)

    def _second(self, part: Part, identity: int) -> str:
        """What stands beside a name: the organisation of a person, else nothing."""
        one = self._employer
        value = part.rows[identity].get(one.name) if one is not None else None
        return part.titles.get(one.target, {}).get(value, "") if one is not None and value is not None else ""

    # -- the page --------------------------------------------------------------------------------------------------

    def _body(self, part: Part, identity: int, title: str, around: Around) -> Iterator[str]:
        row = part.rows[identity]
        sections = list(self._sections(part, identity, title, around))
        yield f'<p class="kind">{html.text(translate(self.spec.label))} · CRM-{identity}</p>\n'
        yield f'<h1 dir="auto">{html.text(title or str(identity))}</h1>\n'
        second = self._second(part, identity)
        if second and self._employer is not None:
            yield f'<p class="sub">{self._to_record(self._employer.target, row[self._employer.name], second)}</p>\n'
        if part.tags.get(identity):
            tags = "".join(f'<span class="tag" dir="auto">{html.text(tag)}</span>' for tag in part.tags[identity])
            yield f'<p class="tags">{tags}</p>\n'
        yield self._here(sections)
        figures = "".join(self._tables[name].figure(rows) for name, rows in around.linked.items())
        if figures:
            yield f'<div class="figures">\n{figures}</div>\n'
        contact, data = "".join(self._contact(part, identity)), "".join(self._data(part, row))
        yield (
            f'<div class="two">\n<div>{contact}</div>\n<div>{data}</div>\n</div>\n'
            if contact and data
            else contact + data
        )
        for mark, words, count, content in sections:
            yield html.heading(words, count, mark)
            yield content

    @staticmethod
    def _here(sections: Sequence[tuple[str, str, int, str]]) -> str:
        """The way to the sections further down."""
        if len(sections) < 2:
            return ""
        links = "".join(
            f'<a href="#{mark}">{html.text(words)} ({formats.format_integer(count)})</a>'
            for mark, words, count, _content in sections
        )
        return f'<nav class="here" aria-label="{html.text(_("On this page"))}">{links}</nav>\n'

    def _sections(self, part: Part, identity: int, title: str, around: Around) -> Iterator[tuple[str, str, int, str]]:
        """Mark, heading, number and content of what belongs to the customer."""
        for child in self.spec.children:
            rows = part.children.get(child.name, {}).get(identity, ())
            if child.name not in ("points", "addresses") and rows:
                yield child.name, translate(child.label), len(rows), self._children(child, rows)
        for name, joined in around.joined.items():
            yield name, *joined_list(self.work.schema, name, joined, title, self._to_record)
        for name, linked in around.linked.items():
            yield name, translate(self.work.schema.entity(name).plural), len(linked), self._tables[name].as_html(linked)
        if around.files:
            yield "files", _("Files"), len(around.files), self._file_list(around)
        if around.timeline:
            yield "timeline", _("What happened"), len(around.timeline), timeline(around.timeline)

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
            shown += f' <span class="quiet">{html.text(quiet)}</span>' if quiet else ""
            rows.append((translate(_POINTS.get(kind, kind)), shown))
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
            if said.is_filled(value):
                rows.append((self._labels[one.name], self._said(one, value, row.get("currency"), part)))
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
            return self._to_record(one.target, value.id if isinstance(value, Link) else value, title)
        if one.kind is Kind.URL:
            return html.outside(str(value))
        return html.text(said.value(one, value, currency))

    def _to_record(self, entity: str, identity: int, title: str) -> str:
        if entity in self.work.customers and title:
            return html.link(page_name(title, identity), title)
        return html.own(title)

    def _children(self, child: Child, rows: Sequence[Mapping[str, Any]]) -> str:
        known = [one for one in child.fields if one.name not in _QUIET and not one.name.startswith("owner")]
        shown = [one for one in known if any(said.is_filled(row.get(one.name)) for row in rows)]
        titles = self._titles(shown, rows)
        return html.table(
            [said.column(one) for one in shown],
            [[html.text(titles.get((one.target, row.get(one.name))) or said.value(one, row.get(one.name))) for one in shown]
             for row in rows],
        )  # fmt: skip

    def _titles(self, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, Any], str]:
        """What the records are called that child rows link to."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for one in fields:
            if one.kind in LINK_KINDS and one.target in self.work.schema.entities:
                wanted[one.target] |= {row[one.name] for row in rows if row.get(one.name) is not None}
        return {
            (target, identity): title for target, ids in wanted.items()
            for identity, title in queries.titles(self.work.schema, self.work.connection, target, ids).items()
        }  # fmt: skip

    def _file_list(self, around: Around) -> str:
        about = any(one for _file, one in around.files)
        headers = [(_("File"), ""), (_("Added"), "day"), (_("Size"), "n"), *([(_("Belongs to"), "")] if about else [])]
        rows = []
        for one, where in around.files:
            there = self.files and one.path not in self.work.gone
            name = html.link(f"../{one.path}", one.name) if there else html.own(one.name)
            told = [_("earlier state {n}").format(n=one.revision)] if one.revision else []
            told += [] if there else [_("not in this archive")]
            name += f' <span class="quiet">{html.text(", ".join(told))}</span>' if told else ""
            cells = [name, said.time(one.at), html.text(formats.format_size(one.size)), html.own(where)]
            rows.append(cells[: len(headers)])
        return html.table(headers, rows)


def _address_lines(place: Mapping[str, Any]) -> list[str]:
    town = " ".join(str(place[one]) for one in ("postcode", "city") if place.get(one))
    region = str(place.get("region") or "")
    lines = [
        str(place.get("street") or ""), str(place.get("street2") or ""), str(place.get("district") or ""),
        ", ".join(one for one in (town, region) if one), formats.country_name(place.get("country")),
    ]  # fmt: skip
    return [line for line in lines if line]
