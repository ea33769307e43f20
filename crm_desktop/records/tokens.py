"""Tokens of texts that are made from records: "{name}", "{company.city}", "{custom.rank}". For labels, letters, replies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.database import Database
from crm_desktop.records import custom, queries

_PATTERN = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}")
_TODAY = "today"
_NEVER = frozenset({Kind.JSON})


@dataclass(frozen=True)
class Token:
    """One token: what stands between the braces, and its words in the language in use."""

    name: str
    label: str


@dataclass(frozen=True)
class _Source:
    """Where the text of a token comes from: a field, of the record itself or of the one that ``link`` points to."""

    field: Field
    link: Field | None = None


def tokens_of(database: Database, entity: str, connection: sa.Connection | None = None) -> list[Token]:
    """Every token that texts about records of a type may use, those of the record itself first.

    Args:
        connection: to read the office's own fields with, where one is at hand.
    """
    found = [Token(_TODAY, translate(N_("Today")))]
    for name, source in _sources(database, entity, connection):
        label = _label(source.field)
        found.append(Token(name, label if source.link is None else f"{_label(source.link)} › {label}"))
    return [*found[1:], found[0]]


def names_in(template: str) -> list[str]:
    """The names of the tokens that a text uses, each once, in their order."""
    found = [match.group(1).strip() for match in _PATTERN.finditer(template) if match.group(1) is not None]
    return list(dict.fromkeys(found))


def unknown_tokens(
    template: str, database: Database, entity: str, connection: sa.Connection | None = None
) -> list[str]:
    """The tokens in a text that records of a type do not have."""
    known = {_TODAY, *(name for name, _source in _sources(database, entity, connection))}
    return [name for name in names_in(template) if name not in known]


def fill(template: str, database: Database, connection: sa.Connection, entity: str, ids: Sequence[int]) -> list[str]:
    """The text for each of some records, written in the user's locale. Records that are gone are left out.

    "{name}" is replaced; "{city|somewhere}" gives what stands after the bar where the value is empty; "{{" and "}}"
    are braces.

    Raises:
        UserError: the text uses a token that there is not; the sentence names it.
    """
    unknown = unknown_tokens(template, database, entity, connection)
    if unknown:
        raise UserError(
            N_("There is no token {tokens}. Choose from the list of tokens, or write {{{{ for a brace."),
            tokens=", ".join("{" + name + "}" for name in unknown),
        )
    used = set(names_in(template))
    sources = {name: one for name, one in _sources(database, entity, connection) if name in used}
    return [_filled(template, texts) for texts in _texts(database, connection, entity, ids, sources)]


def _filled(template: str, texts: dict[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(0)[0]
        return texts.get(match.group(1).strip()) or match.group(2) or ""

    return _PATTERN.sub(one, template)


def _texts(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], sources: dict[str, _Source]
) -> Iterator[dict[str, str]]:
    """The texts of the used tokens for each record, by token."""
    own = {one.field.name if one.link is None else one.link.name for one in sources.values()}
    rows = queries.fetch_rows(database, connection, entity, ids, [*own, "currency"])
    linked = _linked(database, connection, [row.values for row in rows], sources)
    today = formats.format_date(clock.today())
    for row in rows:
        texts = {_TODAY: today}
        for name, source in sources.items():
            if source.link is None:
                texts[name] = _text(source.field, row.values)
                continue
            link = row.values.get(source.link.name)
            values = linked[source.link.target].get(link.id) if link is not None else None
            texts[name] = _text(source.field, values) if values is not None else ""
        yield texts


def _linked(
    database: Database, connection: sa.Connection, rows: Sequence[Any], sources: dict[str, _Source]
) -> dict[str, dict[int, Any]]:
    """The values of linked records that tokens ask for, by record type and id: one reading per record type."""
    wanted: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, set[int]] = defaultdict(set)
    for source in sources.values():
        if source.link is not None:
            wanted[source.link.target] |= {source.field.name, "currency"}
            ids[source.link.target] |= {row[source.link.name].id for row in rows if row.get(source.link.name)}
    result: dict[str, dict[int, Any]] = {}
    for target, names in wanted.items():
        read = queries.fetch_rows(database, connection, target, sorted(ids[target]), sorted(names))
        result[target] = {row.id: row.values for row in read}
    return result


def _sources(database: Database, entity: str, connection: sa.Connection | None) -> Iterator[tuple[str, _Source]]:
    fields = [one for one in custom.fields_of(database, entity, connection) if _told(one)]
    for one in fields:
        yield one.name.removesuffix("_id") if one.kind in LINK_KINDS else one.name, _Source(one)
    for link in fields:
        if link.kind not in LINK_KINDS or link.target not in database.schema.entities:
            continue
        stem = link.name.removesuffix("_id")
        for one in custom.fields_of(database, link.target, connection):
            if _told(one) and one.kind not in LINK_KINDS:
                yield f"{stem}.{one.name}", _Source(one, link)


def _told(one: Field) -> bool:
    return one.kind not in _NEVER and (one.in_form or one.in_list or one.custom or one.computed or one.system)


def _label(one: Field) -> str:
    return one.label if one.custom else translate(one.label)


def _text(one: Field, values: Any) -> str:
    value = values.get(one.name)
    if one.kind in LINK_KINDS:
        return str(value) if value is not None else ""
    return formats.format_value(one, value, currency=values.get("currency") or None)
