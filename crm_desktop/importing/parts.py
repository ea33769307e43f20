"""All the tables of a file: which hold records and which explain, list or sum up, and what each holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.importing import lexicon, readers
from crm_desktop.importing.guess import FITS, PlanGuess, guess_table_plan, rank_entities
from crm_desktop.importing.one_row import divide, main_type
from crm_desktop.importing.own_files import own_notice
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.table import Evidence, FileGuess, ReadOptions, SheetGuess
from crm_desktop.records.record_ids import PROGRAM

_DATA = 0.3
"""A table that looks less like records than this is left out unless it is the best one."""
_FEW_VALUES = 60
_SUMS = frozenset("total totals totais totales sum soma suma summary resumo resumen subtotal pivot grand".split())
_NUMBERS = frozenset({"integer", "decimal", "money", "percent"})


@dataclass(frozen=True)
class TableGuess:
    """One table of a file and what its rows are.

    Attributes:
        guess: the proposed plan for what a row is above all; its file's best sheet is this table.
        further: proposed plans for other record types that the same rows speak of.
        chosen: whether it holds records that should come in.
        reason: why it is left out; None where it is not.
        like: the position of the first table of the same layout; -1 where there is none.
    """

    guess: PlanGuess
    further: tuple[PlanGuess, ...] = ()
    chosen: bool = True
    reason: Evidence | None = None
    like: int = -1

    @property
    def name(self) -> str:
        """What tells it apart from the other tables of the file; "" where there is only one."""
        return self.guess.plan.source.part

    @property
    def sheet(self) -> SheetGuess:
        """What was found out about the table."""
        return self.guess.file.best

    @property
    def plans(self) -> tuple[PlanGuess, ...]:
        """The plan of its own record type, then those of the further ones."""
        return (self.guess, *self.further)


@dataclass(frozen=True)
class PartsGuess:
    """Every table of a file in the file's order; ``best`` is the position of the one that looks most like records."""

    path: Path
    tables: tuple[TableGuess, ...]
    best: int = 0

    def parts(self, *, only_best: bool = False) -> list[ImportPart]:
        """What would be imported as proposed: all tables that hold records, or only the best one."""
        taken = [self.tables[self.best]] if only_best else [one for one in self.tables if one.chosen]
        return [ImportPart(self.path, plan.plan) for one in taken for plan in one.plans]


def guess_parts(
    database: Database, path: str | PathLike[str], entity: str | None = None, *,
    options: ReadOptions | None = None, country: str = "", progress: Progress | None = None,
) -> PartsGuess:  # fmt: skip
    """Look at every table of a file and propose how to import each.

    Args:
        entity: the record type of the best table, or None to guess it. The others are always guessed.
        options: what is decided already about reading the file; a sheet named there is the best one.
        country: of phones and tax numbers without one; guessed where empty.

    Raises:
        UserError: the file cannot be read.
    """
    file = readers.inspect(path, options, progress)
    found: list[TableGuess] = []
    best = 0
    for one in tables_of(file):
        if progress:
            progress.check()
        is_best = one.sheet == file.sheet
        model = next((i for i, other in enumerate(found) if _same_layout(other.sheet, one.best)), -1)
        if is_best:
            best = len(found)
        wanted = entity if is_best else None
        if model >= 0 and wanted in (None, found[model].guess.plan.entity):
            guess = _like(database, one, found[model].guess)
        else:
            guess, model = _guess(database, one, wanted, country), -1
        found.append(_judged(database, guess, model, found))
    if not found[best].chosen:
        found[best] = replace(found[best], chosen=True, reason=None)
    return PartsGuess(Path(path), tuple(_of_one_program(found)), best)


def _of_one_program(tables: Sequence[TableGuess]) -> Iterator[TableGuess]:
    """Where some tables of a file are known to come from a program, all do: their ids point to each other."""
    programs = {one.guess.plan.program for one in tables if one.guess.plan.program}
    program = programs.pop() if len(programs) == 1 else ""
    for table in tables:
        plans = [replace(one, plan=one.plan.with_(program=one.plan.program or program)) for one in table.plans]
        yield replace(table, guess=plans[0], further=tuple(plans[1:])) if program not in ("", PROGRAM) else table


def guess_table(
    database: Database, file: FileGuess, entity: str | None = None, only: Collection[str] | None = None
) -> TableGuess:
    """What the best table of a file that was looked at holds.

    Args:
        entity: what its rows are; None to guess it.
        only: the further record types that may take columns; all where None.
    """
    return _judged(database, _guess(database, file, entity, ""), -1, (), only)


