"""Who may be the same as a record that is being typed or imported: looked up by indexes, scored like the search does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.names import full_name, split_name
from crm_desktop.core.phones import phone_digits
from crm_desktop.core.text import fold
from crm_desktop.core.values import parse_value
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.dedupe.compare import SAME, Comparator
from crm_desktop.dedupe.engine import Reason, Scorer, reasons_of
from crm_desktop.dedupe.rules import IMPORT, TYPING, Rule
from crm_desktop.dedupe.settings import rule_for
from crm_desktop.dedupe.sources import Record, Source, from_form

MOST_SHARED = 12
"""A value that more records than this have names nobody: a switchboard, info@, a placeholder."""
_NEIGHBOURS = 8
_BY_NAME = 30
_SAMPLE_STARTS, _SAMPLE_PART = 20, 60
_SAMPLE_LASTS = 300.0
_samples: WeakKeyDictionary[Database, dict[str, tuple[float, int, list[Comparator]]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Candidate:
    """A record that may be the same: its id, title, second line, score 0–100 and what speaks for and against it."""

    id: int
    title: str
    under: str
    score: int
    reasons: tuple[Reason, ...]


def candidates(
    database: Database, connection: sa.Connection, entity: str, values: Mapping[str, Any],
    children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, exclude_id: int | None = None, *,
    limit: int = 5, moment: str = TYPING,
) -> list[Candidate]:  # fmt: skip
    """The records most like one that is being typed, best first; a few milliseconds in a million records.

    Args:
        values: by field name, as far as they are known.
        children: its phones, e-mails and addresses.
        exclude_id: the record itself where it exists; what was said not to be its duplicate is left out too.
        moment: whose rule counts: TYPING is broad, IMPORT strict.
    """
    rule = rule_for(connection, entity, moment)
    record = from_form(_typed(database, entity, values), _points(children or {}))
    if not rule.active or not record:
        return []
    found, counts = _look_up(database, connection, entity, record)
    found -= {exclude_id} | _apart(connection, exclude_id)
    if not found:
        return []
    source = Source(database, connection, rule)
    _with_titles(database, connection, entity, record)
    others = source.records([one for one in found if one is not None])
    return _scored(database, connection, rule, source, record, others, counts)[:limit]


def strict(
    database: Database, connection: sa.Connection, entity: str, values: Mapping[str, Any],
    children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Candidate | None:  # fmt: skip
    """The one record that an imported row surely is, by the strict rule; None where none or two are as likely."""
    found = candidates(database, connection, entity, values, children, moment=IMPORT, limit=2)
    if not found or (len(found) > 1 and found[1].score >= found[0].score):
        return None
    return found[0]


def strict_many(
    database: Database, connection: sa.Connection, entity: str, records: Sequence[Record],
    counts: Callable[[int], bool] = lambda _identity: True,
) -> list[int | None]:  # fmt: skip
    """For thousands of imported rows at once, the record that each surely is by the strict rule; None where none is.

    Args:
        records: fields by name, phones and e-mails as lists, as they would be stored.
        counts: which records may be found; those that the import itself made are not.
    """
    rule = rule_for(connection, entity, IMPORT)
    if not rule.active:
        return [None] * len(records)
    keys = [set(_strong_keys(database, entity, record)) for record in records]
    owners = _owners(database, connection, entity, {key for several in keys for key in several})
    chosen = {key: [one for one in ids if counts(one)] for key, ids in owners.items() if len(ids) <= MOST_SHARED}
    source = Source(database, connection, rule)
    known = source.records([identity for ids in chosen.values() for identity in ids])
    total, learnt = _learnt(database, source, rule)
    fresh = [one if before.role in _COUNTED else before for one, before in zip(rule.comparators(), learnt, strict=True)]
    scorer = Scorer(rule, total, fresh)
    stored = {identity: scorer.prepare(record) for identity, record in known.items()}
    for position, one in enumerate(scorer.comparators):
        if one.role in _COUNTED:
            one.learn([values[position] for values in stored.values()], total)
    result: list[int | None] = []
    for record, mine in zip(records, keys, strict=True):
        ids = {identity for key in mine for identity in chosen.get(key, ()) if identity in stored}
        result.append(_surely(scorer, scorer.prepare(record), {identity: stored[identity] for identity in ids}))
    return result


_COUNTED = ("phone", "email", "code")


def _surely(scorer: Scorer, mine: Sequence[Any], others: Mapping[int, Sequence[Any]]) -> int | None:
    """The one record that scores high enough; None where two score alike."""
    scored = sorted(((scorer.score(mine, values)[0], identity) for identity, values in others.items()), reverse=True)
    if not scored or scored[0][0] < scorer.rule.look_from:
        return None
    return None if len(scored) > 1 and scored[1][0] == scored[0][0] else scored[0][1]


def _strong_keys(database: Database, entity: str, record: Record) -> Iterator[tuple[str, str]]:
    """(where, value) of what finds a record by an index."""
    for kind in ("phone", "email"):
        for value in _each(record.get(kind)):
            yield kind, str(value).lower()
    for name in ("tax_id", "number"):
        if record.get(name):
            yield name, str(record[name])
    if "sort_name" in database.schema.table(entity).c:
        first, last = record.get("first_name"), record.get("last_name")
        whole = str(record.get("name") or "")
        if not (first or last) and entity == "contact" and whole:
            parts = split_name(whole)
            first, last = parts.first, parts.last
        key = full_name(first, last, last_first=True) if first or last else whole
        if key:
            yield "sort_name", fold(key)


def _owners(
    database: Database, connection: sa.Connection, entity: str, keys: set[tuple[str, str]]
) -> dict[tuple[str, str], list[int]]:
    """The records of a type that have each of these values."""
    table, point = database.schema.table(entity), Base.metadata.tables["contact_point"]
    found: dict[tuple[str, str], list[int]] = {}
    for place in ("phone", "email", "tax_id", "number", "sort_name"):
        values = sorted(value for where, value in keys if where == place)
        for start in range(0, len(values), 500):
            part = values[start : start + 500]
            if place in ("phone", "email"):
                asked = sa.select(point.c.value, table.c.id).join_from(point, table, table.c.id == point.c.owner_id)
                asked = asked.where(point.c.value.in_(part), point.c.kind == place)
            else:
                asked = sa.select(table.c[place], table.c.id).where(table.c[place].in_(part))
            for value, identity in connection.execute(asked):
                found.setdefault((place, str(value)), []).append(identity)
    return found


def _typed(database: Database, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they would be stored: phones and tax numbers in their usual form, where they can be read."""
    result = {}
    for name, value in values.items():
        if value in (None, "") or not database.schema.entity(entity).has(name):
            continue
        field = database.schema.entity(entity).field(name)
        if isinstance(value, str) and field.kind in (Kind.PHONE, Kind.TAX_ID, Kind.EMAIL):
            value = _parsed(field, value)
        result[name] = value
    return result


