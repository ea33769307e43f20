"""The plan that is proposed for a file: which record type it holds, what its columns are, how its records are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.core.values import all_translations, choice_key, choice_lookup
from crm_desktop.db.database import Database
from crm_desktop.importing import lexicon, readers, table
from crm_desktop.importing.choice_words import match_choice
from crm_desktop.importing.known_headers import EMAIL, EXTRA, FRACTION, JOIN, TIME
from crm_desktop.importing.mapping import ColumnMapping, guess_mapping, tells_apart
from crm_desktop.importing.own_files import own_columns, own_mapping, own_options, own_score, own_targets
from crm_desktop.importing.plan import BOTH, ColumnPlan, ImportPlan
from crm_desktop.importing.programs.known import Recognised, recognise
from crm_desktop.importing.sections import SECTIONS
from crm_desktop.importing.series_rows import OCCURRENCE, UID
from crm_desktop.importing.table import ColumnGuess, Evidence, FileGuess, ReadOptions
from crm_desktop.importing.targets import EXTERNAL_ID, targets_of
from crm_desktop.importing.values import parse_number
from crm_desktop.records import custom
from crm_desktop.records.record_ids import PROGRAM

_PLACES = ("birthday", "company_id", "city", "postcode")
_NOT_COMPARED = frozenset({Kind.LONG_TEXT, Kind.JSON, Kind.CHOICE, Kind.CHOICES, Kind.BOOL})
"""Kinds that do not tell records apart: a rule may have changed them since, or they are long."""

FITS = 0.52
"""Real lists of contacts, companies, deals, cases and activities score more than this."""


_RECOGNISED = 1.5
"""What it counts that the table is the export of a program that is known."""


@dataclass(frozen=True)
class PlanGuess:
    """A proposed plan and why.

    Attributes:
        plan: ready to run.
        file: what was found out about the file.
        mapping: the guess for every column, with reasons and alternatives.
        targets: the fields that columns may go to.
        entities: every record type that the file may hold with its score, best first.
        evidence: why this record type, which key.
        warnings: what a person should look at.
        program: the name of the program that the table comes from; "" where none is recognised.
    """

    plan: ImportPlan
    file: FileGuess
    mapping: tuple[ColumnMapping, ...]
    targets: tuple[Field, ...]
    entities: tuple[tuple[str, float], ...]
    evidence: tuple[Evidence, ...]
    warnings: tuple[Evidence, ...] = ()
    program: str = ""


def guess_plan(
    database: Database, path: str | PathLike[str], entity: str | None = None, *,
    options: ReadOptions | None = None, country: str = "", progress: Progress | None = None,
) -> PlanGuess:  # fmt: skip
    """Propose how to import a file.

    Args:
        entity: the record type, or None to guess it from the columns and the name of the file.
        options: what is decided already about reading the file.
        country: of phones and tax numbers without one; guessed from the columns where empty.

    Raises:
        UserError: the file cannot be read.
    """
    return guess_table_plan(database, readers.inspect(path, options, progress), entity, country=country)


def guess_table_plan(
    database: Database, file: FileGuess, entity: str | None = None, *, country: str = "",
    ranked: tuple[tuple[str, float], ...] = (), mapped: Sequence[ColumnMapping] = (), repeats: bool = False,
    optional: bool = False,
) -> PlanGuess:  # fmt: skip
    """Propose how to import the best table of a file that was looked at; see :func:`guess_plan`.

    Args:
        ranked: what :func:`rank_entities` said of it, where that is known already.
        mapped: where its columns go, where that is known already.
        repeats, optional: as in the plan.
    """
    ranked = ranked or rank_entities(database, file)
    if entity is None and not ranked:
        raise UserError(N_("There is no kind of record that can be imported."))
    chosen = entity or ranked[0][0]
    spec = database.schema.entity(chosen)
    targets = targets_of(database.schema, spec, custom.fields_of(database, chosen))
    sheet = file.best
    program = recognise([column.original for column in sheet.columns])
    mapping = list(mapped)
    ours = None
    if not mapping:
        # cards and calendars say what their columns are: an own field that is called alike is not meant
        offered = [one for one in targets if not one.custom] if file.kind in (table.VCARD, table.ICS) else targets
        guessed = guess_mapping(sheet.columns, offered, title=spec.title_field, entity=chosen)
        mapping = _with_title(guessed, sheet.columns, spec)
        ours = own_columns(database.schema, spec, custom.fields_of(database, chosen), sheet.columns)
    if ours is not None:
        program = None
        targets += own_targets(database.schema, spec, custom.fields_of(database, chosen))
        mapping = own_mapping(ours, mapping, targets)
    evidence: list[Evidence] = []
    if program is not None:
        evidence.append(_looks_like(database, program))
    if entity is None:
        evidence.append(Evidence(N_("{matched} of {all} columns are fields of {plural}"), {
            "matched": sum(1 for one in mapping if one.target), "all": len(mapping), "plural": spec.plural}))  # fmt: skip
    keys, apart, whole = _keys(spec, mapping, sheet.columns, targets, repeats=repeats)
    defaults = _defaults(spec, mapping, sheet.columns, targets)
    plan = ImportPlan(
        entity=chosen, source=own_options(file.options()) if ours else file.options(),
        columns=tuple(_column_plan(m, c, file, targets) for m, c in
        zip(mapping, sheet.columns, strict=True)), mode=BOTH, keys=keys, apart=apart, whole=whole,
        country=country or _country(sheet.columns, mapping), defaults=defaults, rows=sheet.rows,
        program=PROGRAM if ours else program.key if program else "",
        optional=optional, repeats=repeats,
    )  # fmt: skip
    warnings = (
        [one for one in sheet.evidence if one.message == SECTIONS]
        + _warnings(plan, spec, mapping)
        + (unfit(ranked) if entity is None else [])
        + _unknown_users(database, mapping, sheet.columns, targets)
    )
    name = program.name if program else ""
    return PlanGuess(plan, file, tuple(mapping), targets, ranked, tuple(evidence), tuple(warnings), name)


def _looks_like(database: Database, program: Recognised) -> Evidence:
    """ "Looks like an export of HubSpot: Contacts"."""
    plural = Evidence(database.schema.entity(program.entity).plural)
    return Evidence(N_("Looks like an export of {program}: {plural}"), {"program": program.name, "plural": plural})


def replan(database: Database, guess: PlanGuess, plan: ImportPlan) -> ImportPlan:
    """The plan after a person changed its columns: keys, defaults and the parsing of columns follow."""
    spec = database.schema.entity(plan.entity)
    targets = targets_of(database.schema, spec, custom.fields_of(database, plan.entity))
    if plan.program == PROGRAM:
        targets += own_targets(database.schema, spec, custom.fields_of(database, plan.entity))
    columns = guess.file.best.columns
    mapping = [
        replace(m, target=c.target, transform=c.transform, label=c.label, pair=c.pair)
        for m, c in zip(guess.mapping, plan.columns, strict=True)
    ]
    fresh = tuple(_column_plan(m, c, guess.file, targets) for m, c in zip(mapping, columns, strict=True))
    merged = tuple(
        replace(new, values={**new.values, **old.values}) if new.target == old.target else new
        for new, old in zip(fresh, plan.columns, strict=True)
    )
    keys, apart, whole = _keys(spec, mapping, columns, targets, repeats=plan.repeats)
    return replace(plan, columns=merged, keys=keys, apart=apart, whole=whole)


def rank_entities(database: Database, file: FileGuess) -> tuple[tuple[str, float], ...]:
    """The record types that the best sheet of a file may hold, with scores of 0 to about 1.5, best first."""
    scores: list[tuple[str, float]] = []
    words = _names_of(database, file)
    headers = [word for column in file.best.columns for word in lexicon.header_words(column.original)]
    program = recognise([column.original for column in file.best.columns])
    for spec in database.schema.entities.values():
        if not (spec.importable and spec.listed):
            continue
        targets = targets_of(database.schema, spec, custom.fields_of(database, spec.name))
        mapping = guess_mapping(file.best.columns, targets, title=spec.title_field, entity=spec.name)
        score = _entity_score(spec, mapping, file, words, headers)
        if program is not None and program.entity == spec.name:
            score += _RECOGNISED
        score += own_score(database.schema, spec, custom.fields_of(database, spec.name), file.best.columns)
        scores.append((spec.name, round(score, 3)))
    return tuple(sorted(scores, key=lambda item: -item[1]))


def _names_of(database: Database, file: FileGuess) -> set[str]:
    """The words of the name of the table, and those of its file where the table's own name says nothing."""
    own, whole = set(lexicon.header_words(file.best.name)), set(lexicon.header_words(Path(file.path).stem))
    types = (spec for spec in database.schema.entities.values() if spec.importable and spec.listed)
    return own if len(file.sheets) > 1 and any(own & own_words(spec) for spec in types) else own | whole