def _guess(database: Database, file: FileGuess, entity: str | None, country: str) -> PlanGuess:
    """The plan of a table for what its rows are above all."""
    if entity is not None:
        return guess_table_plan(database, file, entity, country=country)
    ranked = rank_entities(database, file)
    guess = guess_table_plan(database, file, None, country=country, ranked=ranked)
    if guess.program or guess.plan.program == PROGRAM:
        return guess
    main = main_type(database, file, ranked)
    if main == guess.plan.entity:
        return guess
    found = guess_table_plan(database, file, main, country=country, ranked=ranked)
    first = next(one for one in ranked if one[0] == main)
    return replace(found, entities=(first, *(one for one in ranked if one[0] != main)))


def tables_of(file: FileGuess) -> Iterator[FileGuess]:
    """The file once for each of its tables."""
    for position in range(len(file.sheets)):
        yield file if position == file.sheet else file.at(position)


def _judged(
    database: Database, guess: PlanGuess, like: int, before: Sequence[TableGuess], only: Collection[str] | None = None
) -> TableGuess:
    reason = _why_not(guess)
    if like >= 0:
        further = tuple(_like(database, guess.file, one) for one in before[like].further)
    else:
        guess, further = divide(database, guess, only)
    return TableGuess(guess, further, reason is None, reason, like)


def _why_not(guess: PlanGuess) -> Evidence | None:
    """Why a table should stay out: it explains, lists, sums up, is empty or hidden, or is no kind of record."""
    sheet = guess.file.best
    score = dict(guess.entities).get(guess.plan.entity, 0.0)
    kinds = {column.kind for column in sheet.columns}
    records = kinds & {"email", "phone", "person", "tax_id"}
    if not sheet.rows:
        return Evidence(N_("It has no rows below the names of its columns"))
    if sheet.hidden:
        return Evidence(N_("It is hidden in the file"))
    ours = own_notice(sheet.columns)
    if ours is not None:
        return ours
    words = set(lexicon.header_words(sheet.name))
    if lexicon.INSTRUCTIONS.search(fold(sheet.name)) and (score < FITS or not records):
        return Evidence(N_("By its name it explains the file or lists values"))
    if words & _SUMS or _sums_up(sheet):
        return Evidence(N_("It sums other rows up"))
    if len(sheet.columns) <= 2 and sheet.rows <= _FEW_VALUES and not records:
        return Evidence(N_("It is a short list of values"))
    if score < FITS:
        return Evidence(N_("No kind of record fits its columns"))
    if sheet.confidence < _DATA:
        return Evidence(N_("It does not look like a table of records"))
    return None


def _sums_up(sheet: SheetGuess) -> bool:
    """Whether a table is one column of names beside sums, as a pivot table is."""
    headed = [set(lexicon.header_words(column.original)) & _SUMS for column in sheet.columns[1:]]
    numbers = [column.kind in _NUMBERS for column in sheet.columns[1:]]
    return len(sheet.columns) > 1 and all(numbers) and any(headed)


def _same_layout(one: SheetGuess, other: SheetGuess) -> bool:
    """Whether two tables have the same columns in the same order, as those of twelve months have."""
    mine, theirs = _layout(one), _layout(other)
    return mine == theirs and any(mine)


def _layout(sheet: SheetGuess) -> Sequence[str]:
    return [" ".join(lexicon.header_words(column.original)) for column in sheet.columns]


def _like(database: Database, file: FileGuess, model: PlanGuess) -> PlanGuess:
    """The plan of a table that has the layout of another: what that one was found to be, with its own rows."""
    own = guess_table_plan(database, file, model.plan.entity, ranked=model.entities, mapped=model.mapping)
    columns = tuple(
        replace(mine, target=theirs.target, transform=theirs.transform, label=theirs.label, pair=theirs.pair,
                date_order=theirs.date_order or mine.date_order, decimal=theirs.decimal or mine.decimal,
                values={**theirs.values, **mine.values})
        for mine, theirs in zip(own.plan.columns, model.plan.columns, strict=True)
    )  # fmt: skip
    told = model.plan
    plan = own.plan.with_(
        columns=columns, keys=told.keys, apart=told.apart, whole=told.whole, country=told.country,
        defaults=told.defaults, optional=told.optional, repeats=told.repeats,
        told_by=told.told_by, kinds=told.kinds, other_kinds=told.other_kinds,
    )  # fmt: skip
    return replace(own, plan=plan, mapping=model.mapping, evidence=model.evidence, warnings=model.warnings)