_POINT_FIELDS = {kind.value: Field(kind.value, "", kind) for kind in (Kind.PHONE, Kind.EMAIL)}


def _points(children: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The child rows with phones and e-mails as they would be stored."""
    points = []
    for row in children.get("points", ()):
        field, value = _POINT_FIELDS.get(str(row.get("kind"))), row.get("value")
        points.append({**row, "value": _parsed(field, value)} if field and isinstance(value, str) else row)
    return {**children, "points": points}


def _parsed(field: Any, value: str) -> Any:
    try:
        return parse_value(field, value)
    except Exception:  # what cannot be read yet is compared as it stands
        return value


def _look_up(
    database: Database, connection: sa.Connection, entity: str, record: Record
) -> tuple[set[int | None], dict[str, dict[Any, int]]]:
    """The ids that share something with a record, and how many have each e-mail, phone and number."""
    table = database.schema.table(entity)
    point = Base.metadata.tables["contact_point"]
    found: set[int | None] = set()
    counts: dict[str, dict[Any, int]] = {"email": {}, "phone": {}, "code": {}}
    for role, name, values in (("phone", "phone", record.get("phone")), ("email", "email", record.get("email"))):
        for value in _each(values):
            spellings = {str(value), str(value).strip().lower()}
            asked = sa.select(point.c.owner_id).where(point.c.value.in_(spellings), point.c.kind == name)
            owners = set(connection.execute(asked.limit(MOST_SHARED * 4)).scalars())
            if role == "phone" and not owners and len(phone_digits(str(value))) >= 8:
                asked_digits = phone_digits(str(value))
                hits = search.find(connection, database.schema, asked_digits, entities=(entity,), limit=MOST_SHARED * 4)
                owners = {hit.id for hit in hits}
            counts[role][value] = len(owners)
            if len(owners) <= MOST_SHARED:
                found |= owners
    for name in ("tax_id", "number"):
        value = record.get(name)
        if value and name in table.c:
            same = list(connection.execute(sa.select(table.c.id).where(table.c[name] == value).limit(40)).scalars())
            counts["code"][value] = len(same)
            found |= set(same[:MOST_SHARED])
    found |= _by_name(database, connection, entity, record)
    if len(found) > 0:
        known = sa.select(table.c.id).where(table.c.id.in_([one for one in found if one is not None]))
        found = set(connection.execute(known).scalars())
    return found, counts


def _by_name(database: Database, connection: sa.Connection, entity: str, record: Record) -> set[int | None]:
    """Records whose names have the same words, and those beside it in the order of names, where typos stand."""
    spec = database.schema.entity(entity)
    table = database.schema.table(entity)
    parts = [str(record[one]) for one in ("first_name", "last_name") if record.get(one)]
    name = " ".join(parts) or str(record.get(spec.title_field) or "")
    if len(name.strip()) < 3:
        return set()
    words = name.split()
    asked_name = name if len(words) < 3 else f"{words[0]} {words[-1]}"  # "Maria Clara Souza" is also "Maria Souza"
    hits = search.find(connection, database.schema, asked_name, entities=(entity,), limit=_BY_NAME)
    found: set[int | None] = {hit.id for hit in hits}
    if "sort_name" in table.c:
        keys = {fold(name)}
        if len(words) > 1:
            keys.add(fold(f"{' '.join(words[1:])}, {words[0]}"))
        for key in keys:
            for over in (True, False):
                beside = table.c.sort_name >= key if over else table.c.sort_name < key
                order = table.c.sort_name if over else table.c.sort_name.desc()
                asked = sa.select(table.c.id).where(beside).order_by(order).limit(_NEIGHBOURS)
                found |= set(connection.execute(asked).scalars())
    return found


def _with_titles(database: Database, connection: sa.Connection, entity: str, record: Record) -> None:
    """Put the titles of linked records in place of their ids, as the search compares them."""
    spec = database.schema.entity(entity)
    for name, value in list(record.items()):
        if isinstance(value, tuple) and len(value) == 2:
            record[name] = value[1]
        elif isinstance(value, int) and spec.has(name) and spec.field(name).target in database.schema.entities:
            target = database.schema.entity(spec.field(name).target)
            other = database.schema.table(target)
            record[name] = connection.execute(
                sa.select(other.c[target.title_field]).where(other.c.id == value)
            ).scalar_one_or_none()  # fmt: skip


def _scored(
    database: Database, connection: sa.Connection, rule: Rule, source: Source, record: Record,
    others: Mapping[int, Record], counts: Mapping[str, Mapping[Any, int]],
) -> list[Candidate]:  # fmt: skip
    total, learnt = _learnt(database, source, rule)
    fresh = [one if known.role in counts else known for one, known in zip(rule.comparators(), learnt, strict=True)]
    scorer = Scorer(rule, total, fresh)
    mine = scorer.prepare(record)
    prepared = {identity: scorer.prepare(other) for identity, other in others.items()}
    for one in fresh:
        if one.role in counts:
            known_counts = {one.prepare({one.field: value}): count + 1 for value, count in counts[one.role].items()}
            one.set_counts({key[0]: count for key, count in known_counts.items() if key}, total)
    spec = database.schema.entity(rule.entity)
    found = []
    for identity, values in prepared.items():
        score, why = scorer.score(mine, values)
        key = any(one.role in ("phone", "email", "code") and finding.how == SAME for one, finding in why)
        if score >= rule.look_from or (key and rule.moment == TYPING):
            other = others[identity]
            under = str(other.get(spec.subtitle_field) or "") if spec.subtitle_field else ""
            found.append(Candidate(identity, str(other.get(spec.title_field) or ""), under, score, reasons_of(why)))
    return sorted(found, key=lambda one: (-one.score, one.id))


def _learnt(database: Database, source: Source, rule: Rule) -> tuple[int, list[Comparator]]:
    """How many records there are, and comparators that know from some hundred of them how names and towns spread."""
    kept = _samples.setdefault(database, {})
    key = f"{rule.entity}/{rule.moment}/{hash(rule.comparisons)}"
    known = kept.get(key)
    if known is not None and monotonic() < known[0]:
        return known[1], known[2]
    total, records = source.count(), source.sample(_SAMPLE_STARTS, _SAMPLE_PART)
    comparators = rule.comparators()
    for one in comparators:
        one.learn([one.prepare(record) for record in records], len(records))
    kept[key] = (monotonic() + _SAMPLE_LASTS, total, comparators)
    return total, comparators


def _apart(connection: sa.Connection, record_id: int | None) -> set[int | None]:
    if record_id is None:
        return set()
    table = Base.metadata.tables["not_duplicate"]
    rows = connection.execute(
        sa.select(table.c.first_id, table.c.second_id).where((table.c.first_id == record_id) | (table.c.second_id == record_id))
    )  # fmt: skip
    return {other for row in rows for other in row if other != record_id}


def _each(value: Any) -> Sequence[Any]:
    if value in (None, ""):
        return ()
    return value if isinstance(value, list | tuple) else (value,)
