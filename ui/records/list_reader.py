"""What a list reads from the database: ids, a page of rows, counts."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.core.filters import EVERYTHING, Filter, all_of, where
from crm_desktop.records import queries
from crm_desktop.records.queries import RecordRow
from ui.records.list_diff import place_of
from ui.records.shown import TAGS

PAGE = 100
_FEW = 10
Sort = list[tuple[str, bool]]
Tags = dict[int, list[tuple[str, int]]]
FirstPage = tuple["array[int]", list[RecordRow], Tags]


@dataclass
class Query:
    """What a list shows: ``base`` is what it is about and is not shown as a chip, ``filter`` what the user chose."""

    base: Filter = EVERYTHING
    filter: Filter = EVERYTHING
    sort: Sort = field(default_factory=list)

    @property
    def whole(self) -> Filter:
        """Both parts joined."""
        return all_of(self.base, self.filter)


@dataclass(frozen=True)
class Looked:
    """A few changed records, looked at again: their rows, and the places in the list of those that leave it.

    ``enters``: some come into the list; then all ids have to be read.
    """

    rows: list[RecordRow]
    tags: Tags
    places: dict[int, int]
    leaving: list[int]
    enters: bool

    def moves(self, known: Mapping[int, RecordRow], sort: Sequence[tuple[str, bool]]) -> bool:
        """Whether a record may have its place elsewhere now, judged by the rows as they were known."""
        if self.enters:
            return True
        pairs = [(known.get(row.id), row) for row in self.rows]
        return any(
            before is None or any(before.values.get(name) != row.values.get(name) for name, _down in sort)
            for before, row in pairs
        )


@dataclass(frozen=True)
class ListReader:
    """Reads records of one type for one person; its functions run in the background."""

    database: Any
    entity: str
    user_id: int | None

    def find(self, connection: Any, query: Query, limit: int | None = None) -> array[int]:
        """The ids that a query asks for, in order."""
        return queries.find_ids(
            self.database,
            connection,
            self.entity,
            filter=query.whole,
            sort=query.sort,
            user_id=self.user_id,
            limit=limit,
        )

    def values(self, connection: Any, ids: Sequence[int], names: Sequence[str]) -> tuple[list[RecordRow], Tags]:
        """The rows of some ids, and their tags where those are shown."""
        rows = queries.fetch_rows(self.database, connection, self.entity, ids, names)
        return rows, queries.tags_of_many(connection, ids) if TAGS.name in names else {}

    def first_page(self, connection: Any, query: Query, names: Sequence[str]) -> FirstPage:
        """The first rows, before all ids are known."""
        ids = self.find(connection, query, PAGE)
        return ids, *self.values(connection, ids, names)

    def look_again(
        self, connection: Any, query: Query, ids: array[int], changed: Set[int], gone: Set[int], names: Sequence[str]
    ) -> Looked:
        """What became of a few records of a long list, without reading all its ids."""
        wanted = sorted(changed)
        narrowed = Query(all_of(query.base, where("id", "in", wanted)), query.filter, query.sort)
        inside = set(self.find(connection, narrowed)) if wanted else set()
        rows, tags = self.values(connection, wanted, names)
        both = changed | gone
        if len(both) <= _FEW:
            places = {one: row for one in both if (row := place_of(ids, one)) >= 0}
        else:
            places = {one: row for row, one in enumerate(ids) if one in both}
        leaving = sorted(places[one] for one in places if one in gone or one not in inside)
        return Looked(rows, tags, places, leaving, any(one not in places for one in inside))

    def count(self, connection: Any, query: Query) -> int:
        """How many there are without the filter that the user chose."""
        return queries.count(self.database, connection, self.entity, filter=query.base, user_id=self.user_id)
