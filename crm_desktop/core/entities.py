"""Record types as data: what lists, cards, search, imports and rights need to know of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.core.fields import Field, by_name


@dataclass(frozen=True)
class Child:
    """A child table whose rows belong to one record: contact points, addresses, consents.

    ``table`` is its table, ``parent_column`` the foreign key to the record. ``search_columns`` go into the
    record's search text. ``fields`` describe its columns.
    """

    name: str
    table: str
    parent_column: str
    label: str
    fields: tuple[Field, ...] = ()
    search_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """A record type.

    Attributes:
        name: its key, e.g. "contact"; also the stem of routes and settings.
        table: the name of its table.
        label, plural, new_label: source texts for "Contact", "Contacts", "New contact".
        icon: a QtAwesome name.
        title_field: the field that names a record; ``subtitle_field`` what stands below it.
        list_columns: the columns of a list that nobody has changed yet.
        list_sort: (field, descending) of such a list.
        key_fields: the fields that tell in an import whether a row is already here, best first.
        fields: every field, in the order of forms.
        children: its child tables.
        importable, searchable, deletable: what may be done with it by generic code.
        listed: whether it has a list page of its own; tags, notes, files and activities hang on such records only.
    """

    name: str
    table: str
    label: str
    plural: str
    new_label: str
    icon: str
    title_field: str
    fields: tuple[Field, ...]
    subtitle_field: str = ""
    list_columns: tuple[str, ...] = ()
    list_sort: tuple[str, bool] = ("", False)
    key_fields: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    importable: bool = True
    searchable: bool = True
    listed: bool = True
    hue: int = 1
    sections: tuple[tuple[str, str], ...] = ()
    """(key, label) of the form's sections in their order."""
    title_words: Callable[[Any, str], str] | None = field(default=None, compare=False)
    """(schema, what is stored as the title) to what people call it, where that is something else."""
    stored: tuple[str, ...] = field(default=())
    """Names of all columns of the table, filled from the model."""

    def field(self, name: str) -> Field:
        """The field with this name; KeyError where there is none."""
        return by_name(self.fields)[name]

    def has(self, name: str) -> bool:
        """Whether there is a field with this name."""
        return any(one.name == name for one in self.fields)
