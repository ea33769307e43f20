"""One part of an import on its way: rows are parsed, matched and written a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import generator
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.attachments import Attachments
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.belonging import link_beside
from crm_desktop.importing.complete import Completer
from crm_desktop.importing.external_ids import ExternalIds
from crm_desktop.importing.folding import Again, Folder
from crm_desktop.importing.foreign import Foreign
from crm_desktop.importing.kinds import kind_of
from crm_desktop.importing.links import Links
from crm_desktop.importing.matching import Matcher
from crm_desktop.importing.needless import take_back_needless
from crm_desktop.importing.new_choices import add_choices
from crm_desktop.importing.outcomes import (
    CREATED,
    DUPLICATE,
    FOLDED,
    REJECTED,
    RESTORED,
    UNCHANGED,
    UPDATED,
    BatchLines,
    CellChange,
    Journal,
)
from crm_desktop.importing.outcomes_count import compare, counted, newest_change
from crm_desktop.importing.outcomes_values import links_of, made_values
from crm_desktop.importing.own_files import own_targets, slot_rank
from crm_desktop.importing.own_rows import OwnRows, is_ours
from crm_desktop.importing.parse_rows import RowParser
from crm_desktop.importing.plan import CREATE, SKIP, UPDATE, ImportPlan
from crm_desktop.importing.rejects import kept_rejects
from crm_desktop.importing.result import ImportResult, shown
from crm_desktop.importing.row_keys import Match
from crm_desktop.importing.series_rows import OCCURRENCE, link_to_series, place_occurrences
from crm_desktop.importing.table import Evidence, Row
from crm_desktop.importing.targets import remarks_field, targets_of
from crm_desktop.importing.update_rows import RecordUpdater
from crm_desktop.importing.write_rows import RecordWriter
from crm_desktop.records import custom

_Fate = tuple[str, int | None, str, int | None, str, Evidence | None]
"""(outcome, record id, rule, number of the same row, cell that told, why where none of these says it)"""


class Importer:
    """Carries out one part of an import in a unit of work.

    Args:
        journal: is told what becomes of each row.
        belongs_to: (record type, id) of a record that activities of the file are linked to.
        beside: by record type, the record that each row of the same table stands for in parts carried out before.

    Attributes:
        rows: the record that each row stands for, by its number, where parts that come after ask for it (``keeps_rows``).
    """

    def __init__(
        self, uow: UnitOfWork, plan: ImportPlan, result: ImportResult, journal: Journal, *,
        belongs_to: tuple[str, int] | None = None, beside: Mapping[str, Mapping[int, int]] | None = None,
    ) -> None:  # fmt: skip
        schema = uow.schema
        if plan.entity not in schema.entities or not plan.targets:
            raise UserError(N_("No column is assigned to a field. Assign at least one."))
        plan = add_choices(uow, plan)
        self._uow, self._plan, self._result, self._journal = uow, plan, result, journal
        self._entity = schema.entity(plan.entity)
        fields = custom.fields_of(uow.database, plan.entity, uow.connection)
        targets = targets_of(schema, self._entity, fields)
        self._own = OwnRows(uow, self._entity)
        if is_ours(plan):
            targets += own_targets(schema, self._entity, fields)
        self._fields = {one.name: one for one in targets}
        self._remarks = remarks_field(fields) if plan.keep_bad_cells else None
        self._links = Links(uow, self._entity, plan.create_parents, plan.defaults, plan.program)
        self._completer = Completer(plan, self._entity, self._fields)
        self._writer = RecordWriter(uow, self._entity, self._completer.constants)
        self._parser = RowParser(plan, self._fields, self._links, self._entity.title_field, self._own)
        self._since = generator.next()
        """Ids from here on are of records that this part makes."""
        self._matcher = Matcher(uow, self._entity, self._fields, plan, self._links.made, self._since)
        self._foreign = Foreign(uow, self._entity, self._matcher.keys, self._matcher.unique())
        self._updater = RecordUpdater(uow, self._writer, plan, self._fields, self._remarks)
        self._attachments = Attachments(uow, plan.entity, ExternalIds(uow, plan.program), self._own)
        self._folder = (
            Folder(plan, self._fields, self._entity.title_field, remarks=self._remarks is not None)
            if plan.repeats
            else None
        )
        self._places: dict[int, int] = {}
        """Row number to position in the batch, in parts whose rows repeat records."""
        self._filler = RecordUpdater(uow, self._writer, plan.without_clearing(), self._fields, self._remarks)
        self._again = Again()
        self._alone: set[int] = set()
        """Ids of records that are left as they are, in parts whose rows repeat them."""
        self._still: dict[int, int] = {}
        """Ids of records that were told as unchanged, to their lines in the journal, in such parts."""
        self._beside = dict(beside or {})
        self.keeps_rows = False
        self.rows: dict[int, int] = {}
        self._touched: dict[int, int] = {}
        """Ids of records that rows of this file stand for, to the number of the first such row."""
        self._created = 0
        self._filled = 0
        has_links = any(child.name == "links" for child in self._entity.children)
        self._belongs_to = belongs_to if has_links else None
        self._first_change = newest_change(uow) + 1
        """Changes from here on are of this part."""
        self._fates: dict[int, _Fate] = {}
        """What became of the rows of the batch at hand, by position; of the rejected ones the batch knows."""
        self._changes: dict[int, tuple[CellChange, ...]] = {}
        self._made: dict[str, list[Any]] | None = None
        self._matches: list[Match | None] = []

    @property
    def entity(self) -> Entity:
        """The record type."""
        return self._entity

    def take(self, rows: list[Row]) -> None:
        """Import some rows."""
        rows = self._meant(rows)
        if self._folder is not None:
            if self._plan.optional:
                telling = [row for row in rows if self._folder.says_something(row[1])]
                self._result.passed_over += len(rows) - len(telling)
                rows = telling
            self._again, self._places = Again(), {number: place for place, (number, _cells) in enumerate(rows)}
        batch = Batch([number for number, _cells in rows], [cells for _number, cells in rows])
        self._result.rows_read += batch.size
        self._fates, self._changes, self._made = {}, {}, None
        self._parser.parse(batch)
        if self._belongs_to is not None:
            batch.links.append((self._belongs_to[0], [self._belongs_to[1]] * batch.size))
        if self._links.changed_plans:
            self._writer.forget()
            self._links.changed_plans = False
        link_beside(batch, self._entity, self._beside)
        for column in self._plan.columns:
            if column.target == OCCURRENCE:
                place_occurrences(batch, column.column)
        titled = self._completer.complete(batch)
        if self._remarks is not None:
            self._keep_bad_cells(batch)
        matches = self._matcher.match(batch)
        self._matches = matches
        new, matched = self._sort_out(batch, matches)
        new, matched = self._foreign.keep_new(batch, new), self._foreign.keep_matched(batch, matched)
        self._update(batch, matched, titled)
        self._create(batch, new)
        self._fill_in(batch, titled)
        self._report(batch)

    def _meant(self, rows: list[Row]) -> list[Row]:
        """The rows that are records of this type, where a column tells which are."""
        plan = self._plan
        place = next((c.column for c in plan.columns if plan.told_by and c.header == plan.told_by), -1)
        if place < 0:
            return rows
        kinds, others = frozenset(plan.kinds), plan.other_kinds
        meant = [row for row in rows if (place < len(row[1]) and kind_of(row[1][place]) in kinds) != others]
        self._result.passed_over += len(rows) - len(meant)
        return meant

    def _keep_bad_cells(self, batch: Batch) -> None:
        for position, header, cell, _why, _needed in batch.problems:
            text = "" if cell is None else str(cell).strip()
            if text:
                batch.remarks[position].append(f"{header}: {text}")

    def _sort_out(self, batch: Batch, matches: list[Match | None]) -> tuple[list[int], dict[int, int]]:
        """Which rows are new, and which record each of the others is; duplicates and rejects are told at once."""
        new: list[int] = []
        matched: dict[int, int] = {}
        made = self._links.made
        mode, touched = self._plan.mode, self._touched
        keyed = bool(self._matcher.keys)
        for position, match in enumerate(matches):
            if position in batch.rejected:
                continue
            if match is None:
                reason = self._unusable(batch, position) if keyed and batch.bad_targets else None
                if reason is None and mode == UPDATE:
                    reason = ("", None, Evidence(N_("There is no record with this key, and none is to be added.")))
                if reason is not None:
                    batch.rejected[position] = reason
                else:
                    new.append(position)
                continue
            identity = match.record_id
            if self._folder is not None and self._folds(batch, position, match):
                continue
            if identity is None:
                self._duplicate(batch, position, match, None, match.row)
            elif identity in touched:
                self._duplicate(batch, position, match, identity, touched[identity] or None)
            elif identity in made:
                touched[identity] = batch.numbers[position]
                self._filled += 1
                matched[position] = identity
            elif (mode in (SKIP, CREATE) and position not in batch.restored) or self._is_ours(identity):
                self._alone.add(identity)
                self._duplicate(batch, position, match, identity, None)
            else:
                touched[identity] = batch.numbers[position]
                matched[position] = identity
        return new, matched

    def _folds(self, batch: Batch, position: int, match: Match) -> bool:
        """Fold a row into the earlier one about the same record; False where it is the first."""
        assert self._folder is not None
        identity = match.record_id
        leader = self._places.get(match.row or 0) if identity is None else self._again.leader_of(identity)
        if identity is not None and leader is None:
            if identity in self._alone:
                self._again.leaders[position] = position
                self._stands(batch.numbers[position], identity)
                return True
            row = self._touched.get(identity)
            leader = self._places.get(row or 0)
            if leader is None:
                if row is None and not self._is_ours(identity):
                    return False
                self._again.complete(position, identity)
                return True
        self._again.leaders[position] = position if leader is None else leader
        if leader is not None:
            self._folder.fold(batch, leader, position)
        return True

    def _fill_in(self, batch: Batch, titled: bool) -> None:
        """Complete records of earlier batches, and count the rows that were folded."""
        later, leaders = self._again.later, self._again.leaders
        if later:
            assert self._folder is not None
            ids = list(later.values())
            self._folder.fill_only(
                batch, later, self._filler.current(ids), self._filler.children("contact_point", ids),
                self._filler.children("address", ids),
            )  # fmt: skip
            done = self._filler.update(batch, later, titled)
            self._attachments.attach(batch, later, fresh=False)
            for position, identity in later.items():
                self._stands(batch.numbers[position], identity)
                if position in done.refused:
                    name, why = done.refused[position]
                    batch.rejected[position] = (self._header(name), None, why)
                elif position in done.changed:
                    self._changes[position] = tuple(map(self._marked, done.changed[position]))
                    if identity in self._still:
                        self._journal.amend(self._still.pop(identity), UPDATED)
        for position, leader in leaders.items():
            if leader in batch.rejected:
                batch.rejected[position] = batch.rejected[leader]
                continue
            match = self._matches[position]
            rule, known = (match.field, match.record_id) if match is not None else ("", None)
            same_as = (match.row if match is not None else None) or self._touched.get(known or 0)
            self._fates[position] = (FOLDED, known, rule, same_as, "", None)
            self._stands(batch.numbers[position], self.rows.get(batch.numbers[leader]))

    def _stands(self, row: int, identity: int | None) -> None:
        """Note which record a row stands for."""
        if self.keeps_rows and identity is not None:
            self.rows[row] = identity

    def _is_ours(self, identity: int) -> bool:
        """Whether a record came into being in this part: this computer gave its id since the part began."""
        return identity > self._since and (identity >> 12) & 1023 == generator.device

    def _unusable(self, batch: Batch, position: int) -> tuple[str, Any, Evidence] | None:
        """Why a row cannot be looked up: its only keys are cells that do not fit."""
        bad = batch.bad_targets.get(position)
        if not bad or self._matcher.has_key(batch, position):
            return None
        keys = {key.name for key in self._matcher.keys}
        for where, header, cell, why, _needed in batch.problems:
            if where == position and any(c.header == header and c.target in keys for c in self._plan.columns):
                return header, cell, why
        return None

    def _duplicate(self, batch: Batch, position: int, match: Match, identity: int | None, same_as: int | None) -> None:
        column = next(
            (c for c in self._plan.columns if c.target == match.field and c.column < len(batch.cells[position])), None
        )
        value = shown(batch.cells[position][column.column]) if column else ""
        self._fates[position] = (DUPLICATE, identity, match.field, same_as, value, match.why)
        batch.bad_targets.pop(position, None)
        batch.remarks.pop(position, None)
        batch.left_out.add(position)
        self._stands(batch.numbers[position], self.rows.get(same_as or 0) if identity is None else identity)

    def _update(self, batch: Batch, matched: dict[int, int], titled: bool) -> None:
        if not matched:
            return
        made = self._links.made
        done = self._updater.update(batch, matched, titled)
        tagged = self._attachments.attach(batch, matched, fresh=False)
        for position, identity in matched.items():
            if position in done.refused:
                name, why = done.refused[position]
                batch.rejected[position] = (self._header(name), None, why)
                if identity in made:
                    self._filled -= 1
                if position in batch.restored:
                    self._matcher.take_back([identity])
                continue
            self._stands(batch.numbers[position], identity)
            match = self._matches[position]
            rule = match.field if match is not None else ""
            if identity in made:
                self._fates[position] = (CREATED, identity, rule, None, "", None)
                continue
            told = done.changed.get(position, ()) + tuple(tagged.get(position, ()))
            if told:
                self._changes[position] = tuple(map(self._marked, told))
            outcome = RESTORED if position in batch.restored else UPDATED if told else UNCHANGED
            self._fates[position] = (outcome, identity, rule, None, "", None)
            if outcome == UNCHANGED and self._folder is not None:
                self._still[identity] = self._journal.next_line + position

    def _marked(self, one: CellChange) -> CellChange:
        """A change whose new value is another one each time, marked so."""
        fresh = one.new == self._uow.now or type(one.new) is int and self._is_new(one.new)
        return replace(one, fresh=True) if fresh else one

    def _is_new(self, identity: int) -> bool:
        """Whether a record came into being in this import, in whatever part."""
        return identity > self._uow.change_set_id and (identity >> 12) & 1023 == generator.device

    def _create(self, batch: Batch, new: list[int]) -> None:
        if not new:
            return
        rows = self._rows(batch, new)
        points = batch.plain_points(new) if batch.points else None
        addresses = self._addresses(batch, new) if batch.addresses else None
        ids, errors = self._writer.insert(rows, points=points, addresses=addresses)
        created: dict[int, int] = {}
        for index, (position, identity) in enumerate(zip(new, ids, strict=True)):
            if identity is None:
                name, why = errors[index]
                batch.rejected[position] = (self._header(name), None, why)
                continue
            created[position] = identity
            self._stands(batch.numbers[position], identity)
            self._fates[position] = (CREATED, identity, "", None, "", None)
        if self._journal.full:
            self._made = made_values(batch, new, rows)
        self._created += len(created)
        self._matcher.add(batch, created)
        link_to_series(self._uow, self._entity, batch, created)
        self._attachments.attach(batch, created, fresh=True)

    def _rows(self, batch: Batch, new: list[int]) -> list[dict[str, Any]]:
        """The values of the new rows by field."""
        names = list(batch.values)
        columns = [batch.values[name] for name in names]
        if len(new) < batch.size:
            columns = [[values[position] for position in new] for values in columns]
        rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
        if self._completer.custom:
            for row in rows:
                self._completer.pack_custom(row)
        if batch.remarks and self._remarks is not None:
            name = self._remarks.name
            for position, row in zip(new, rows, strict=True):
                if position in batch.remarks:
                    lines, text = batch.remarks[position], row.get(name)
                    row[name] = "\n".join([text, *lines] if text else lines)
        return rows

    @staticmethod
    def _addresses(batch: Batch, new: list[int]) -> list[list[dict[str, Any]]]:
        found: list[list[dict[str, Any]]] = [[] for _ in new]
        for slot in sorted(batch.addresses, key=slot_rank):
            parts, label = batch.addresses[slot], batch.address_labels.get(slot)
            names = list(parts)
            columns = [parts[name] for name in names]
            if len(new) < batch.size:
                columns = [[values[position] for position in new] for values in columns]
            for index, values in enumerate(zip(*columns, strict=True)):
                one = dict(zip(names, values, strict=True))
                if None in values:
                    one = {name: value for name, value in one.items() if value is not None}
                if one.keys() - {"label"}:
                    one.setdefault("label", label)
                    found[index].append(one)
        return found

    def _header(self, name: str) -> str:
        return next((c.header for c in self._plan.columns if c.target == name), "")

    def _report(self, batch: Batch) -> None:
        """Write down what became of each row, and the cells that did not fit in rows that were not rejected."""
        rejected, fates = batch.rejected, self._fates
        titles = batch.values.get(self._entity.title_field) or [None] * batch.size
        links = links_of(batch, self._fields, self._is_new)
        lines: list[tuple[Any, ...]] = []
        for position, number in enumerate(batch.numbers):
            if position in rejected:
                header, cell, told = rejected[position]
                lines.append((number, REJECTED, None, titles[position], None, None, header, shown(cell), told, None))
                continue
            outcome, identity, rule, same_as, value, why = fates[position]
            link = links[position] if links is not None and outcome == CREATED else None
            lines.append((number, outcome, identity, titles[position], rule, same_as, None, value, why, link))
        problems = [
            (position, header, shown(cell), why) for position, header, cell, why, _needed in batch.problems
            if position not in rejected and position not in batch.left_out
        ]  # fmt: skip
        self._result.problem_count += len(problems)
        self._journal.add(self._result.place, BatchLines(
            lines, self._changes, problems, {position: batch.cells[position] for position in sorted(rejected)},
            batch.cells if self._journal.full else None, self._made,
        ))  # fmt: skip

    def finish(self, path: Path, seconds: float) -> None:
        """Count in the history what was made, and write the import down."""
        result, uow = self._result, self._uow
        self._own.finish()
        parents = dict(self._links.counts)
        told = self._journal.counts(result.place)
        if told[REJECTED] or told[DUPLICATE]:
            for name, count in take_back_needless(uow, self._links.others).items():
                parents[name] -= count
        own = parents.get(self._entity.name, 0) - self._filled
        result.parents = {name: own if name == self._entity.name else count for name, count in parents.items()}
        result.parents = {name: count for name, count in result.parents.items() if count}
        result.unchanged, result.duplicates = told[UNCHANGED], told[DUPLICATE]
        result.rejected_count, result.folded = told[REJECTED], told[FOLDED]
        found = counted(uow, self._entity, self._since, self._first_change)
        result.created = found.inserted - own
        result.updated, result.restored = told[UPDATED] + told[RESTORED], told[RESTORED]
        compare(uow, self._entity, self._journal, result, found, self._created + self._filled)
        result.batch_id = uow.insert("import_batch", {
            "file_name": path.name, "part": self._plan.source.part or None, "entity": self._entity.name, "state": "done", "rows": result.rows_read,
            "created": result.created, "updated": result.updated, "restored": result.restored, "unchanged": result.unchanged,
            "duplicates": result.duplicates, "rejected": result.rejected_count, "seconds": round(seconds, 3),
            "plan": self._plan.as_dict(), "rejects": kept_rejects(self._journal, result.place), "change_set_id": uow.change_set_id,
            "digest": result.digest or None,
        })  # fmt: skip
