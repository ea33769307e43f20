"""Records as JSON: the names of the fields, links with id and title, and what hangs on a record inside it.

The file is one object: ``format`` "crm-desktop-records", ``version`` 1, ``entity``, ``label``, ``exported`` (an instant),
``fields`` (name to label and kind), ``columns`` (the columns of the same records as a table, which an import shows: pairs of
name and header), and ``records``, each on a line of its own. Amounts are exact; instants are in UTC, wall times without zone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

from crm_desktop.core import clock
from crm_desktop.core.fields import LINK_KINDS
from crm_desktop.core.i18n import translate
from crm_desktop.db.types import instant_text, plain_json
from crm_desktop.exporting.source import Part, RecordSource
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.records.sheet_columns import SheetColumn

FORMAT, VERSION = "crm-desktop-records", 1
_NOT_SAID = frozenset({"id", "version", "custom", "sort_name"})
_NOT_IN_CHILDREN = frozenset(
    {"id", "version", "owner_id", "search_digits", "created_by", "updated_at", "updated_by", "custom"}
)


class JsonRecords:
    """Writes the records of one type.

    Args:
        names: the fields to write; None is everything.
    """

    def __init__(
        self, file: IO[str], source: RecordSource, columns: Sequence[SheetColumn], names: Sequence[str] | None = None
    ) -> None:
        self._file, self._source, self._first = file, source, True
        self._encoder = json.JSONEncoder(ensure_ascii=False, default=_plain)  # dumps() makes one for each call
        self._names = None if names is None else set(names)
        self._links = {one.name: one.target for one in source.fields if one.kind in LINK_KINDS}
        known = [one for one in source.fields if self._names is None or one.name in self._names]
        self._own = [one.name for one in known if one.custom]
        head = {
            "format": FORMAT, "version": VERSION, "entity": source.spec.name, "label": translate(source.spec.plural),
            "exported": instant_text(clock.now()),
            "fields": {one.name: {"label": one.label if one.custom else translate(one.label), "kind": one.kind.value}
                       for one in known},
            "columns": [[one.key, one.header()] for one in columns],
        }  # fmt: skip
        file.write(json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "records": [')

    def write(self, part: Part) -> None:
        """Write some records."""
        for identity in part.ids:
            self._file.write("\n" if self._first else ",\n")
            self._first = False
            self._file.write(self._encoder.encode(self._record(identity, part)))

    def close(self) -> None:
        """End the file."""
        self._file.write("\n]}\n")

    def _record(self, identity: int, part: Part) -> dict[str, Any]:
        row = part.rows[identity]
        made: dict[str, Any] = {"id": write_record_id(identity)}
        for name, value in row.items():
            if value is None or name in _NOT_SAID or self._names is not None and name not in self._names:
                continue
            if name in self._links and isinstance(value, int):
                value = _link(value, part.titles.get(self._links[name], {}))
            made[name] = value
        if self._names is not None and "@tags" not in self._names:
            return made
        if part.tags.get(identity):
            made["tags"] = part.tags[identity]
        if self._names is None:
            self._add_children(made, identity, part)
        return made

    @staticmethod
    def _add_children(made: dict[str, Any], identity: int, part: Part) -> None:
        rows = {"points": part.points, "addresses": part.addresses, **part.children}
        for name, found in rows.items():
            mine = [_child(row, part) for row in found.get(identity, ())]
            if mine:
                made[name] = mine
        if part.external.get(identity):
            made["external_ids"] = [{"source": source, "value": value} for source, value in part.external[identity]]


def _child(row: Mapping[str, Any], part: Part) -> dict[str, Any]:
    made = {name: value for name, value in row.items() if value is not None and name not in _NOT_IN_CHILDREN}
    if "record_id" in made:  # a link of an activity
        entity, identity = made["entity"], made.pop("record_id")
        made |= {**_link(identity, part.titles.get(entity, {}))}
        made.pop("activity_id", None)
        made.pop("activity_at", None)
    made.pop("case_id", None)
    return made


def _link(identity: int, titles: Mapping[int, str]) -> dict[str, Any]:
    return {"id": write_record_id(identity), "title": titles.get(identity)}


def _plain(value: Any) -> Any:
    said = plain_json(value)
    if said is value:
        raise TypeError(f"{type(value).__name__} has no place in JSON")
    return said