def _entity_score(
    spec: Entity, mapping: Sequence[ColumnMapping], file: FileGuess, words: set[str], headers: list[str]
) -> float:
    columns = file.best.columns
    filled = [one for one, column in zip(mapping, columns, strict=True) if column.filled or not file.best.rows]
    if not filled:
        return 0.0
    score = sum(one.confidence for one in filled if one.target) / len(filled)
    targets = {one.target for one in filled if one.confidence > 0.6}
    own = own_words(spec)
    if own & words:
        score += 0.45
    said = sum(1 for word in headers if word in own or any(word == name + "id" for name in own))
    score += min(0.35, 0.8 * said / max(4, len(columns)))
    if spec.title_field in targets or {"first_name", "last_name"} & targets:
        score += 0.15
    of_companies = any(one.original == "Is Company" and 2 * one.filled > one.total for one in columns)
    of_cards = spec.has("legal_name") if of_companies else spec.has("first_name")
    if file.kind == table.VCARD and of_cards or file.kind == table.ICS and spec.has("rrule"):
        score += 2.0
    kinds = {column.kind for column in columns}
    score += _first_column(spec, mapping, columns)
    if spec.name == "product" and (
        kinds & {"date", "datetime", "email", "phone", "tax_id"} or _CUSTOMERS & set(headers)
    ):
        score -= 0.25  # a list of sales names products too
    if spec.has("first_name") and "money" in kinds and not kinds & _REACH:
        score -= 0.3  # a list of sales names people too
    if spec.name == "company" and "company" in kinds and "person" not in kinds and not any(c.original for c in columns):
        score += 0.3
    if spec.has("first_name"):
        people = "first_name" in targets or "person" in kinds and spec.title_field in targets
        reach = kinds & {"email", "phone"} and not kinds & {"company", "tax_id"}
        if "email" not in kinds and not any(c.original for c in columns):
            reach = False  # phones alone are those of shops and offices too
        employed = "company_id" in targets and {"email", "phone", "mobile"} & targets
        score += 0.2 if people else 0.15 if employed else 0.12 if reach else -0.1
    return score


