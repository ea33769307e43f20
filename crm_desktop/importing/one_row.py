"""Several record types in one row: which columns of a table speak of the company, the person or the deal beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.importing import header_scores, lexicon
from crm_desktop.importing.belonging import link_to
from crm_desktop.importing.guess import PlanGuess, guess_table_plan, own_words
from crm_desktop.importing.kinds import telling_column
from crm_desktop.importing.known_headers import FILLER, ID_WORDS
from crm_desktop.importing.mapping import ColumnMapping, guess_mapping, tells_apart
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess
from crm_desktop.importing.targets import EXTERNAL_ID, TAGS, targets_of
from crm_desktop.records import custom
from crm_desktop.records.record_ids import PROGRAM

_SURE = 0.7
_OWN = 0.9
"""A column that does not name the other record type counts only where its header is as sure as this."""
_POSSIBLE = 0.5
_NAME = "name"
_TITLES = frozenset("title titulo titre".split())
_LABELS = frozenset(
    "name nome nombre title titulo designacao full completo fantasia razao social razon id ids number numero no nr code "
    "codigo".split()
)
"""What a header may say besides the record type and still be no more than what the record is called."""


@dataclass
class _Group:
    """The columns of a table that speak of one other record type: their place to how they are read for it."""

    spec: Entity
    targets: tuple[Field, ...]
    read: dict[int, ColumnGuess] = field(default_factory=dict)
    mapped: dict[int, ColumnMapping] = field(default_factory=dict)

    @property
    def names(self) -> list[int]:
        """The columns that say what the record is called."""
        wanted = {self.spec.title_field, "first_name", "last_name", "legal_name"}
        return [place for place, one in self.mapped.items() if one.target in wanted]


def main_type(database: Database, file: FileGuess, ranked: Sequence[tuple[str, float]]) -> str:
    """What a row is above all: the type that the columns belong to which name no type.

    In a list of companies with "Contact e-mail" and "Contact phone" the city is that of the company, however many columns
    speak of the contact.
    """
    best = ranked[0][0]
    columns = file.best.columns
    scores: dict[str, float] = {}
    names = {name: own_words(database.schema.entity(name)) for name, score in ranked if score >= _POSSIBLE}
    said = {
        place: [name for name, words in names.items() if _attribute(column, words)]
        for place, column in enumerate(columns)
    }
    if not any(said.values()):
        return best
    named = {
        place
        for place, column in enumerate(columns)
        if any(_rest(column, words) is not None for words in names.values())
    }
    for name in names:
        guess = guess_table_plan(database, file, name, ranked=tuple(ranked))
        ours, others = divide(database, guess)
        spec = database.schema.entity(name)
        if name != best and best not in {one.plan.entity for one in others}:
            continue
        if not {spec.title_field, "first_name", "last_name"} & ours.plan.targets:
            continue
        links = {link.name for one in others if (link := link_to(spec, one.plan.entity)) is not None}
        bare = sum(one.confidence for place, one in enumerate(ours.mapping)
                   if one.target and place not in named and one.target not in links and columns[place].filled)  # fmt: skip
        if bare or name == best:
            scores[name] = bare - sum(name in some for some in said.values())
    order = [name for name, _score in ranked]
    return max(scores, key=lambda name: (scores[name], -order.index(name)), default=best)


def _attribute(column: ColumnGuess, names: set[str]) -> bool:
    """Whether a header names a record type and something of it besides what it is called."""
    rest = _rest(column, names)
    return bool(rest) and bool(column.filled) and not set(rest or ()) <= _LABELS


def divide(
    database: Database, guess: PlanGuess, only: Collection[str] | None = None
) -> tuple[PlanGuess, tuple[PlanGuess, ...]]:
    """Share the columns of a table out among the record types that its rows speak of.

    Another type takes part only where columns say more of it than what it is called: that alone is a link.

    Args:
        only: the other types that may take columns; all where None.

    Returns:
        The plan for what a row is above all, without the columns of the others, and the plans of the others.
    """
    main = database.schema.entity(guess.plan.entity)
    if guess.plan.program == PROGRAM:  # our own files have a table for each type
        return guess, ()
    groups = [one for one in _groups(database, guess, main) if only is None or one.spec.name in only]
    if not groups:
        return _by_kind(database, guess, main, only)
    mapped = _main_mapping(guess, main, groups)
    repeats = any(link_to(group.spec, main.name) for group in groups) and _comes_again(guess, main, mapped)
    ours = guess_table_plan(
        database, guess.file, main.name, country=guess.plan.country, ranked=guess.entities,
        mapped=_linked(main, mapped, groups), repeats=repeats,
    )  # fmt: skip
    ours = replace(ours, evidence=guess.evidence)
    others = []
    for group in groups:
        columns = [group.mapped.get(place) or _nothing(one) for place, one in enumerate(guess.mapping)]
        found = guess_table_plan(
            database, guess.file, group.spec.name, country=ours.plan.country, ranked=guess.entities,
            mapped=_linked(group.spec, columns, groups), repeats=True, optional=True,
        )  # fmt: skip
        told = [guess.mapping[place].header for place, one in group.mapped.items() if one.target]
        evidence = Evidence(N_("{columns} say more of them than what they are called"), {"columns": ", ".join(told)})
        others.append(replace(found, evidence=(evidence,), warnings=()))
    return ours, tuple(others)


def _by_kind(
    database: Database, guess: PlanGuess, main: Entity, only: Collection[str] | None
) -> tuple[PlanGuess, tuple[PlanGuess, ...]]:
    """A table of people and companies, row by row, where a column tells which a row is."""
    types = [one for one in database.schema.entities.values() if one.importable and one.listed]
    person = next((one for one in types if one.has("first_name")), None)
    company = next(
        (one for one in types if person is not None and one.has("legal_name") and link_to(person, one.name)), None
    )
    if person is None or company is None or main not in (person, company):
        return guess, ()
    other = company if main is person else person
    told = telling_column(guess.file.best.columns, own_words(company))
    if told is None or only is not None and other.name not in only:
        return guess, ()
    column, kinds = told
    found = guess_table_plan(database, guess.file, other.name, country=guess.plan.country, ranked=guess.entities)
    said = Evidence(N_("“{header}” tells which rows they are"), {"header": column.header})
    plans = []
    beside = replace(_named_alike(found, other, guess, main), evidence=(said,), warnings=())
    for one in (guess, beside):
        part = one.plan.with_(told_by=column.header, kinds=kinds, other_kinds=one.plan.entity == person.name)
        plans.append(replace(one, plan=part))
    return plans[0], (plans[1],)


def _named_alike(found: PlanGuess, entity: Entity, guess: PlanGuess, main: Entity) -> PlanGuess:
    """The other type with its name from the column that names the main one: most of its cells are names of people."""
    column = next((one.column for one in guess.plan.columns if one.target == main.title_field), None)
    if column is None or entity.title_field in found.plan.targets:
        return found
    free = next((one for one in found.mapping if one.column == column and one.target is None), None)
    if free is None:
        return found
    reason = Evidence(N_("The column is called “{header}”"), {"header": free.header})
    named = replace(free, target=entity.title_field, reason=reason, confidence=_SURE)
    mapping = tuple(named if one is free else one for one in found.mapping)
    plan = found.plan.with_column(column, target=entity.title_field, transform="")
    return replace(found, mapping=mapping, plan=plan)


def _comes_again(guess: PlanGuess, main: Entity, mapped: Sequence[ColumnMapping]) -> bool:
    """Whether records of the main type stand in several rows, each with another record of another type."""
    columns = guess.file.best.columns
    titles = [column for column, one in zip(columns, mapped, strict=True) if one.target == main.title_field]
    return any(not tells_apart(column, len(columns)) for column in titles)


def _groups(database: Database, guess: PlanGuess, main: Entity) -> list[_Group]:
    """The other record types that columns say more of than a name, with their columns."""
    columns = guess.file.best.columns
    found = []
    for spec in database.schema.entities.values():
        near = link_to(main, spec.name) or link_to(spec, main.name)
        if spec.name == main.name or not (spec.importable and spec.listed and near):
            continue
        targets = targets_of(database.schema, spec, custom.fields_of(database, spec.name))
        group = _Group(spec, targets)
        link = link_to(main, spec.name)
        for place, (column, one) in enumerate(zip(columns, guess.mapping, strict=True)):
            rest = _rest(column, own_words(spec))
            if rest is None and link is not None and one.target == link.name and not one.transform:
                rest = ()
            if rest is None and "legal_name" in spec.stored and column.kind == "company" and one.target is None:
                rest = ()
            if rest is not None and column.filled:
                called = not rest or set(rest) <= _TITLES and not spec.has("first_name")
                group.read[place] = replace(column, original=_NAME if called else " ".join(rest))
        _map(group)
        _add_unnamed(group, guess, columns)
        if group.names and _says_more(group):
            found.append(group)
    return _without_overlap(found)


def _map(group: _Group) -> None:
    """Map the columns of a group; those that say nothing of its type leave it."""
    places = list(group.read)
    mapped = guess_mapping([group.read[place] for place in places], group.targets, title=group.spec.title_field)
    group.mapped = {
        place: replace(one, confidence=max(one.confidence, _SURE)) for place, one in zip(places, mapped, strict=True)
        if one.target and (one.confidence >= _SURE or one.target == group.spec.title_field)
    }  # fmt: skip


def _rest(column: ColumnGuess, names: set[str]) -> tuple[str, ...] | None:
    """What a header says besides the record type that it names first or last: "Company phone", "cidade da empresa"."""
    words = tuple(word for word in lexicon.header_words(column.original) if word not in FILLER or word in ("no", "nr"))
    if words and words[0] in names:
        return words[1:]
    if len(words) > 1 and words[-1] in names:
        return words[:-1]
    return None


def _add_unnamed(group: _Group, guess: PlanGuess, columns: Sequence[ColumnGuess]) -> None:
    """Add columns that do not name the type but that only it has a field for: CNPJ beside people, industry, employees."""
    ours = {one.name for one in guess.targets}
    fields = {one.name: one for one in group.targets}
    taken = {one.target for one in group.mapped.values()}
    company_id = group.spec.has("tax_id") and not group.spec.has("first_name")
    for place, (column, one) in enumerate(zip(columns, guess.mapping, strict=True)):
        if place in group.read or not column.filled:
            continue
        words = lexicon.header_words(column.original)
        legal = company_id and "tax_id" in fields and column.kind == "tax_id" and column.detail == "cnpj"
        if legal and "tax_id" not in taken:
            name, score = "tax_id", 0.95
        elif words and (one.target is None or one.confidence < _SURE):
            scored = ((header_scores.header_score(words, f)[0] * header_scores.fit(column, f), n)
                      for n, f in fields.items() if n not in ours and n not in taken and not f.system)  # fmt: skip
            score, name = max(scored, default=(0.0, ""))
        else:
            continue
        if score >= _OWN:
            reason = Evidence(N_("The column is called “{header}”"), {"header": column.header})
            group.read[place] = column
            group.mapped[place] = ColumnMapping(one.column, one.header, name, round(score, 2), reason)
            taken.add(name)


def _says_more(group: _Group) -> bool:
    """Whether the columns say more of the record than what it and its id are called."""
    for place, one in group.mapped.items():
        words = set(lexicon.header_words(group.read[place].original))
        if one.target in (group.spec.title_field, "first_name", "last_name", EXTERNAL_ID, TAGS) or words & ID_WORDS:
            continue
        if any(f.name == one.target and (f.kind is Kind.USER or f.system) for f in group.targets):
            continue
        if words <= _LABELS and one.target != "tax_id":
            continue
        return True
    return False


def _without_overlap(groups: list[_Group]) -> list[_Group]:
    """Each column to one type: the one that its header names, else the first."""
    taken: set[int] = set()
    for group in groups:
        for place in list(group.mapped):
            if place in taken:
                del group.mapped[place], group.read[place]
        taken |= group.mapped.keys()
    return [group for group in groups if group.names and _says_more(group)]


def _main_mapping(guess: PlanGuess, main: Entity, groups: Sequence[_Group]) -> list[ColumnMapping]:
    """Where the columns that are left go for the main type; its own name in a header says nothing."""
    columns = guess.file.best.columns
    taken = {place for group in groups for place in group.mapped}
    kept = [place for place in range(len(columns)) if place not in taken]
    names = own_words(main)

    def bare(column: ColumnGuess) -> ColumnGuess:
        rest = _rest(column, names)
        return column if rest is None else replace(column, original=" ".join(rest) or _NAME)

    plain = guess_mapping([columns[place] for place in kept], guess.targets, title=main.title_field)
    stripped = guess_mapping([bare(columns[place]) for place in kept], guess.targets, title=main.title_field)
    best = max((plain, stripped), key=lambda found: sum(one.confidence for one in found if one.target))
    if guess.program:  # its columns are known as a whole
        best = [guess.mapping[place] for place in kept]
    mapped = dict(zip(kept, best, strict=True))
    return [mapped.get(place) or _nothing(one) for place, one in enumerate(guess.mapping)]


def _nothing(one: ColumnMapping) -> ColumnMapping:
    """A column that another part takes."""
    return ColumnMapping(one.column, one.header, None, 0.0, Evidence(N_("It belongs to another record of the row")))


def _linked(spec: Entity, mapped: Sequence[ColumnMapping], groups: Sequence[_Group]) -> list[ColumnMapping]:
    """The columns of a part, with those that name the record of another part as its link to that."""
    found = list(mapped)
    for group in groups:
        link = link_to(spec, group.spec.name)
        for place in group.names if link is not None else ():
            if group.mapped[place].target == group.spec.title_field and found[place].target is None and link:
                reason = Evidence(N_("The record of the same row"))
                found[place] = replace(found[place], target=link.name, confidence=0.95, reason=reason)
    return found
