"""The model of record lists: the ids of all rows, and the values of those that were looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import EVERYTHING
from crm_desktop.records.queries import RecordRow
from ui.framework import tasks
from ui.framework.office import Office
from ui.records.cells import alignment, cell, cell_roles, loading_cell
from ui.records.list_diff import MOST, Plan, plan_change
from ui.records.list_reader import PAGE, FirstPage, ListReader, Looked, Query, Sort, Tags
from ui.records.list_rows import MovingRows
from ui.records.room import later
from ui.records.shown import TAGS, editable, label_of, linked_entities
from ui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex
_Data = Qt.ItemDataRole
_KEPT = 20_000
LONG = 20_000
"""Of lists longer than this the ids are not read again for every change."""
_SOON_MS, _QUIET_MS = 120, 2000
_FEW = 5  # of so many changed rows each is painted by itself; of more, all that are in view


class RecordModel(MovingRows):
    """Rows of a record type. Column 0 is the check column; the others are fields.

    ``counted`` sends (shown, total or -1) as they become known; ``about_to_change`` and ``changed`` surround
    every change of rows, so that a view can keep its place; ``failed`` sends the error of a reading.
    """

    loaded = Signal()
    counted = Signal(int, int)
    about_to_change = Signal()
    changed = Signal()
    checks_changed = Signal()
    sort_changed = Signal()
    failed = Signal(object)
    edit_requested = Signal(object, str, object)

    def __init__(
        self, office: Office, entity: str, fields: Sequence[Field] = (), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.office = office
        self.entity = entity
        self.spec = office.database.schema.entity(entity)
        self.query = Query()
        self._reader = ListReader(office.database, entity, office.user_id)
        self.complete = False
        self.total = -1
        self.checked: set[int] = set()
        self._fields = list(fields)
        self._ids: array[int] = array("q")
        self._rows: dict[int, RecordRow] = {}
        self._tags: Tags = {}
        self._stale: set[int] = set()
        self._asked: set[int] = set()
        self._changed: set[int] = set()
        self._gone: set[int] = set()
        self._unknown = False
        self._wanted: dict[int, None] = {}
        self._serial = 0
        self._check_all_later = False
        self._fetch_timer = later(self, 12, self._fetch)
        self._refresh_timer = later(self, _SOON_MS, self._refresh)
        office.records_changed.connect(self._on_records_changed)

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def fields(self) -> list[Field]:
        """The fields of the columns, from column 1 on."""
        return self._fields

    def set_fields(self, fields: Sequence[Field]) -> None:
        """Use other columns; the rows are read again as they come into view."""
        self.about_to_change.emit()
        self.beginResetModel()
        self._fields = list(fields)
        self._rows.clear()
        self._tags.clear()
        self.endResetModel()
        self.changed.emit()

    def set_query(self, query: Query) -> None:
        """Show other records, or the same in another order."""
        self.query = query
        self.reload()

    def reload(self) -> None:
        """Read from the start: the first page at once, then all ids, then how many there are in all."""
        self._serial += 1
        self.complete = False
        query, names = self.query, self._names()
        self._read(lambda c: self._reader.first_page(c, query, names), self._on_first_page, "rows")
        if query.filter == EVERYTHING:
            self.total = -1
        else:
            self._ask_total(query)

    def _on_first_page(self, found: FirstPage) -> None:
        ids, rows, tags = found
        self.about_to_change.emit()
        self.beginResetModel()
        self._ids = ids
        self._rows = {row.id: row for row in rows}
        self._tags = tags
        self._stale.clear()
        self.complete = len(ids) < PAGE
        self.endResetModel()
        if self.complete:
            self._finish()
        self.changed.emit()
        self.loaded.emit()
        self._tell_counts()
        if not self.complete:
            query = self.query
            self._read(lambda c: self._reader.find(c, query), self._on_all_ids, "rows")

    def _on_all_ids(self, ids: array[int]) -> None:
        known = len(self._ids)
        self.complete = True
        if ids[:known] == self._ids:
            if len(ids) > known:
                self.about_to_change.emit()
                self.beginInsertRows(QModelIndex(), known, len(ids) - 1)
                self._ids = ids
                self.endInsertRows()
        else:
            self.about_to_change.emit()
            self.beginResetModel()
            self._ids = ids
            self.endResetModel()
        self._finish()
        self.changed.emit()
        self._tell_counts()

    def _finish(self) -> None:
        """All ids are known: forget checks of records that are not shown, and check all if that was asked."""
        if self._check_all_later:
            self._check_all_later = False
            self.checked = set(self._ids)
            self.checks_changed.emit()
        elif self.checked:
            kept = self.checked & set(self._ids)
            if kept != self.checked:
                self.checked = kept
                self.checks_changed.emit()
        if self.query.filter == EVERYTHING:
            self.total = len(self._ids)

    def _ask_total(self, query: Query) -> None:
        self._read(lambda c: self._reader.count(c, query), self._on_total, "total")

    def _on_total(self, total: int) -> None:
        self.total = total
        self._tell_counts()

    def _tell_counts(self) -> None:
        self.counted.emit(self.record_count if self.complete else -1, self.total)

    @property
    def ids(self) -> array[int]:
        """The ids of all rows in their order."""
        return self._ids

    @property
    def record_count(self) -> int:
        """How many records the list has, those out of sight included."""
        return len(self._ids)

    def id_at(self, row: int) -> int | None:
        """The id of a row's record, or None."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def row_values(self, row: int) -> RecordRow | None:
        """The values of a row, where they are known."""
        return self._rows.get(self._ids[row]) if 0 <= row < len(self._ids) else None

    def title_at(self, row: int) -> str:
        """The title of a row, where it is known."""
        values = self.row_values(row)
        return str(values.values.get(self.spec.title_field) or "") if values else ""

    def checked_ids(self) -> list[int]:
        """The checked records in the order of the list."""
        return [one for one in self._ids if one in self.checked]

    def check_all(self, on: bool = True) -> None:
        """Check every record of the list, or none; while ids are still coming, all once they are known."""
        self._check_all_later = on and not self.complete
        self.checked = set(self._ids) if on else set()
        if len(self._ids):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, 0), [_Data.CheckStateRole])
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)
        self.checks_changed.emit()

    def column_of(self, name: str) -> int:
        """The column of a field, or -1."""
        return next((i for i, one in enumerate(self._fields, 1) if one.name == name), -1)

    def field_at(self, column: int) -> Field | None:
        """The field of a column."""
        return self._fields[column - 1] if 0 < column <= len(self._fields) else None

    def put_value(self, record_id: int, name: str, value: Any) -> None:
        """Show a value at once, before the database answers; the next reading corrects it."""
        row = self._rows.get(record_id)
        position = self.row_of(record_id)
        if row is not None and position >= 0:
            self._rows[record_id] = RecordRow(row.id, row.version, {**row.values, name: value})
            self._tell_row(position)

    # -- fetching ----------------------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        names = [one.name for one in self._fields]
        more = [self.spec.title_field]
        if any(one.kind is Kind.MONEY for one in self._fields) and self.spec.has("currency"):
            more.append("currency")
        more += [name for name, _down in self.query.sort if name != TAGS.name]
        return [*names, *(name for name in more if name not in names)]

    def _want(self, row: int) -> None:
        page = row // PAGE
        self._wanted.pop(page, None)
        self._wanted[page] = None
        if not self._fetch_timer.isActive():
            self._fetch_timer.start()

    def _fetch(self) -> None:
        """Read the pages that were looked at last; those that a fast scroll passed over are dropped."""
        pages = list(self._wanted)[-3:]
        self._wanted.clear()
        wanted: list[int] = []
        for page in pages:
            part = [one for one in self._ids[page * PAGE : (page + 1) * PAGE] if one > 0 and one not in self._asked]
            wanted += [one for one in part if one not in self._rows or one in self._stale]
        if not wanted:
            return
        names = self._names()
        self._asked.update(wanted)
        self._stale.difference_update(wanted)
        read = self._reader.values
        self._read(lambda c: read(c, wanted, names), lambda found: self._on_rows(names, pages, wanted, *found), "")

    def _on_rows(self, names: list[str], pages: list[int], asked: list[int], rows: list[RecordRow], tags: Tags) -> None:
        self._asked.difference_update(asked)
        if not set(self._names()) <= set(names):
            return
        if len(self._rows) > _KEPT:
            self._rows.clear()
            self._tags.clear()
        for row in rows:
            self._rows[row.id] = row
            self._tags[row.id] = tags.get(row.id, [])
        came = set(asked)
        for first in [page * PAGE for page in pages]:
            new = [row for row, one in enumerate(self._ids[first : first + PAGE], first) if one in came]
            if new:
                self.dataChanged.emit(self.index(new[0], 0), self.index(new[-1], self.columnCount() - 1))

    def _tell_all(self) -> None:
        if len(self._ids):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, self.columnCount() - 1))

    def _tell(self, ids: Collection[int]) -> None:
        """Have some records painted again; what is stale of them is read when it comes into view."""
        if len(ids) > _FEW:
            self._tell_all()
            return
        for row in [row for one in ids if (row := self.row_of(one)) >= 0]:
            self._tell_row(row)

    def _tell_row(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _read(self, work: Callable[[Any], Any], done: Callable[[Any], None], name: str) -> None:
        database = self.office.database

        def job() -> Any:
            with database.read() as connection:
                return work(connection)

        tasks.run_read(self, job, done, self._on_failed, supersede=name or None)

    def _on_failed(self, error: Exception) -> None:
        self._asked.clear()
        self.failed.emit(error)

    # -- changes -----------------------------------------------------------------------------------------------

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.everything:
            self._stale.update(self._rows)
            self._unknown = True
        elif event.touches(self.entity):
            updated = event.updated.get(self.entity, frozenset())
            self._stale.update(self._rows.keys() & updated)
            if len(self._ids) > LONG:
                self._tell(updated)  # what is in view is read at once
            self._changed |= updated
            self._gone |= event.deleted.get(self.entity, frozenset())
            self._unknown = self._unknown or bool(event.created.get(self.entity)) or self.entity in event.unseen
        elif any(event.touches(one) for one in linked_entities(self._fields)):
            self._stale.update(self._rows)
            self._tell_all()
            return
        else:
            return
        # all ids of a long list are read now and then only; what changes all the time must not put it off for ever
        if not self._refresh_timer.isActive():
            self._refresh_timer.start(_QUIET_MS if self._unknown and len(self._ids) > LONG else _SOON_MS)

    def _refresh(self) -> None:
        """Change only the rows that are different; of a long list only the changed records are looked at again."""
        changed, gone, unknown = self._changed, self._gone, self._unknown
        self._changed, self._gone, self._unknown = set(), set(), False
        if not self.complete:
            self.reload()
        elif unknown or len(self._ids) <= LONG or len(changed) + len(gone) > MOST:
            self._read_all_again()
        else:
            query, old, reader, names = self.query, self._ids, self._reader, self._names()
            self._read(
                lambda c: reader.look_again(c, query, old, changed, gone, names),
                lambda looked: self._on_looked(old, looked), "look",
            )  # fmt: skip

    def _on_looked(self, old: array[int], looked: Looked) -> None:
        moved = self._ids is not old or looked.moves(self._rows, self.query.sort or [self.spec.list_sort])
        for row in looked.rows:
            self._rows[row.id] = row
            self._tags[row.id] = looked.tags.get(row.id, [])
            self._stale.discard(row.id)
        if self._ids is old and looked.leaving:
            self.about_to_change.emit()
            self._apply(Plan(removed=looked.leaving[::-1]), self._ids)
            self._finish()
            self.changed.emit()
            self._tell_counts()
        self._tell([row.id for row in looked.rows])
        if moved:
            self._unknown = True
            self._refresh_timer.start(_QUIET_MS)

    def _read_all_again(self) -> None:
        query, old, serial, reader = self.query, self._ids, self._serial, self._reader

        def work(connection: Any) -> tuple[array[int], Plan | None]:
            new = reader.find(connection, query)
            return new, plan_change(old, new)

        self._read(work, lambda found: self._on_refreshed(serial, old, *found), "rows")
        if query.filter != EVERYTHING:
            self._ask_total(query)

    def _on_refreshed(self, serial: int, old: array[int], new: array[int], plan: Plan | None) -> None:
        if serial != self._serial:
            return
        if self._ids is not old:  # the rows changed while they were read: once more
            self._unknown = True
            self._refresh_timer.start(_SOON_MS)
            return
        if plan is None or not plan.empty:
            self.about_to_change.emit()
            self._become(plan, new)
            self._finish()
            self.changed.emit()
            self._tell_counts()
        self._tell(self._stale)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._fields) + 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        one = self.field_at(index.column()) if index.isValid() else None
        if one is not None and editable(one):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = _Data.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        record_id = self._ids[index.row()]
        if role == Role.KEY:
            return record_id
        if index.column() == 0:
            if role == _Data.CheckStateRole:
                return Qt.CheckState.Checked if record_id in self.checked else Qt.CheckState.Unchecked
            return None
        one = self._fields[index.column() - 1]
        if role == _Data.TextAlignmentRole:
            return alignment(one)
        row = self._rows.get(record_id)
        if role in (Role.LOADING, _Data.DisplayRole) and (row is None or record_id in self._stale):
            self._want(index.row())
        if row is None:
            return loading_cell(self.spec, one, role)
        if self.office.browsed is None:
            return cell(self.spec, one, row, self._tags.get(record_id, []), role)
        with self.office.standing():
            return cell(self.spec, one, row, self._tags.get(record_id, []), role)

    def column_roles(self, column: int) -> frozenset[Role]:
        """The roles that a column answers to at all; the delegate asks for no others."""
        one = self.field_at(column)
        return cell_roles(self.spec, one) if one is not None else frozenset()

    def setData(self, index: Index, value: Any, role: int = _Data.EditRole) -> bool:
        record_id = self.id_at(index.row())
        if record_id is None:
            return False
        if role == _Data.CheckStateRole and index.column() == 0:
            if Qt.CheckState(value) == Qt.CheckState.Checked:
                self.checked.add(record_id)
            else:
                self.checked.discard(record_id)
                self._check_all_later = False
            self.dataChanged.emit(index, index, [role])
            self.checks_changed.emit()
            return True
        one = self.field_at(index.column())
        if role == _Data.EditRole and one is not None and editable(one):
            self.edit_requested.emit(record_id, one.name, value)
            return True
        return False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Data.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return self._all_state() if role == _Data.CheckStateRole else None
        one = self.field_at(section)
        if one is None:
            return None
        if role == _Data.DisplayRole:
            return label_of(one)
        return alignment(one) if role == _Data.TextAlignmentRole else None

    def setHeaderData(self, section: int, orientation: Qt.Orientation, value: Any, role: int = _Data.EditRole) -> bool:
        if role != _Data.CheckStateRole or section != 0:
            return False
        self.check_all(Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def _all_state(self) -> Qt.CheckState:
        if not self.checked:
            return Qt.CheckState.Unchecked
        whole = self.complete and len(self.checked) == self.record_count
        return Qt.CheckState.Checked if whole or self._check_all_later else Qt.CheckState.PartiallyChecked

    def sort_by(self, sorts: Iterable[tuple[int, Qt.SortOrder]]) -> None:
        """Sort by several columns, the first first; the table calls it."""
        chosen: Sort = []
        for column, order in sorts:
            one = self.field_at(column)
            if one is not None and one is not TAGS:
                chosen.append((one.name, order == Qt.SortOrder.DescendingOrder))
        if chosen:
            self.query = Query(self.query.base, self.query.filter, chosen)
            self.sort_changed.emit()
            self.reload()

    def sorts(self) -> list[tuple[int, Qt.SortOrder]]:
        """The sorted columns for the header."""
        down, up = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
        chosen = self.query.sort or ([self.spec.list_sort] if self.spec.list_sort[0] else [])
        return [(self.column_of(name), down if desc else up) for name, desc in chosen if self.column_of(name) > 0]
