"""Linked records by what a file calls them: name, number or e-mail; those that are missing are made once."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import cell_text
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.choice_words import match_choice
from crm_desktop.importing.external_ids import ExternalIds, names_id
from crm_desktop.importing.known_headers import EMAIL, NUMBER
from crm_desktop.importing.lookup import Capitals, Lookup, select_all
from crm_desktop.importing.namesakes import Namesakes
from crm_desktop.importing.plan import ColumnPlan
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import number_field
from crm_desktop.importing.write_rows import RecordWriter
from crm_desktop.records import queries

CREATABLE = frozenset({"contact", "company", "product", "stage", "pipeline"})
"""Record types that an import may make because rows link to them. Users never: they have rights."""
_MOST_KNOWN = 50_000
_ID = re.compile(r"(?=\S*\d)\S{2,}")
"""What may be an id where a name could stand: one word with a digit."""

Key = tuple[int, str, str, str]
"""(id that bounds the search or 0, folded title, number, folded e-mail); empty texts are unknown."""


@dataclass
class _Target:
    """One record type that rows link to, and what is known of its records.

    ``namesakes`` are the titles of several records, ``several`` the keys that mean one of them; ``external`` are ids of
    other programs, ``loose`` the records among them whose program may be another one. ``gives_ids`` says that the numbers
    of the file are ids of the other program, and no customer numbers or codes.
    """

    spec: Entity
    number: str
    scope: str
    known: dict[Key, int | None] = field(default_factory=dict)
    loaded: bool = False
    titles: dict[tuple[int, str], int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    emails: dict[str, int] = field(default_factory=dict)
    outcomes: dict[tuple[int, str], int] = field(default_factory=dict)
    namesakes: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    several: dict[Key, list[int]] = field(default_factory=dict)
    external: dict[str, list[int]] = field(default_factory=dict)
    loose: set[int] = field(default_factory=set)
    gives_ids: bool = False


class Links:
    """Finds and makes linked records during one import.

    Args:
        entity: the record type that is imported.
        create: whether missing records may be made.
        writers: makes the writer of a record type.
        defaults: constants of the plan; an id bounds what depends on it (stages of a pipeline).
        program: the other program that gave the ids of the file.

    Attributes:
        made: ids made so far of the record type that is imported; a row that describes one of them fills it in.
        counts: how many were made by record type.
        others: the ids made of other record types, by record type.
    """

    def __init__(
        self, uow: UnitOfWork, entity: Entity, create: bool, defaults: Mapping[str, Any], program: str = ""
    ) -> None:
        self._uow = uow
        self._entity = entity
        self._create = create
        self._defaults = defaults
        self._targets: dict[str, _Target] = {}
        self._writers: dict[str, RecordWriter] = {}
        self._first: dict[str, int] = {}
        self._capitals = Capitals(uow)
        self._external = ExternalIds(uow, program)
        self._namesakes = Namesakes(uow)
        self._lookup = Lookup(uow)
        self.made: dict[int, None] = {}
        self.counts: dict[str, int] = {}
        self.others: dict[str, array[int]] = {}
        self.changed_plans = False
        self._outcomes: dict[Key, str] = {}

    def scope_of(self, field: Field) -> str | None:
        """The link of our record that bounds the search for this one: a stage is looked for in its pipeline."""
        if field.target not in self._uow.schema.entities:
            return None
        target = self._uow.schema.entities[field.target]
        for one in target.fields:
            if one.kind is Kind.LINK and one.required and self._entity.has(one.name) and one.target != target.name:
                return one.name
        return None

    def resolve(
        self, field: Field, batch: Batch, columns: Sequence[ColumnPlan], known: Mapping[str, list[Any]]
    ) -> list[int | None]:
        """The ids that the cells of a link mean. Cells that mean nothing known are noted as problems of the batch.

        Args:
            known: parsed cells by how they tell the record: "" its title, "number", "email".
        """
        target = self._target(field)
        target.gives_ids = any(column.transform == NUMBER and names_id(column.header) for column in columns)
        nothing: list[Any] = [None] * batch.size
        titles, numbers, emails = known.get("", nothing), known.get(NUMBER, nothing), known.get(EMAIL, nothing)
        scopes = self._scopes(target, batch)
        keys: list[Key | None] = []
        texts: dict[Key, tuple[Any, Any, Any]] = {}
        chosen: dict[int, int] = {}
        for position, (scope, title, number, email) in enumerate(zip(scopes, titles, numbers, emails, strict=True)):
            if type(title) is int:  # a person said which record this text means
                chosen[position] = title
                keys.append(None)
                continue
            if email is not None and "@" not in str(email):  # a name among the e-mails
                title, email = title or email, None
            if title is None and email is None and (number is None or number == "0"):
                keys.append(None)
                continue
            number = "" if number is None or number == "0" else cell_text(number)
            key = (scope, fold(title) if title else "", number, fold(email) if email else "")
            keys.append(key)
            if key not in target.known:
                texts.setdefault(key, (title, number, email))
        if texts and target.spec.has("outcome"):
            self._outcomes = _outcomes(keys, batch.values.get("status"))
        if texts:
            self._learn(target, texts)
        found = [chosen.get(at) if key is None else target.known[key] for at, key in enumerate(keys)]
        if target.several:
            for at, meant in enumerate(keys):
                if meant in target.several:
                    found[at] = self._namesakes.choose(target.spec, target.several[meant], batch, at)
        self._note_missing(field, batch, columns, keys, found, (titles, numbers, emails))
        if len(target.known) > _MOST_KNOWN:
            target.known.clear()
            target.several.clear()
        return found

    def _note_missing(
        self, field: Field, batch: Batch, columns: Sequence[ColumnPlan], keys: Sequence[Key | None],
        found: Sequence[int | None], cells: tuple[list[Any], ...],
    ) -> None:  # fmt: skip
        spec = self._uow.schema.entities[field.target]
        several = self._targets[field.target].several
        label = translate(spec.label)
        for position, (key, identity) in enumerate(zip(keys, found, strict=True)):
            if key is None or identity is not None:
                continue
            raw = next(column[position] for column in cells if column[position] is not None)
            transform = "" if key[1] else NUMBER if key[2] else EMAIL
            column = next((c for c in columns if c.transform == transform), columns[0])
            why = Evidence(N_("No {label} is called “{text}”."), {"label": label, "text": str(raw)[:80]})
            if transform == NUMBER:
                why = Evidence(N_("No {label} has the number “{text}”."), {"label": label, "text": str(raw)[:80]})
                if self._targets[field.target].gives_ids:
                    why = Evidence(N_("No {label} with the id “{text}” has come in yet."), why.params)
            if key in several:
                why = Evidence(
                    N_(
                        "{n} {plural} are called “{text}”, and neither the city nor the e-mail tells which one is meant."
                    ),
                    {"n": len(several[key]), "plural": translate(spec.plural), "text": str(raw)[:80]},
                )
            batch.problems.append((position, column.header, raw, why, False))
            batch.bad_targets[position].add(field.name)

    def _target(self, field: Field) -> _Target:
        found = self._targets.get(field.target)
        if found is None:
            spec = self._uow.schema.entity(field.target)
            number = number_field(spec)
            found = _Target(spec, number.name if number else "", self.scope_of(field) or "")
            self._targets[field.target] = found
        return found

    def _scopes(self, target: _Target, batch: Batch) -> list[int]:
        if not target.scope:
            return [0] * batch.size
        default = self._default_scope(target.scope)
        given = batch.values.get(target.scope)
        return [default] * batch.size if given is None else [one or default for one in given]

    def _default_scope(self, name: str) -> int:
        if name not in self._first:
            given = self._defaults.get(name)
            self._first[name] = int(given) if given else self._first_of(self._entity.field(name).target)
        return self._first[name]

    def _first_of(self, entity: str) -> int:
        """The first record of a type by its position; what has none yet is made by the rule of the imported type."""
        table = self._uow.table(entity)
        order = [table.c[name] for name in ("position", "id") if name in table.c]
        statement = table.select().with_only_columns(table.c.id).order_by(*order).limit(1)
        found = self._uow.connection.execute(statement).scalar()
        if found is None:
            self._writer(self._entity.name).probe()
            found = self._uow.connection.execute(statement).scalar()
        return int(found or 0)

    def _learn(self, target: _Target, texts: Mapping[Key, tuple[Any, Any, Any]]) -> None:
        """Find out the ids of keys that were not met before; make what is missing."""
        if target.spec.field(target.spec.title_field).sort_by:
            self._ask(target, texts)
        elif not target.loaded:
            self._load(target)
        self._ask_external(target, texts)
        missing: dict[Key, tuple[Any, Any, Any]] = {}
        for key, text in texts.items():
            found = self._find(target, key, text[0])
            if key in target.several:
                target.known[key] = None
            elif found is None and self._may_create(target, text):
                missing[key] = text
            else:
                target.known[key] = found
        if missing:
            self._make(target, missing)

    def _may_create(self, target: _Target, text: tuple[Any, Any, Any]) -> bool:
        return self._create and target.spec.name in CREATABLE and bool(text[0] or text[2])

    def _ask_external(self, target: _Target, texts: Mapping[Key, tuple[Any, Any, Any]]) -> None:
        """Which records the other program calls so: ids stand in columns of numbers, or where a name could stand."""
        asked = {key[2]: str(text[0] or "") for key, text in texts.items() if key[2]}
        asked |= {text[0]: "" for text in texts.values() if type(text[0]) is str and _ID.fullmatch(text[0])}
        target.external, target.loose = self._external.find(target.spec.name, asked.keys())
        if not target.loose:
            return
        titles = queries.titles(self._uow.schema, self._uow.connection, target.spec.name, list(target.loose))
        for value, title in asked.items():
            ids, words = target.external.get(value), set(fold(title).split())
            if ids and words:  # the id of a program that is not known: the names must have something in common
                alike = [i for i in ids if i not in target.loose or words & set(fold(titles.get(i, "")).split())]
                target.external[value] = alike

    def _find(self, target: _Target, key: Key, raw: Any) -> int | None:
        scope, title, number, email = key
        known = target.external.get(number) if number else None
        if known and known[0] not in target.loose:
            return known[0]
        if number and number in target.numbers and not (known and target.gives_ids):
            return target.numbers[number]
        if known:
            return known[0]
        if email and email in target.emails:
            return target.emails[email]
        if not title:
            return None
        if (scope, title) in target.namesakes:
            target.several[key] = target.namesakes[scope, title]
            return None
        found = target.titles.get((scope, title))
        if found is None and target.external.get(raw):
            return target.external[raw][0]
        if found is None and title.isdecimal() and not number:
            found = target.numbers.get(title)
        if found is None and "@" in title:
            found = target.emails.get(title)
        if found is None and target.outcomes:
            found = self._by_outcome(target, scope, title)
        return self._user(target, title) if found is None and target.spec.name == "user" else found

    @staticmethod
    def _by_outcome(target: _Target, scope: int, title: str) -> int | None:
        """ "Ganho" and "Closed Won" are the stage whose outcome is won, whatever the office calls it."""
        outcome, _own = match_choice(title, target.spec.field("outcome").choices)
        return target.outcomes.get((scope, outcome)) if outcome in ("won", "lost") else None

    @staticmethod
    def _user(target: _Target, title: str) -> int | None:
        """A user by a part of the name that only one has, or by a name with a slip."""
        words = set(title.split())
        parts = {identity for (_s, name), identity in target.titles.items() if words <= set(name.split())}
        if len(parts) == 1:
            return parts.pop()
        close = {identity for (_s, name), identity in target.titles.items() if fuzz.ratio(name, title) >= 88}
        return close.pop() if len(close) == 1 else None

    def _load(self, target: _Target) -> None:
        """Read every record of a type that has few."""
        target.loaded = True
        table = self._uow.schema.table(target.spec)
        extra = [name for name in (target.number, target.scope, "email", "outcome") if name and name in table.c]
        columns = ("id", target.spec.title_field, *dict.fromkeys(extra))
        for row in select_all(self._uow.connection, table, columns):
            self._remember(target, dict(zip(columns, row, strict=True)))

    def _remember(self, target: _Target, row: Mapping[str, Any]) -> None:
        identity = int(row["id"])
        scope = int(row.get(target.scope) or 0) if target.scope else 0
        if row.get(target.spec.title_field):
            self._name(target, (scope, fold(str(row[target.spec.title_field]))), identity)
        if row.get(target.number):
            target.numbers.setdefault(str(row[target.number]), identity)
        if row.get("email"):
            email = fold(str(row["email"]))
            target.emails.setdefault(email, identity)
            target.titles.setdefault((scope, email.partition("@")[0]), identity)
        if row.get("outcome"):
            target.outcomes.setdefault((scope, str(row["outcome"])), identity)

    @staticmethod
    def _name(target: _Target, title: tuple[int, str], identity: int) -> None:
        """Remember what a record is called; the oldest of several has the name, and all of them are namesakes."""
        first = target.titles.get(title)
        target.titles[title] = identity if first is None else min(first, identity)
        if first is not None and first != identity and target.spec.listed:
            known = target.namesakes.setdefault(title, [first])
            if identity not in known:
                known.append(identity)

    def _ask(self, target: _Target, texts: Mapping[Key, tuple[Any, Any, Any]]) -> None:
        """Ask the database for the records that a few thousand keys may mean."""
        target.titles, target.numbers, target.emails, target.namesakes = {}, {}, {}, {}
        select, table = self._lookup.select, target.spec.table
        sort_by = target.spec.field(target.spec.title_field).sort_by
        titles = {key[1] for key in texts if key[1]}
        for identity, title in select(table, ("t.id", f't."{sort_by}"'), sort_by, titles):
            self._name(target, (0, title), identity)
        numbers = {key[2] for key in texts if key[2]} | {title for title in titles if title.isdecimal()}
        if target.number and numbers:
            columns = ("t.id", f't."{target.number}"')
            for identity, number in select(table, columns, target.number, numbers):
                target.numbers[number] = min(identity, target.numbers.get(number, identity))
        emails = {key[3] for key in texts if key[3]} | {title for title in titles if "@" in title}
        written = {text[2] for text in texts.values() if text[2]} | emails
        written |= self._capitals.spellings(emails)
        if written:
            join = f'JOIN "{table}" r ON r.id = t.owner_id'
            rows = select("contact_point", ("r.id", "t.value"), "value", written, "t.kind = 'email'", join)
            for identity, value in rows:
                email = fold(value)
                target.emails[email] = min(identity, target.emails.get(email, identity))

    def _writer(self, entity: str) -> RecordWriter:
        writer = self._writers.get(entity)
        if writer is None:
            writer = self._writers[entity] = RecordWriter(self._uow, self._uow.schema.entity(entity))
        return writer

    def _make(self, target: _Target, missing: Mapping[Key, tuple[Any, Any, Any]]) -> None:
        """Make the records that keys speak of, each once, however it is spelled."""
        fresh: dict[Key, dict[str, Any]] = {}
        same: dict[Key, Key] = {}
        seen: dict[tuple[int, str], Key] = {}
        for key, (title, number, email) in missing.items():
            mark = (key[0], key[2] or key[1] or key[3])
            if mark in seen:
                same[key] = seen[mark]
                continue
            seen[mark] = key
            values: dict[str, Any] = {target.spec.title_field: title or email}
            if target.number and number and not target.gives_ids:
                values[target.number] = number
            if target.scope:
                values[target.scope] = key[0]
            if key in self._outcomes:
                values["outcome"] = self._outcomes[key]
            self._complete(target, values)
            fresh[key] = values
        self._make_room(target, fresh.values())
        emails = [text[2] for key, text in missing.items() if key in fresh]
        has_points = any(child.name == "points" for child in target.spec.children)
        points = [[("email", None, one)] if one else [] for one in emails] if has_points else None
        ids, _errors = self._writer(target.spec.name).insert(list(fresh.values()), points=points)
        if target.gives_ids:
            named = [
                (target.spec.name, i, self._external.program_of(key[2]), key[2])
                for key, i in zip(fresh, ids, strict=True)
                if i and key[2]
            ]
            self._external.add(named)
        for key, identity in zip(fresh, ids, strict=True):
            target.known[key] = identity
            if identity is not None:
                self.counts[target.spec.name] = self.counts.get(target.spec.name, 0) + 1
                if target.spec.name == self._entity.name:
                    self.made[identity] = None
                else:
                    self.others.setdefault(target.spec.name, array("q")).append(identity)
                if target.loaded:
                    row = {"id": identity, **fresh[key]}
                    self._remember(target, row)
        for key, first in same.items():
            target.known[key] = target.known[first]
        if not target.spec.listed:
            self.changed_plans = True

    def _complete(self, target: _Target, values: dict[str, Any]) -> None:
        """What a stage needs besides its name: its outcome and a probability."""
        title = str(values[target.spec.title_field])
        for one in target.spec.fields:
            if not one.required or one.name in values or one.default is not None and one.kind is not Kind.CHOICE:
                continue
            if one.kind is Kind.CHOICE:
                values[one.name] = match_choice(title, one.choices)[0] or one.default
            elif one.kind is Kind.PERCENT:
                outcome = str(values.get("outcome") or "")
                if not outcome and target.spec.has("outcome"):
                    outcome = match_choice(title, target.spec.field("outcome").choices)[0]
                values[one.name] = Decimal({"won": 100, "lost": 0}.get(outcome, 50))

    def _make_room(self, target: _Target, rows: Iterable[dict[str, Any]]) -> None:
        """Place new stages after the open ones of their pipeline, before those for won and lost deals."""
        table = self._uow.schema.table(target.spec)
        if not target.scope or "position" not in table.c or "outcome" not in table.c:
            return
        by_scope: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            by_scope.setdefault(row[target.scope], []).append(row)
        for scope, mine in by_scope.items():
            inside = table.c[target.scope] == scope
            last = sa.select(sa.func.max(table.c.position)).where(inside, table.c.outcome == "open")
            first = int(self._uow.connection.execute(last).scalar() or 0) + 1
            closed = inside & (table.c.outcome != "open")
            self._uow.update_where(target.spec.name, {"position": table.c.position + len(mine)}, closed)
            for offset, row in enumerate(mine):
                row["position"] = first + offset


def _outcomes(keys: Sequence[Key | None], statuses: Sequence[Any] | None) -> dict[Key, str]:
    """The outcome of stages of which every row of a batch says that it is won, or lost."""
    found: dict[Key, set[Any]] = {}
    for key, status in zip(keys, statuses or (), strict=False):
        if key is not None:
            found.setdefault(key, set()).add(status)
    return {key: str(next(iter(said))) for key, said in found.items() if said in ({"won"}, {"lost"})}