_REACH = frozenset({"email", "phone", "city", "street", "postcode", "tax_id"})
_CUSTOMERS = frozenset("cliente customer client comprador buyer".split())


def _first_column(spec: Entity, mapping: Sequence[ColumnMapping], columns: Sequence[ColumnGuess]) -> float:
    """What counts that the first column of texts is the name of such a record."""
    for one, column in zip(mapping, columns, strict=True):
        if column.kind in ("person", "company", "text", "choice", "city", "long_text") and column.original:
            if one.target == "company_id" and spec.has("first_name"):
                taxed = any(other.kind == "tax_id" and other.detail != "cpf" for other in columns)
                return -0.25 if taxed else 0.0  # the tax number is the company's
            named = one.target in (spec.title_field, "legal_name", "first_name", "last_name") and one.confidence >= 0.8
            return 0.15 if named else 0.0
    return 0.0


_SYNONYMS = {
    "contact": "contact contacts contato contatos contacto contactos people person pessoas lead leads client clients customer customers cliente clientes",
    "company": "company companies account accounts empresa empresas organization organizations vendor vendors supplier suppliers fornecedor fornecedores proveedores operadoras",
    "deal": "deal deals opportunity opportunities potential potentials pipeline negocio negocios oportunidade oportunidades oportunidad funil",
    "product": "product products produto produtos producto productos item items stock inventory catalog sku",
    "activity": "task tasks activity activities call calls event events meeting meetings calendar agenda tarefa tarefas tarea tareas ligacoes llamadas",
    "case": "case cases ticket tickets caso casos chamado chamados support protocolo",
}  # fmt: skip


def own_words(spec: Entity) -> set[str]:
    """What people call this record type, in words."""
    labels = {
        word
        for text in (spec.label, spec.plural)
        for known in all_translations(text)
        for word in lexicon.header_words(known)
    }
    return labels | set(_SYNONYMS.get(spec.name, "").split())


def _with_title(mapping: list[ColumnMapping], columns: Sequence[ColumnGuess], spec: Entity) -> list[ColumnMapping]:
    """A table without names of columns still needs a title: the first text whose values differ from row to row."""
    targets = {one.target for one in mapping}
    if spec.title_field in targets or {"first_name", "last_name"} & targets or any(c.original for c in columns):
        return mapping
    most = max((column.filled for column in columns), default=0)
    for position, column in enumerate(columns):
        texts = column.kind in ("text", "person", "company", "city") and column.filled >= 0.5 * most
        if texts and mapping[position].target is None and column.filled > 1 and tells_apart(column, len(columns)):
            reason = Evidence(N_("The first column whose texts differ from row to row"))
            mapping[position] = replace(mapping[position], target=spec.title_field, confidence=0.5, reason=reason)
            break
    return mapping


