"""The right editor for a field of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import EVERYTHING, where
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from crm_desktop.records import finder, queries
from ui.framework.office import Office
from ui.records.shown import choice_text, label_of
from ui.widgets.editor_base import LongTextEditor, MoneyEditor, PhoneEditor, TextEditor, ValueEditor
from ui.widgets.editor_choice import BoolEditor, ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor, DateTimeEditor
from ui.widgets.editor_tags import TagsEditor

Hit = tuple[Any, str, str]
_MOST = 8
_MOST_CHOICES = 200
_FEW = ("user", "team", "stage", "pipeline")


class ChoicesEditor(TagsEditor):
    """Several of a field's choices."""

    def __init__(self, field: Field, *, name: str = "", parent: QWidget | None = None) -> None:
        self._labels = {one.key: choice_text(field, one) for one in field.choices}
        labels = list(self._labels.values())

        def suggest(text: str) -> list[str]:
            return [label for label in labels if fold(text) in fold(label)]

        super().__init__(suggest, name=name, placeholder=_("Add a value"), known_only=True, parent=parent)
        self.setAccessibleName(name)

    def value(self) -> Any:
        """The keys of the choices, or None."""
        keys = {fold(label): key for key, label in self._labels.items()}
        return [keys[fold(text)] for text in super().value() if fold(text) in keys] or None

    def set_value(self, value: Sequence[str] | None) -> None:
        """Show the choices with these keys."""
        super().set_value([self._labels.get(key, key) for key in value or ()])


class YesNoEditor(ChoiceEditor):
    """Yes, no, or nothing said."""

    def __init__(self, *, name: str = "", empty: str | None = "", parent: QWidget | None = None) -> None:
        super().__init__([(True, _("Yes")), (False, _("No"))], name=name, empty=empty, parent=parent)


