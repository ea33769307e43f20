"""A record type as the columns of a table: what an export of everything writes and an import of that file knows again.

Both sides ask here for the names of the columns, so that a name means one thing in every language of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import LANGUAGES, N_, translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import translation
from crm_desktop.db.schema import Schema
from crm_desktop.records.record_ids import RECORD_ID

FIELD, POINT, ADDRESS, LINK_ID, TAGS, ID, CHILD, LINKED, EXTERNAL = (
    "field", "point", "address", "link_id", "tags", "id", "child", "linked", "external"
)  # fmt: skip
"""Where the cells of a column come from."""
POINT_KINDS = {
    "phone": (N_("Phone {n}"), N_("Phone {n} type"), Kind.PHONE),
    "email": (N_("E-mail {n}"), N_("E-mail {n} type"), Kind.EMAIL),
    "web": (N_("Website {n}"), N_("Website {n} type"), Kind.URL),
    "messenger": (N_("Messenger {n}"), N_("Messenger {n} type"), Kind.TEXT),
    "social": (N_("Social profile {n}"), N_("Social profile {n} type"), Kind.TEXT),
}
"""Kinds of contact points: the name of the n-th, the name of its type, and what a value is."""
MOST = {POINT: 40, ADDRESS: 20, LINKED: 40}
"""The most columns of each sort that are known again."""
ADDRESS_TYPE = N_("Address type")
ADDRESS_PARTS = ("street", "street2", "district", "city", "region", "postcode", "country")
EXPLANATION = (N_("Column"), N_("What it holds"), N_("Required"), N_("Allowed values"), N_("Example"))
"""The columns of the sheet that explains a sample file."""
NOTE_LABELS = (RECORD_ID, N_("Record type"), N_("Belongs to"), N_("Belongs to (Record ID)"), N_("Note"))
"""The first columns of a table of notes."""
_NOT_KEPT = frozenset({"sort_name", "starts_at", "ends_at", "activity_at", "last_activity_at"})
"""Columns that follow from others: they come again by themselves."""
_LINKABLE = ("contact", "company", "deal", "case")
_NUMBERED, _ID_OF, _AGAIN = N_("{label} {n}"), N_("{label} (Record ID)"), N_("{label} ({n})")


@dataclass(frozen=True)
class SheetColumn:
    """One column.

    Attributes:
        key: its name among the columns of its record type, the same in every language.
        label: a source text, or the label that the office wrote (``own``).
        kind: what its cells hold.
        source: where they come from, see ``FIELD`` and the others.
        field: the field that it shows, or whose link it identifies.
        part: kind of a contact point, part of an address ("label" is its type), name of a child, record type of a link.
        number: which of several, from 1; 0 where there is one.
        value: False for the column that tells the type of a contact point.
    """

    key: str
    label: str
    kind: Kind
    source: str = FIELD
    field: Field | None = None
    part: str = ""
    number: int = 0
    value: bool = True
    own: bool = False
    again: int = 0

    def header(self, say: Callable[[str], str] = translate) -> str:
        """The name of the column in a language; the one in use where none is given."""
        label = self.label if self.own else say(self.label)
        if self.source == POINT:
            text = label.format(n=self.number)
        elif self.source == LINK_ID or self.source == LINKED and not self.value:
            text = say(_ID_OF).format(label=say(_NUMBERED).format(label=label, n=self.number) if self.number else label)
        elif self.number > 1 or self.source == LINKED:
            text = say(_NUMBERED).format(label=label, n=self.number)
        else:
            text = label
        return say(_AGAIN).format(label=text, n=self.again) if self.again else text


@dataclass(frozen=True)
class Sizes:
    """How many columns repeated things need: contact points by kind, addresses, links by record type."""

    points: Mapping[str, int]
    addresses: int = 1
    linked: Mapping[str, int] = ()  # type: ignore[assignment]
    children: frozenset[str] = frozenset()
    external: bool = False
    tags: bool = True

    @staticmethod
    def most() -> Sizes:
        """As many as are ever known again."""
        return Sizes(
            dict.fromkeys(POINT_KINDS, MOST[POINT]), MOST[ADDRESS], dict.fromkeys(_LINKABLE, MOST[LINKED]),
            frozenset({"identifiers", "consents", "messages"}), True,
        )  # fmt: skip


def whole_columns(schema: Schema, spec: Entity, fields: Sequence[Field], sizes: Sizes) -> tuple[SheetColumn, ...]:
    """The columns that hold everything about records of a type, the record's id first.

    Args:
        fields: the declared fields and the office's own (``custom.fields_of``).
        sizes: how many of what comes several times.
    """
    found = [SheetColumn("@id", RECORD_ID, Kind.TEXT, ID)]
    for one in fields:
        if not one.child and is_kept(one, spec):
            found += _field_columns(schema, one)
    if "exdates" in spec.stored:
        left_out = Field("exdates", N_("Left-out days"), Kind.JSON)
        found.append(SheetColumn("exdates", left_out.label, Kind.JSON, FIELD, left_out))
    for child in spec.children:
        found += _child_columns(schema, child, fields, sizes)
    if spec.listed:
        found.append(SheetColumn("tags", N_("Tags"), Kind.TEXT, TAGS))
        if sizes.external:
            found.append(SheetColumn("external_id", N_("Id in another program"), Kind.TEXT, EXTERNAL))
    return _told_apart(found)


def plain_columns(spec: Entity, fields: Sequence[Field], *, ids: bool) -> tuple[SheetColumn, ...]:
    """The columns of a list as it is shown: one for each field, maybe with the record's id at the end."""
    found = [
        SheetColumn("tags", one.label, Kind.TEXT, TAGS) if one.name == "@tags" else
        SheetColumn(one.name, one.label, one.kind, FIELD, one, own=one.custom)
        for one in fields
    ]  # fmt: skip
    if ids:
        found.append(SheetColumn("@id", RECORD_ID, Kind.TEXT, ID))
    return _told_apart(found)