def _column_plan(mapped: ColumnMapping, column: ColumnGuess, file: FileGuess, targets: Sequence[Field]) -> ColumnPlan:
    one = next((t for t in targets if t.name == mapped.target), None)
    values: dict[str, str] = {}
    if one is not None and one.kind in (Kind.CHOICE, Kind.CHOICES):
        values = choice_values(column, one)
    serial = "1900" if column.detail == "excel" or file.kind in table.WORKBOOK_KINDS else ""
    if column.detail in ("unix", "unix_ms"):
        serial = column.detail
    transform = FRACTION if one is not None and one.kind is Kind.PERCENT and _is_fraction(column) else mapped.transform
    return ColumnPlan(mapped.column, mapped.header, mapped.target, transform, mapped.label, mapped.pair,
                      column.date_order, column.decimal, serial, values)  # fmt: skip


def _is_fraction(column: ColumnGuess) -> bool:
    """Whether every number lies between 0 and 1 and some between them: spreadsheets keep 25 % as 0.25."""
    texts = [text for text, _count in column.choices] or [str(value) for value in column.samples]
    numbers = [parse_number(text, column.decimal or ".") for text in texts]
    known = [number for number in numbers if number is not None]
    return len(known) == len(texts) and all(0 <= n <= 1 for n in known) and any(0 < n < 1 for n in known)


def choice_values(column: ColumnGuess, field: Field) -> dict[str, str]:
    """What the values of a column stand for, where they are not our own spellings: "Completed" is done."""
    texts = [text for text, _count in column.choices] or [str(value) for value in column.samples]
    found = {}
    for text in texts:
        key, own = match_choice(text, field.choices)
        if key and not own:
            found[choice_key(text)] = key
    return found


