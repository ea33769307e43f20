"""Whether the record of a row is here already: keys are looked up thousands at a time, contradictions refuse a match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.ids import generator
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.dedupe.lookup import strict_many
from crm_desktop.dedupe.settings import has_rule
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.conflicts import reject_conflicts
from crm_desktop.importing.deleted import Trash
from crm_desktop.importing.external_ids import ExternalIds
from crm_desktop.importing.lookup import Capitals, Lookup, select_in
from crm_desktop.importing.match_deleted import match_deleted
from crm_desktop.importing.plan import AS_NEW, BOTH, CREATE, LEAVE, UPDATE, ImportPlan
from crm_desktop.importing.row_keys import ADDRESSES, EXTERNAL, POINTS, Key, Match, key_of, of_row, values_of
from crm_desktop.importing.series_rows import OCCURRENCE, UID, occurrence_key
from crm_desktop.importing.shared_keys import settle_shared
from crm_desktop.importing.similar import similar_records
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import EXTERNAL_ID, number_field
from crm_desktop.records.record_ids import read_record_id


class Matcher:
    """Matches the rows of one import, batch after batch.

    Rows of earlier batches are in the database by then, so that memory stays the same however long the file is.

    Args:
        fields: where columns may go, by name.
        made: records of this type that were made because rows link to them; rows may describe them yet.
        since: ids of this computer from here on are of records that this part of the import makes.
    """

    def __init__(
        self, uow: UnitOfWork, entity: Entity, fields: dict[str, Field], plan: ImportPlan, made: Mapping[int, None],
        since: int,
    ) -> None:  # fmt: skip
        self._uow = uow
        self._plan = plan
        self._fields = fields
        self._since = since
        self._entity = entity
        self._table = uow.schema.table(entity)
        mapped = plan.targets | {entity.title_field} | set(plan.defaults)
        self._external = ExternalIds(uow, plan.program)
        self._loose: set[int] = set()
        """Records that were found by an id that may be another program's: they have to look alike, too."""
        names = [name for name in plan.keys if name in fields and name in mapped and plan.mode != CREATE]
        if EXTERNAL_ID in plan.targets and EXTERNAL_ID in fields and plan.mode != CREATE:
            names = [EXTERNAL_ID, *(name for name in names if name != EXTERNAL_ID)]
        names += [name for name in self.unique() if name in plan.targets and name not in names]
        self.keys = [key_of(entity, fields[name]) for name in names]
        whole = () if plan.mode == CREATE else plan.whole
        self._whole = [key_of(entity, fields[name]) for name in whole if name in fields and name in entity.stored]
        self._apart = [key_of(entity, fields[name]) for name in plan.apart if name in fields]
        self._similar = plan.similar and plan.mode != CREATE and has_rule(entity.name)
        self._loaded: dict[str, dict[str, list[int]]] = {}
        self._tuples: dict[int, list[int]] | None = None
        self._rows: dict[int, int] = {}
        titles = [rank for rank, key in enumerate(self.keys) if key.name == entity.title_field]
        self._title_rank = titles[0] if titles else -1
        self._by_title: dict[int, list[int]] = {}
        self._weak: set[int] = set()
        self._shared: dict[int, tuple[int, Sequence[int]]] = {}
        """Rows of the batch at hand whose key several records have: the rank of the key, and the records."""
        self._made = made
        self._repeats = plan.repeats
        self._occurrences = OCCURRENCE in plan.targets
        self._capitals = Capitals(uow)
        self._lookup = Lookup(uow)
        number = number_field(entity)
        title = key_of(entity, entity.field(entity.title_field))
        looks = self.keys and plan.mode != CREATE and plan.deleted != AS_NEW
        self._trash = (
            Trash(uow, entity, self.keys, (*self._apart, title), self._external.same_program) if looks else None
        )
        self._foreign = number.name if number and number.name not in {*self.unique(), "uid"} else ""
        """The number that another program gave: two programs may give the same one to different records."""

    def unique(self) -> list[str]:
        """Columns whose values the database allows once only."""
        found = []
        for constraint in self._table.constraints:
            if isinstance(constraint, sa.UniqueConstraint) and len(constraint.columns) == 1:
                found.append(next(iter(constraint.columns)).name)
        return found

    def match(self, batch: Batch) -> list[Match | None]:
        """What each row is the same as, None where it is new. Rows whose keys speak of several records are rejected."""
        result = self._match_similar(batch, self._match_keys(batch))
        if self._trash is not None and self._trash.holds_any:
            columns = [values_of(batch, key, occurrences=self._occurrences) for key in self.keys]
            match_deleted(self, self._trash, batch, result, columns, leave=self._plan.deleted == LEAVE)
            if batch.restored:
                self._loaded.clear()
        for position, value in enumerate(batch.external or ()):
            found = result[position]
            known = found is not None and found.field == EXTERNAL_ID
            if value and not known and position not in batch.rejected and read_record_id(value) is not None:
                why = Evidence(N_("There is no record here with this id; it was deleted, or it is of another office."))
                batch.problems.append((position, self.header(EXTERNAL_ID), value, why, False))
        return result

    def _match_similar(self, batch: Batch, result: list[Match | None]) -> list[Match | None]:
        """Rows without a match, compared by the strict rule for duplicates where the plan says so."""
        if not self._similar:
            return result
        positions = [at for at, found in enumerate(result) if found is None and at not in batch.rejected]
        records = similar_records(batch, positions)
        found = strict_many(
            self._uow.database, self._uow.connection, self._entity.name, records, lambda one: not self._is_own(one)
        )
        for position, identity in zip(positions, found, strict=True):
            if identity is not None:
                result[position] = Match(self._entity.title_field, record_id=identity)
        return result

    def _match_keys(self, batch: Batch) -> list[Match | None]:
        if not self.keys:
            return self._match_whole(batch, [None] * batch.size, range(batch.size))
        columns = [values_of(batch, key, occurrences=self._occurrences) for key in self.keys]
        weak = self._without_strong_key(columns, batch.size)
        stored = [
            self._ask(key, {v for v in column if v is not None}) for key, column in zip(self.keys, columns, strict=True)
        ]
        self._weak = {position for position, alone in enumerate(weak) if alone}
        self._add_earlier(columns, stored, weak)
        if not self._whole and not any(stored) and self._all_apart(columns):
            return [None] * batch.size
        facts = self._facts(batch, columns, stored)
        local: list[dict[str, list[int]]] = [{} for _ in self.keys]
        self._shared = {}
        result: list[Match | None] = []
        for position in range(batch.size):
            if position in batch.rejected:
                result.append(None)
                continue
            found = self._match_row(batch, position, columns, stored, facts, local)
            result.append(found)
            if found is None and self._plan.mode != UPDATE:  # there, a row without a record makes none
                for rank, column in enumerate(columns):
                    if column[position] is not None and (rank != self._title_rank or weak[position]):
                        local[rank].setdefault(column[position], []).append(position)
        settle_shared(self, self._uow, self._entity, batch, result, self._shared, self._apart)
        if len(self.keys) > 1:
            reject_conflicts(self, self._uow, self._entity, batch, result, columns, stored)
        if not self._whole:
            return result
        keyless = [p for p in range(batch.size) if all(column[p] is None for column in columns)]
        return self._match_whole(batch, result, keyless)

    def _all_apart(self, columns: Sequence[list[Any]]) -> bool:
        """Whether no two rows of a batch have a key in common that makes rows the same."""
        for rank, column in enumerate(columns):
            if rank == self._title_rank:
                if self._weak and any(column[position] is not None for position in self._weak):
                    return False
                continue
            if len(set(column) - {None}) != len(column) - column.count(None):
                return False
        return True

    def _without_strong_key(self, columns: Sequence[list[Any]], size: int) -> list[bool]:
        """Which rows have nothing better than their title. Only those are compared by title with rows of this file:
        two rows with different e-mails are two people, whatever they are called."""
        if self._repeats:
            return [True] * size
        strong = [column for rank, column in enumerate(columns) if rank != self._title_rank]
        if len(strong) == 1:
            return [value is None for value in strong[0]]
        return [all(column[position] is None for column in strong) for position in range(size)]

    def _add_earlier(
        self, columns: Sequence[list[Any]], stored: Sequence[dict[str, list[int]]], weak: Sequence[bool]
    ) -> None:
        """Records that earlier batches made of rows with nothing but a title join the candidates of such rows."""
        if not self._by_title:
            return
        titles = columns[self._title_rank]
        for position, title in enumerate(titles):
            if title is not None and weak[position]:
                earlier = self._by_title.get(hash(title))
                if earlier:
                    known = stored[self._title_rank].setdefault(title, [])
                    known.extend(identity for identity in earlier if identity not in known)

    def _match_row(
        self, batch: Batch, position: int, columns: Sequence[list[Any]], stored: Sequence[dict[str, list[int]]],
        facts: dict[int, dict[str, set[str]]], local: Sequence[dict[str, list[int]]],
    ) -> Match | None:  # fmt: skip
        for rank, key in enumerate(self.keys):
            value = columns[rank][position]
            if value is None:
                continue
            known = stored[rank].get(value, ())
            fitting = [one for one in known if self.fits(batch, position, rank, one, facts.get(one))]
            if fitting:
                likely = self._likeliest(fitting, rank, position, columns, stored)
                if len(likely) > 1:
                    self._note_shared(position, rank, likely)
                return Match(key.name, record_id=likely[0])
            for other in local[rank].get(value, ()):
                theirs = {one.name: of_row(batch, other, one) for one in self._against(rank)}
                if not self._contradicts(batch, position, rank, theirs):
                    return Match(key.name, row=batch.numbers[other])
        return None

    def _note_shared(self, position: int, rank: int, likely: Sequence[int]) -> None:
        """Note a row whose key several records have that were here before, where a wrong choice would change one."""
        key = self.keys[rank]
        if self._plan.mode not in (BOTH, UPDATE) or key.name == UID:  # a series comes before its moved occurrences
            return
        sure = [one for one in likely if one not in self._loose] if key.place == EXTERNAL else ()
        here = [one for one in dict.fromkeys(sure or likely) if not self._is_own(one)]
        if len(here) > 1:
            self._shared[position] = rank, here

    def fits(self, batch: Batch, position: int, rank: int, identity: int, about: dict[str, set[str]] | None) -> bool:
        """Whether a record that has the value of a key can be the record of a row."""
        key = self.keys[rank]
        guarded = key.name == self._foreign or key.place == EXTERNAL and identity in self._loose
        if guarded and self._another(batch, position, about):
            return False
        return not self._contradicts(batch, position, rank, about)

    @staticmethod
    def _likeliest(
        fitting: list[int], rank: int, position: int, columns: Sequence[list[Any]],
        stored: Sequence[dict[str, list[int]]],
    ) -> list[int]:  # fmt: skip
        """Of several records that share the value of a key, those that further keys speak of; the oldest first."""
        for column, found in zip(columns[rank + 1 :], stored[rank + 1 :], strict=True):
            if len(fitting) > 1 and column[position] is not None:
                also = set(found.get(column[position], ()))
                fitting = [one for one in fitting if one in also] or fitting
        return fitting

    def header(self, name: str) -> str:
        """The column of the file that a key is read from; its field where there is none."""
        header = next((c.header for c in self._plan.columns if c.target == name and c.header), "")
        return header or translate(self._fields[name].label if name in self._fields else name)

    def take_back(self, ids: Collection[int]) -> None:
        """Delete records again that came back for rows which were refused then."""
        if self._trash is not None:
            self._trash.remove(ids)

    def _another(self, batch: Batch, position: int, about: dict[str, set[str]] | None) -> bool:
        """Whether a record with the same number is something else: no word of the titles is the same, nor another key."""
        titles = batch.values.get(self._entity.title_field)
        title = titles[position] if titles else None
        theirs = about.get(self._entity.title_field) if about else None
        if not title or not theirs:
            return False
        words = set(fold(title).split())
        if any(words & set(fold(other).split()) for other in theirs):
            return False
        weak = (self._foreign, self._entity.title_field, EXTERNAL_ID)
        others = [one for one in self.keys if one.name not in weak]
        return not any(of_row(batch, position, one) & about.get(one.name, set()) for one in others if about)

    def has_key(self, batch: Batch, position: int) -> bool:
        """Whether a row can be looked up at all."""
        return any(of_row(batch, position, key) for key in self.keys)

    def _against(self, rank: int) -> list[Key]:
        """What may speak against a match by a key: the better keys, and for a title also what tells records apart."""
        better = self.keys[:rank]
        return better + self._apart if self.keys[rank].name == self._entity.title_field else better

    def _contradicts(self, batch: Batch, position: int, rank: int, theirs: dict[str, set[str]] | None) -> bool:
        for one in self._against(rank):
            other = theirs.get(one.name) if theirs else None
            if other:
                mine = of_row(batch, position, one)
                if one.place == EXTERNAL:  # our own ids say nothing about those of another program
                    mine = {value for value in mine if read_record_id(value) is None}
                    other = {value for value in other if read_record_id(value) is None}
                    if not other:
                        continue
                if mine and mine.isdisjoint(other):
                    return True
        return False

    def _ask(self, key: Key, values: set[Any]) -> dict[str, list[int]]:
        """The records that have one of these values, oldest first."""
        found: dict[str, list[int]] = {}
        if not values:
            return found
        if key.place == "loaded":
            return self._load(key)
        if key.place == EXTERNAL:
            found, self._loose = self._external.find(self._entity.name, values)
            return found
        table, select = self._entity.table, self._lookup.select
        if key.name == UID and self._occurrences:
            uids = {v.partition("\n")[0] for v in values}
            for identity, uid, at in select_in(
                self._uow.connection, table, ("t.id", "t.uid", f"t.{OCCURRENCE}"), UID, uids
            ):
                found.setdefault(occurrence_key(uid, at), []).append(identity)
            return found
        rows: Iterable[tuple[Any, ...]]
        if key.place == POINTS:
            join = f'JOIN "{table}" r ON r.id = t.owner_id'
            where = f"t.kind = '{key.column}'"
            asked = values | self._spellings(values) if key.folds else values
            rows = select("contact_point", ("r.id", "t.value"), "value", asked, where, join)
        elif key.place == ADDRESSES:
            join = f'JOIN "{table}" r ON r.id = t.owner_id'
            rows = select("address", ("r.id", f't."{key.column}"'), key.column, values, "", join)
        else:
            asked = {int(v) for v in values} if key.field.kind in (Kind.LINK, Kind.USER, Kind.INTEGER) else values
            # what rows of this import made is kept apart by its better keys; what links made may be described yet
            own = f"t.id > {self._since} AND (t.id >> 12) & 1023 = {generator.device}"
            apart = key.place == "sorted" and len(self.keys) > 1
            before = f"NOT ({own})" if apart and not self._made else ""
            rows = select(table, ("t.id", f't."{key.column}"'), key.column, asked, before, inserts=not before)
            if apart and self._made:
                rows = [row for row in rows if row[0] in self._made or not self._is_own(row[0])]
        for identity, value in rows:
            found.setdefault(fold(value) if key.folds else str(value), []).append(identity)
        for ids in found.values():
            if len(ids) > 1:
                ids.sort()
        return found

    def _is_own(self, identity: int) -> bool:
        return identity > self._since and (identity >> 12) & 1023 == generator.device

    def _spellings(self, values: set[Any]) -> set[str]:
        """How e-mails may be stored: in small letters, or with the capitals that they were written with."""
        return self._capitals.spellings(values)

    def _load(self, key: Key) -> dict[str, list[int]]:
        """Titles without a folded column to ask: read once, then kept up to date by :meth:`add`."""
        loaded = self._loaded.get(key.name)
        if loaded is None:
            loaded = self._loaded[key.name] = {}
            column = self._table.c[key.column]
            for identity, value in self._uow.connection.execute(
                sa.select(self._table.c.id, column).order_by(self._table.c.id)
            ):
                if value:
                    loaded.setdefault(fold(value), []).append(identity)
        return loaded

    def add(self, batch: Batch, created: Mapping[int, int]) -> None:
        """Remember new records (position to id) for keys that are not asked from the database."""
        for column in batch.points:
            if column.kind == "email":
                self._capitals.add(value for value in column.values if value is not None)
        if self._title_rank >= 0 and len(self.keys) > 1 and self._weak:
            titles = batch.values[self._entity.title_field]
            for position in self._weak & created.keys():
                if titles[position]:
                    self._by_title.setdefault(hash(fold(titles[position])), []).append(created[position])
        for name, loaded in self._loaded.items():
            values = batch.values.get(name)
            for position, identity in created.items() if values else ():
                if values and values[position]:
                    loaded.setdefault(fold(values[position]), []).append(identity)

    def _facts(
        self, batch: Batch, columns: Sequence[list[Any]], stored: Sequence[dict[str, list[int]]]
    ) -> dict[int, dict[str, set[str]]]:
        """What could speak against the records that were found by other than the best key."""
        ids: set[int] = set()
        for rank, found in enumerate(stored):
            if self.keys[rank].place == EXTERNAL:
                ids |= self._loose
            elif found and (self._against(rank) or self.keys[rank].name == self._foreign):
                best = stored[0] if rank and self.keys[0].name != self._foreign and not self._loose else {}
                for position, value in enumerate(columns[rank]):
                    if value in found and columns[0][position] not in best:
                        ids.update(found[value])
        return self.facts_of(ids)

    def facts_of(self, ids: Collection[int]) -> dict[int, dict[str, set[str]]]:
        """What records have for the keys, for what tells records apart, and as their title; folded as keys are."""
        if not ids:
            return {}
        facts: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        title = key_of(self._entity, self._entity.field(self._entity.title_field))
        wanted = {one.name: one for one in (*self.keys, *self._apart, title)}
        plain = [one for one in wanted.values() if one.place not in (POINTS, ADDRESSES, EXTERNAL)]
        connection, table = self._uow.connection, self._entity.table
        if plain:
            selected = ("t.id", *(f't."{one.name}"' for one in plain))
            for identity, *values in select_in(connection, table, selected, "id", ids):
                for one, value in zip(plain, values, strict=True):
                    if value not in (None, ""):
                        facts[identity][one.name].add(fold(value) if one.folds else str(value))
        for one in wanted.values():
            if one.place == POINTS:
                rows = select_in(
                    connection, "contact_point", ("t.owner_id", "t.value"), "owner_id", ids, f"t.kind = '{one.column}'"
                )
            elif one.place == ADDRESSES:
                rows = select_in(connection, "address", ("t.owner_id", f't."{one.column}"'), "owner_id", ids)
            elif one.place == EXTERNAL:
                rows = ((identity, value) for identity, own in self._external.of(ids).items() for value in own)
            else:
                continue
            for identity, value in rows:
                if value:
                    facts[identity][one.name].add(fold(value) if one.folds else str(value))
        return facts

    def _tuple(self, batch: Batch, position: int) -> tuple[Any, ...]:
        found: list[Any] = []
        for key in self._whole:
            values = batch.values.get(key.name)
            value = values[position] if values is not None else None
            found.append(fold(value) if type(value) is str else value)
        return tuple(found)

    def _match_whole(self, batch: Batch, result: list[Match | None], positions: Sequence[int]) -> list[Match | None]:
        """Match rows without a key. Rows with the same cells throughout are one record.

        Where several records here are the same in all the compared fields, each of them is matched by one row only, so
        that nothing that the comparison leaves out is lost.
        """
        if not self._whole or not positions:
            return result
        waiting_by_mark = self._tuples
        if waiting_by_mark is None:
            waiting_by_mark = self._tuples = {}
            columns = [self._table.c[key.name] for key in self._whole]
            statement = sa.select(self._table.c.id, *columns).order_by(self._table.c.id.desc())
            if any(key.name == EXTERNAL_ID for key in self.keys):  # a row without an id is none of those that have one
                ids = self._uow.table("external_id").c
                named = sa.select(ids.record_id).where(ids.entity == self._entity.name)
                statement = statement.where(self._table.c.id.not_in(named))
            for identity, *values in self._uow.connection.execute(statement):
                known = tuple(fold(value) if type(value) is str else value for value in values)
                waiting_by_mark.setdefault(hash(known), []).append(identity)
        name = self._whole[0].name
        for position in positions:
            if position in batch.rejected:
                continue
            cells = hash(tuple(map(str, batch.cells[position])))
            number = batch.numbers[position]
            if self._rows.setdefault(cells, number) != number:
                result[position] = Match(name, row=self._rows[cells])
                continue
            waiting = waiting_by_mark.get(hash(self._tuple(batch, position)))
            if waiting:
                result[position] = Match(name, record_id=waiting.pop())
        return result