def is_kept(one: Field, spec: Entity) -> bool:
    """Whether an export of everything writes a field: what is stored, and what the office itself works out."""
    if one.name in _NOT_KEPT or one.hidden and not one.custom:
        return False
    return one.custom or not one.computed and one.name in spec.stored


def _field_columns(schema: Schema, one: Field) -> list[SheetColumn]:
    made = [SheetColumn(one.name, one.label, one.kind, FIELD, one, own=one.custom)]
    target = schema.entities.get(one.target)
    if one.kind is Kind.LINK and target is not None and target.listed and not one.computed:
        made.append(SheetColumn(f"{one.name}@id", one.label, Kind.TEXT, LINK_ID, one, own=one.custom))
    return made


def _child_columns(schema: Schema, child: Child, fields: Sequence[Field], sizes: Sizes) -> list[SheetColumn]:
    if child.name == "points":
        return _point_columns(child, sizes)
    if child.name == "addresses":
        return _address_columns(child, fields, sizes.addresses)
    if child.name == "links":
        return _linked_columns(schema, sizes)
    if child.name not in sizes.children:
        return []
    return [SheetColumn(child.name, child.label, Kind.LONG_TEXT, CHILD, part=child.name)]


def _point_columns(child: Child, sizes: Sizes) -> list[SheetColumn]:
    label = next((one for one in child.fields if one.name == "label"), None)
    found = []
    for part, (name, type_name, kind) in POINT_KINDS.items():
        for number in range(1, sizes.points.get(part, 0) + 1):
            found.append(SheetColumn(f"{part}#{number}", name, kind, POINT, None, part, number))
            found.append(
                SheetColumn(f"{part}#{number}.type", type_name, Kind.CHOICE, POINT, label, part, number, False)
            )
    return found


def _address_columns(child: Child, fields: Sequence[Field], count: int) -> list[SheetColumn]:
    parts = {one.child.split(".")[1]: one for one in fields if one.child.startswith("addresses.")}
    type_field = next((one for one in child.fields if one.name == "label"), None)
    found = []
    for number in range(1, count + 1):
        suffix = "" if number == 1 else f"#{number}"
        for part in ADDRESS_PARTS:
            one = parts.get(part)
            if one is not None:
                found.append(SheetColumn(one.name + suffix, one.label, one.kind, ADDRESS, one, part, number))
        found.append(
            SheetColumn(f"address_type{suffix}", ADDRESS_TYPE, Kind.CHOICE, ADDRESS, type_field, "label", number)
        )
    return found


def _linked_columns(schema: Schema, sizes: Sizes) -> list[SheetColumn]:
    found = []
    for name in _LINKABLE:
        if name not in schema.entities:
            continue
        label = schema.entities[name].label
        for number in range(1, dict(sizes.linked).get(name, 0) + 1):
            found.append(SheetColumn(f"links.{name}#{number}", label, Kind.TEXT, LINKED, None, name, number))
            found.append(SheetColumn(f"links.{name}#{number}@id", label, Kind.TEXT, LINKED, None, name, number, False))
    return found


def _told_apart(columns: Iterable[SheetColumn]) -> tuple[SheetColumn, ...]:
    """The columns with a number behind a name that another one has already, in any language."""
    taken: set[tuple[str, str]] = set()
    found = []
    for one in columns:
        names = _names(one)
        while names & taken:
            one = replace(one, again=max(one.again, 1) + 1)
            names = _names(one)
        taken |= names
        found.append(one)
    return tuple(found)


def _names(column: SheetColumn) -> set[tuple[str, str]]:
    return {(code, header_key(column.header(_speaker(code)))) for code in LANGUAGES}


@lru_cache(maxsize=8)
def _speaker(code: str) -> Callable[[str], str]:
    """What says source texts in a language."""
    return lambda text: translation(text, code)


@lru_cache(maxsize=16_384)
def header_key(text: str) -> str:
    """A header as it is compared: folded, blanks as one."""
    return re.sub(r"\s+", " ", fold(text)).strip()


def is_table_of(labels: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a table begins with these columns, in any language."""
    begin = list(names)[: len(labels)]
    # the first row of an explanation may have been taken for a second header
    return len(begin) == len(labels) and any(
        all(name.startswith(header_key(_speaker(code)(one))) for name, one in zip(begin, labels, strict=True))
        for code in LANGUAGES
    )


def columns_by_header(schema: Schema, spec: Entity, fields: Sequence[Field]) -> Mapping[str, Mapping[str, SheetColumn]]:
    """Every column that an export of this record type can have, by language and name (:func:`header_key`)."""
    return _columns_by_header(schema, spec, tuple(fields))


@lru_cache(maxsize=64)
def _columns_by_header(
    schema: Schema, spec: Entity, fields: tuple[Field, ...]
) -> Mapping[str, Mapping[str, SheetColumn]]:
    """Hundreds of columns in every language take milliseconds, and every table is asked about every record type."""
    shown = [one for one in fields if one.child or one.computed and not one.custom]
    columns = (*whole_columns(schema, spec, fields, Sizes.most()), *plain_columns(spec, shown, ids=False))
    found: dict[str, dict[str, SheetColumn]] = {}
    for code in LANGUAGES:
        mine = found[code] = {}
        for one in columns:
            mine.setdefault(header_key(one.header(_speaker(code))), one)
    return found