def _keys(
    spec: Entity, mapping: Sequence[ColumnMapping], columns: Sequence[ColumnGuess], targets: Sequence[Field], *,
    repeats: bool = False,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """(keys, fields that tell apart, fields that count together) for what is mapped.

    Args:
        repeats: the same record may stand in many rows, so that a key need not differ from row to row.
    """
    by_name = {one.name: one for one in targets}
    guesses = {
        m.target: c
        for m, c in zip(mapping, columns, strict=True)
        if m.target and m.transform not in (EXTRA, JOIN, TIME, EMAIL)
    }
    if repeats:
        sure = {EXTERNAL_ID, "number", "code", "tax_id", *(("email",) if spec.has("first_name") else ())}
        found = [name for name in (EXTERNAL_ID, *spec.key_fields) if name in guesses and name in sure]
        return (*found, spec.title_field), (), ()
    width = len(columns)
    alone = {name for name, column in guesses.items() if tells_apart(column, width)}
    if OCCURRENCE in guesses:  # a calendar id comes again with every moved occurrence
        alone.add(UID)
    strong = [
        name for name in spec.key_fields
        if name != spec.title_field and name in guesses and name in alone and by_name[name].kind is not Kind.PHONE
    ]  # fmt: skip
    ids = guesses.get(EXTERNAL_ID)
    known = (EXTERNAL_ID,) if ids is not None and EXTERNAL_ID in alone else ()
    if ids is not None and ids.filled >= ids.total:
        strong = [*known, *strong]
        known = ()  # else rows without an id are told apart as if there were none
    others = [name for name in spec.key_fields if name in guesses and name not in strong and name != spec.title_field]
    if not strong:
        others += [name for name in _PLACES if name in guesses and name not in others]
    people = spec.has("first_name") and {"first_name", "last_name"} & guesses.keys()
    named = spec.title_field in spec.key_fields and (people or spec.title_field in alone)
    if named and (strong or others):
        return (*known, *strong, spec.title_field), tuple(others), ()
    whole = [
        name for name in dict.fromkeys((spec.title_field, *(m.target for m in mapping if m.target)))
        if name in by_name and name in spec.stored and by_name[name].kind not in _NOT_COMPARED
        and (not by_name[name].system or name == "created_at")
    ]  # fmt: skip
    return (*known, *strong), (), tuple(whole)


def _defaults(
    spec: Entity, mapping: Sequence[ColumnMapping], columns: Sequence[ColumnGuess], targets: Sequence[Field]
) -> dict[str, str]:
    """Values that the file leaves out but says in another way."""
    found: dict[str, str] = {}
    mapped = {one.target for one in mapping}
    if spec.title_field not in mapped and not {"first_name", "last_name"} & mapped:
        links = [m.header for m in mapping if m.target and m.target.endswith("_id") and m.transform == ""
                 and next(t for t in targets if t.name == m.target).kind is Kind.LINK and m.target != "stage_id"]  # fmt: skip
        ordered = sorted(
            links, key=lambda header: next(m.target != "company_id" for m in mapping if m.header == header)
        )
        kinds = {t.name: t.kind for t in targets}
        ordered = ordered or [m.header for m in mapping if m.target and kinds[m.target] in (Kind.CHOICE, Kind.DATETIME, Kind.DATE)
                              and m.target not in ("status", "solved_at")]  # fmt: skip
        if ordered and not _reachable(targets, mapped):
            found[spec.title_field] = " – ".join("{" + header + "}" for header in ordered[:2])
    words = [lexicon.header_words(column.original) for column in columns]
    for one in targets:
        if one.kind is not Kind.CHOICE or not one.default or one.name in mapped:
            continue
        said: dict[str, int] = {}
        for label, key in choice_lookup(one.choices).items():
            said[key] = said.get(key, 0) + sum(1 for w in words if w and w[0] == label)
        best = max(said, key=lambda key: said[key], default="")
        if best and said[best] >= 2:
            found[one.name] = best
    return found


def _reachable(targets: Sequence[Field], mapped: set[str | None]) -> bool:
    """Whether an e-mail or phone can stand in for a title."""
    return any(one.child.startswith("points.") and one.name in mapped for one in targets)


def _country(columns: Sequence[ColumnGuess], mapping: Sequence[ColumnMapping]) -> str:
    """The country that the values themselves speak of; the office's where they do not."""
    votes: dict[str, float] = {}
    details = {"cpf": "BR", "cnpj": "BR", "cpf_cnpj": "BR", "br": "BR", "es": "ES", "pt": "PT", "us": "US", "gb": "GB"}
    for column, mapped in zip(columns, mapping, strict=True):
        code = ""
        if column.kind == "tax_id":
            code = details.get(column.detail, column.detail.rpartition(".")[2].upper() if "." in column.detail else "")
        elif column.kind in ("postcode", "state"):
            code = details.get(column.detail, "")
        elif column.kind == "phone" and len(column.detail) == 2 and mapped.target:
            code = column.detail
        if code:
            votes[code] = votes.get(code, 0) + (2.0 if column.kind != "phone" else 0.9) * column.confidence
    office = formats.default_country()
    votes[office] = votes.get(office, 0) + 0.5
    return max(votes, key=lambda code: votes[code])


def _unknown_users(
    database: Database, mapping: Sequence[ColumnMapping], columns: Sequence[ColumnGuess], targets: Sequence[Field]
) -> list[Evidence]:
    """Which owners of the file are no users here: their names go to the remarks, for users are never made by an import."""
    kinds = {one.name: one.kind for one in targets}
    found = []
    for mapped, column in zip(mapping, columns, strict=True):
        if mapped.target is None or kinds[mapped.target] is not Kind.USER or not column.filled:
            continue
        with database.read() as connection:
            table = database.schema.table("user")
            known = {
                fold(text)
                for row in connection.execute(sa.select(table.c.name, table.c.login, table.c.email))
                for text in row
                if text
            }
        names = [text for text, _count in column.choices] or [str(value) for value in column.samples]
        unknown = [name for name in names if fold(name) not in known]
        if unknown:
            found.append(Evidence(N_("“{header}”: {names} are not users here; they are kept in the remarks"), {
                "header": mapped.header, "names": ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")}))  # fmt: skip
    return found


def unfit(ranked: Sequence[tuple[str, float]]) -> list[Evidence]:
    """What to say where even the best record type says little about the file, as with a list of invoices."""
    if ranked and ranked[0][1] >= FITS:
        return []
    return [
        Evidence(N_("No kind of record fits this file well. Look at the kind and at every column before you import."))
    ]


def _warnings(plan: ImportPlan, spec: Entity, mapping: Sequence[ColumnMapping]) -> list[Evidence]:
    found = []
    targets = plan.targets | set(plan.defaults)
    if spec.title_field not in targets and not {"first_name", "last_name"} & targets:
        found.append(Evidence(N_("No column gives the name of the record; e-mail, phone or company stand in for it")))
    if plan.whole and not plan.keys:
        found.append(
            Evidence(N_("No column tells the records apart: rows that are the same in every column count as one"))
        )
    for one in mapping:
        if one.target and one.confidence < 0.7:
            found.append(Evidence(N_("Please check the column “{header}”"), {"header": one.header}))
    return found