class LinkChoice(ChoiceEditor):
    """One of a few records: a stage, a pipeline, a person of the office. The list is read in the background.

    ``first``: the first one is chosen where nothing is; for what must be filled anyway.
    """

    def __init__(
        self, office: Office, entity: str, *, name: str = "", empty: str | None = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(name=name, empty=empty, parent=parent)
        self.first = False
        database, spec = office.database, office.database.schema.entity(entity)
        names = [spec.title_field, *(name for name in ("position", "pipeline_id", "active") if spec.has(name))]
        sort = [(name, False) for name in ("pipeline_id", "position", spec.title_field) if name in names]

        def read(connection: Any) -> list[tuple[int, str]]:
            ids = queries.find_ids(database, connection, entity, sort=sort, limit=_MOST_CHOICES)
            rows = queries.fetch_rows(database, connection, entity, ids, names)
            groups = {str(row.values.get("pipeline_id") or "") for row in rows}
            return [
                (row.id, _choice_title(row.values, spec.title_field, len(groups) > 1))
                for row in rows if row.values.get("active") is not False
            ]  # fmt: skip

        office.read(self, read, self._fill)

    def _fill(self, found: Sequence[tuple[int, str]]) -> None:
        value, title = self.value(), self.currentText()
        nothing = self.itemText(0) if self.count() and self.itemData(0) is None else ""
        self.set_options(found)
        if nothing:  # “5 different values”, say, which was written there before the list came
            self.setItemText(0, nothing)
        if value is not None:
            self.set_value(value, title)
        elif self.first and found:
            self.set_value(found[0][0])

    def set_value(self, value: Any, title: str = "") -> None:
        """Choose a record by id; a pair (id, title) is taken as well."""
        if isinstance(value, tuple):
            value, title = value
        if value is not None and title and all(self.itemData(row) != value for row in range(self.count())):
            self.addItem(title, value)
        super().set_value(value)

    def title(self) -> str:
        """The title of the chosen record."""
        return self.currentText() if self.value() is not None else ""


def _choice_title(values: Mapping[str, Any], title_field: str, grouped: bool) -> str:
    title = str(values.get(title_field) or "")
    return f"{values['pipeline_id']} · {title}" if grouped and values.get("pipeline_id") else title


def record_search(office: Office, entity: str) -> Callable[[str], list[Hit]]:
    """The function that a picker of this record type searches with; it runs in the background."""
    database = office.database
    spec = database.schema.entity(entity)

    def search(text: str) -> list[Hit]:
        with database.read() as connection:
            if text and spec.searchable:
                found = finder.find(database, connection, text, entities=(entity,), limit=_MOST)
                return [(one.id, one.title, one.subtitle) for one in found]
            condition = where(spec.title_field, "contains", text) if text else EVERYTHING
            sort = [("updated_at", True)] if spec.listed else []
            ids = queries.find_ids(database, connection, entity, filter=condition, sort=sort, limit=_MOST)
            names = queries.titles(database.schema, connection, entity, list(ids))
            return [(one, names.get(one, ""), "") for one in ids]

    return search


def make_picker(
    office: Office, entity: str, *, name: str = "", create: bool = False, parent: QWidget | None = None
) -> RecordPicker:
    """A line that finds a record of a type; with ``create`` it offers to make what is not found."""
    spec = office.database.schema.entity(entity)
    return RecordPicker(
        record_search(office, entity), name=name, create=_("Create “{text}”") if create else "",
        avatars=entity in ("contact", "user"), icon="" if entity in ("contact", "user") else spec.icon, parent=parent,
    )  # fmt: skip


def make_editor(
    office: Office, field: Field, parent: QWidget | None = None, *, currency: str | None = None,
    inline: bool = False, create: bool = False, several: bool = False,
) -> Any:  # fmt: skip
    """An editor for the values of a field (see ``editor_base.FieldEditor``).

    Args:
        inline: it stands in the place of the value (a list, a card), so yes and no are words to choose.
        create: links offer to create what is not found; the caller handles ``create_requested``.
        several: it stands for several records, so there is an empty choice also where the field is never empty.
    """
    name = label_of(field)
    match field.kind:
        case Kind.LINK | Kind.USER if _are_few(office, field.target or "user"):
            return LinkChoice(office, field.target or "user", name=name, parent=parent)
        case Kind.LINK | Kind.USER:
            return make_picker(office, field.target or "user", name=name, create=create, parent=parent)
        case Kind.CHOICE:
            options = [(one.key, choice_text(field, one)) for one in field.choices]
            return ChoiceEditor(options, name=name, empty=None if field.required and not several else "", parent=parent)
        case Kind.CHOICES:
            return ChoicesEditor(field, name=name, parent=parent)
        case Kind.BOOL:
            if not inline:
                return BoolEditor(name=name, parent=parent)
            return YesNoEditor(name=name, empty="" if field.custom or several else None, parent=parent)
        case Kind.DATE:
            return DateEditor(name=name, parent=parent)
        case Kind.DATETIME | Kind.LOCAL_DATETIME:
            return DateTimeEditor(name=name, local=field.kind is Kind.LOCAL_DATETIME, parent=parent)
        case Kind.MONEY:
            return MoneyEditor(name=name, currency=currency or "", parent=parent)
        case Kind.PHONE:
            return PhoneEditor(name=name, parent=parent)
        case Kind.LONG_TEXT:
            return LongTextEditor(name=name, lines=3, most=10, parent=parent)
        case Kind.TEXT:
            return TextEditor(name=name, parent=parent)
    return ValueEditor(field.kind, name=name, parent=parent)


def _are_few(office: Office, entity: str) -> bool:
    """Whether records of a type are so few that they are all offered: stages, pipelines, people, teams."""
    return not office.database.schema.entity(entity).listed and entity in _FEW


def start_value(field: Field, value: Any) -> Any:
    """What ``set_value`` of the field's editor takes for a value as records hold it."""
    if field.kind in (Kind.LINK, Kind.USER) and value is not None:
        return (getattr(value, "id", value), str(value))
    return value
