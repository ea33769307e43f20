"""The model of a list in groups: a row for each group, and the records of those that are open."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from crm_desktop.core.fields import NUMERIC_KINDS, Field
from crm_desktop.core.filters import EVERYTHING
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _
from crm_desktop.records import grouping as groups_of
from crm_desktop.records.grouping import Group, Grouping
from ui.framework.may import may
from ui.records.cells import alignment
from ui.records.group_words import group_title, measure_text
from ui.records.list_diff import Plan, plan_change
from ui.records.list_model import RecordModel
from ui.records.list_reader import PAGE
from ui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex
_Data = Qt.ItemDataRole
OPEN_AT_ONCE = 2_000
"""Lists up to this long begin with every group open."""
_LONG_GROUP = 2_000
_Read = tuple[list[Group], dict[Any, "array[int]"]]


class GroupedModel(RecordModel):
    """A :class:`RecordModel` that can be grouped. The row of a group has a negative id, made from its number.

    What is not open is not read: of a closed group only its count is known.
    """

    grouping_changed = Signal()
    grouping_failed = Signal(object)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.grouping: Grouping | None = None
        self.groups: list[Group] = []
        self.all_fields: Sequence[Field] = ()
        self._open: set[Any] | None = None
        self._open_new = False
        self._members: dict[Any, array[int]] = {}
        self._numbers: dict[Any, int] = {}
        self._by_number: dict[int, Group] = {}
        self._states: dict[Any, Qt.CheckState] = {}
        self.checks_changed.connect(self._states.clear)

    # -- what is shown -----------------------------------------------------------------------------------------

    def use_grouping(self, grouping: Grouping | None) -> None:
        """Group by this from the next reading on; which groups are open is decided anew."""
        if grouping != self.grouping:
            self.grouping = grouping
            self._open, self._open_new = None, False
            self.groups = []
            self._members.clear()
            self._numbers.clear()
            self._by_number.clear()
            self._states.clear()
            self.grouping_changed.emit()

    def set_grouping(self, grouping: Grouping | None) -> None:
        """Group the list by this, or no longer."""
        if grouping != self.grouping:
            self.use_grouping(grouping)
            self.reload()

    @property
    def record_count(self) -> int:
        return sum(group.count for group in self.groups) if self.grouping else len(self._ids)

    def id_at(self, row: int) -> int | None:
        found = super().id_at(row)
        return found if found is None or found > 0 else None

    def group_at(self, row: int) -> Group | None:
        """The group whose row it is, or None where it is a record's."""
        return self._by_number.get(self._ids[row]) if self.grouping and 0 <= row < len(self._ids) else None

    def group_row(self, row: int) -> int:
        """The row of the group that a record's row belongs to, or -1."""
        while row >= 0 and self.group_at(row) is None:
            row -= 1
        return row

    def is_open(self, group: Group) -> bool:
        """Whether a group shows its records."""
        return self._open is not None and group.key in self._open

    def checked_ids(self) -> list[int]:
        if not self.grouping:
            return super().checked_ids()
        known = [one for group in self.groups for one in self._members.get(group.key, ()) if one in self.checked]
        return known + sorted(self.checked.difference(known))

    # -- reading -----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        if self.grouping is None:
            super().reload()
            return
        self._serial += 1
        self.complete = False
        query = self.query
        self._read_groups(self._on_groups)
        if query.filter == EVERYTHING:
            self.total = -1
        else:
            self._ask_total(query)

    def _read_groups(self, done: Any) -> None:
        grouping, query, serial = self.grouping, self.query, self._serial
        opened, known, open_new = self._open, set(self._numbers), self._open_new
        assert grouping is not None
        database, entity, user = self.office.database, self.entity, self.office.user_id

        def work(connection: Any) -> _Read:
            options: dict[str, Any] = {"filter": query.whole, "user_id": user}
            found = groups_of.read_groups(database, connection, entity, grouping, **options)
            few = opened is None and sum(group.count for group in found) <= OPEN_AT_ONCE
            wanted = [group for group in found if few or (opened is not None and group.key in opened)
                      or (open_new and group.key not in known)]  # fmt: skip
            options["sort"] = query.sort
            return found, groups_of.group_ids(database, connection, entity, grouping, wanted, **options)

        self._read(work, lambda found: done(*found) if serial == self._serial else None, "rows")

    def _on_groups(self, groups: list[Group], members: dict[Any, array[int]]) -> None:
        self.about_to_change.emit()
        self.beginResetModel()
        self._take(groups, members)
        self._ids = self._rows_of_all()
        self._rows.clear()
        self._tags.clear()
        self._stale.clear()
        self.complete = True
        self.endResetModel()
        self._finish()
        self.changed.emit()
        self.loaded.emit()
        self._tell_counts()
        self._ask_measures()

    def _take(self, groups: list[Group], members: dict[Any, array[int]]) -> None:
        self.groups = groups
        if self._open is None:
            self._open, self._open_new = set(), len(members) == len(groups)
        self._open |= set(members)
        for group in groups:
            self._numbers.setdefault(group.key, -1 - len(self._numbers))
        self._by_number = {self._numbers[group.key]: group for group in groups}
        self._members = members
        self._states.clear()

    def _rows_of_all(self) -> array[int]:
        rows = array("q")
        for group in self.groups:
            rows.append(self._numbers[group.key])
            if self.is_open(group):
                rows.extend(self._members.get(group.key, ()))
        return rows

    def _ask_measures(self) -> None:
        """What the columns of numbers add up to in each group: read after the groups are shown."""
        names = [one.name for one in self._fields if one.kind in NUMERIC_KINDS]
        grouping, query = self.grouping, self.query
        if not names or grouping is None:
            return
        database, entity, user = self.office.database, self.entity, self.office.user_id

        def work(connection: Any) -> list[Group]:
            return groups_of.read_groups(
                database, connection, entity, grouping, filter=query.whole, measures=names, user_id=user
            )

        def done(found: list[Group]) -> None:
            if self.grouping == grouping and self.query is query:
                known = {group.key: group for group in found}
                self.groups = [known.get(group.key, group) for group in self.groups]
                self._by_number = {self._numbers[group.key]: group for group in self.groups}
                self._tell_all()

        self._read(work, done, "measures")

    def _refresh(self) -> None:
        if self.grouping is None:
            super()._refresh()
            return
        self.checked -= self._gone
        self._changed, self._gone, self._unknown = set(), set(), False
        if not self.complete:
            self.reload()
        else:
            self._read_all_again()

    def _read_all_again(self) -> None:
        if self.grouping is None:
            super()._read_all_again()
            return
        self._read_groups(self._on_groups_again)
        if self.query.filter != EVERYTHING:
            self._ask_total(self.query)

    def _on_groups_again(self, groups: list[Group], members: dict[Any, array[int]]) -> None:
        old = self._ids
        self._take(groups, members)
        new = self._rows_of_all()
        plan: Plan | None = plan_change(old, new)
        self._ids = old
        if plan is None or not plan.empty:
            self.about_to_change.emit()
            self._become(plan, new)
            self._finish()
            self.changed.emit()
        self._tell_counts()
        self._tell_all()
        self._ask_measures()

    def _finish(self) -> None:
        if self.grouping is None:
            super()._finish()
        elif self.query.filter == EVERYTHING:
            self.total = self.record_count

    def set_fields(self, fields: Sequence[Any]) -> None:
        super().set_fields(fields)
        if self.grouping is not None and self.complete:
            self._ask_measures()

    def _on_failed(self, error: Exception) -> None:
        if self.grouping is not None and not self.complete:
            self.grouping_failed.emit(error)
        else:
            super()._on_failed(error)

    # -- opening and closing -----------------------------------------------------------------------------------

    def set_open(self, group: Group, on: bool) -> None:
        """Show the records of a group, or hide them; those of a long one come a page first."""
        if self._open is None or on == self.is_open(group):
            return
        if not on:
            self._open.discard(group.key)
            self._drop_rows(group)
            return
        self._open.add(group.key)
        if group.key in self._members:
            self._insert_rows(group, 0)
        elif group.count <= _LONG_GROUP:
            self._ask_members(group, None)
        else:
            self._ask_members(group, PAGE)

    def _ask_members(self, group: Group, most: int | None) -> None:
        grouping, query, serial = self.grouping, self.query, self._serial
        database, entity, user = self.office.database, self.entity, self.office.user_id
        assert grouping is not None

        def work(connection: Any) -> array[int]:
            found = groups_of.group_ids(
                database, connection, entity, grouping, [group],
                filter=query.whole, sort=query.sort, user_id=user, limit=most,
            )  # fmt: skip
            return found[group.key]

        def done(ids: array[int]) -> None:
            if serial != self._serial or self.query is not query or not self.is_open(group):
                return
            known = len(self._members.get(group.key, ()))
            if known and ids[:known] != self._members[group.key]:
                self._drop_rows(group)
                known = 0
            self._members[group.key] = ids
            self._states.pop(group.key, None)
            self._insert_rows(group, known)
            if most is not None:
                self._ask_members(group, None)

        self._read(work, done, f"group {self._numbers[group.key]}")

    def _insert_rows(self, group: Group, known: int) -> None:
        ids = self._members[group.key][known:]
        row = self.row_of(self._numbers[group.key])
        if row < 0:
            return
        self.about_to_change.emit()
        if len(ids):
            first = row + 1 + known
            self.beginInsertRows(QModelIndex(), first, first + len(ids) - 1)
            self._ids = self._ids[:first] + ids + self._ids[first:]
            self.endInsertRows()
        self._tell_row(row)
        self.changed.emit()

    def _drop_rows(self, group: Group) -> None:
        row = self.row_of(self._numbers[group.key])
        if row < 0:
            return
        last = row
        while last + 1 < len(self._ids) and self._ids[last + 1] > 0:
            last += 1
        if last > row:
            self.beginRemoveRows(QModelIndex(), row + 1, last)
            self._ids = self._ids[: row + 1] + self._ids[last + 1 :]
            self.endRemoveRows()
        self._tell_row(row)

    def open_all(self, on: bool) -> None:
        """Open every group, or close them all."""
        if self.grouping is None:
            return
        self._open, self._open_new = ({group.key for group in self.groups} if on else set()), on
        missing = on and any(group.key not in self._members for group in self.groups)
        if missing:
            self._read_groups(self._on_groups)
            return
        self.about_to_change.emit()
        self.beginResetModel()
        self._ids = self._rows_of_all()
        self.endResetModel()
        self.changed.emit()

    # -- checks ------------------------------------------------------------------------------------------------

    def check_all(self, on: bool = True) -> None:
        if self.grouping is None or not on:
            super().check_all(on)
            return
        query, reader = self.query, self._reader
        self._read(lambda c: reader.find(c, query), self._check_these, "check")

    def _check_these(self, ids: Sequence[int]) -> None:
        self.checked |= set(ids)
        self._tell_all()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)
        self.checks_changed.emit()

    def check_group(self, group: Group, on: bool) -> None:
        """Check every record of a group, or uncheck them."""
        known = self._members.get(group.key)
        if known is not None and len(known) == group.count:
            if on:
                self._check_these(known)
            else:
                self.checked.difference_update(known)
                self._check_these(())
            return
        grouping, query = self.grouping, self.query
        database, entity, user = self.office.database, self.entity, self.office.user_id
        assert grouping is not None

        def work(connection: Any) -> array[int]:
            options: dict[str, Any] = {"filter": query.whole, "sort": query.sort, "user_id": user}
            return groups_of.group_ids(database, connection, entity, grouping, [group], **options)[group.key]

        def done(ids: array[int]) -> None:
            if not self.is_open(group):
                self._members[group.key] = ids
            if on:
                self._check_these(ids)
            else:
                self.checked.difference_update(ids)
                self._check_these(())

        self._read(work, done, "")

    def _group_state(self, group: Group) -> Qt.CheckState:
        if group.key not in self._states:
            members = self._members.get(group.key, ())
            on = sum(1 for one in members if one in self.checked) if self.checked else 0
            whole = on == group.count or (self.checked and len(self.checked) == self.record_count)
            partial = Qt.CheckState.PartiallyChecked if on else Qt.CheckState.Unchecked
            self._states[group.key] = Qt.CheckState.Checked if whole else partial
        return self._states[group.key]

    # -- Qt's questions ----------------------------------------------------------------------------------------

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.group_at(index.row()) is not None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        flags = super().flags(index)
        return flags if self.may_edit(index.row()) else flags & ~Qt.ItemFlag.ItemIsEditable

    def may_edit(self, row: int) -> bool:
        """Whether the record of a row may be changed, as far as is known here."""
        return may(self.office, self.entity, "edit", self.row_values(row))

    def _names(self) -> list[str]:
        """The fields that are read: with those that say whose a record is, where that decides who may change it."""
        names = super()._names()
        if self.office.access.scope(self.entity, "edit") in ("own", "team"):
            names += [one for one in ("owner_id", "created_by") if self.spec.has(one) and one not in names]
        return names

    def data(self, index: Index, role: int = _Data.DisplayRole) -> Any:
        group = self.group_at(index.row()) if index.isValid() else None
        if group is None:
            return super().data(index, role)
        column = index.column()
        if role == Role.GROUP:
            return True
        if role == Role.KEY:
            return self._ids[index.row()]
        if column == 0:
            return self._group_state(group) if role == _Data.CheckStateRole else None
        one = self._fields[column - 1]
        if role == _Data.TextAlignmentRole:
            return alignment(one)
        if role == _Data.DisplayRole or (role == _Data.ToolTipRole and column > 1):
            if column == 1:
                return self.group_text(group)
            return measure_text(one, group.measures.get(one.name), "sum")
        if role == _Data.AccessibleTextRole and column == 1:
            state = _("open") if self.is_open(group) else _("closed")
            text = _("Group {title}, {n} records, {state}")
            return text.format(title=self.group_text(group), n=format_integer(group.count), state=state)
        return None

    def group_text(self, group: Group) -> str:
        """What the records of a group have in common, in words."""
        assert self.grouping is not None
        one = next((f for f in self.all_fields if f.name == self.grouping.field), None)
        return group_title(one, group) if one is not None else group.title

    def setData(self, index: Index, value: Any, role: int = _Data.EditRole) -> bool:
        group = self.group_at(index.row()) if index.isValid() else None
        if group is None:
            return super().setData(index, value, role)
        if role != _Data.CheckStateRole or index.column() != 0:
            return False
        self.check_group(group, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
