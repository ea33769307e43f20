"""The form that is being arranged: sections and fields in their order, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.records.custom import OWN_TITLE, SECTION, Section
from crm_desktop.records.layout import Layout, LayoutSection
from ui.records.shown import editable

_LISTS = {"points": "reach", "addresses": "address"}


@dataclass
class DraftSection:
    """A section: its title as shown, whether the office wrote it, its fields."""

    key: str
    title: str
    renamed: bool = False
    fields: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    """Lists of rows (phones, addresses) that always stand in this section."""

    @property
    def own(self) -> bool:
        """Whether the office made it."""
        return self.key.startswith("own_")


@dataclass(frozen=True)
class Row:
    """A line of the arranged form: a section, a field, or a list that stays where it is."""

    kind: str
    key: str
    text: str
    section: int


class FormDraft:
    """The form of one record type while it is arranged."""

    def __init__(
        self, spec: Entity, fields: Sequence[Field], sections: Sequence[Section], stored: Layout | None
    ) -> None:  # fmt: skip
        self.spec = spec
        self.by_name = {one.name: one for one in fields}
        labels = {one.key: one.label for one in stored.sections} if stored else {}
        self.sections = [DraftSection(one.key, translate(one.label), bool(labels.get(one.key))) for one in sections]
        self.rules: dict[str, Mapping[str, Any]] = dict(stored.rules) if stored else {}
        self._lists = {child.name for child in spec.children if child.name in _LISTS}
        for child in spec.children:
            home = self._section(_LISTS.get(child.name, "?"))
            if home is not None:
                home.lists.append(translate(child.label))
        for one in fields:
            if not self._arranged(one):
                continue
            home = self._section(one.section)
            if home is None:
                title = translate(OWN_TITLE) if one.section == SECTION else one.section
                home = DraftSection(one.section, title)
                self.sections.append(home)
            home.fields.append(one.name)

    def _arranged(self, one: Field) -> bool:
        if one.child and one.child.split(".")[0] in self._lists or one.kind is Kind.JSON:
            return False
        return one.hidden or one.custom or (editable(one) and one.in_form)

    def _section(self, key: str) -> DraftSection | None:
        return next((one for one in self.sections if one.key == key), None)

    def rows(self) -> list[Row]:
        """The lines from top to bottom."""
        found = []
        for number, one in enumerate(self.sections):
            found.append(Row("section", one.key, one.title, number))
            found += [Row("list", "", text, number) for text in one.lists]
            found += [Row("field", name, name, number) for name in one.fields]
        return found

    def layout(self) -> Layout:
        """What is stored."""
        hidden = tuple(one.name for one in self.by_name.values() if one.hidden and not one.custom)
        return Layout(
            tuple(LayoutSection(s.key, s.title if s.renamed or s.own else "", tuple(s.fields)) for s in self.sections),
            hidden, self.rules,
        )  # fmt: skip

    # -- changes -----------------------------------------------------------------------------------------------

    def place_of(self, name: str) -> tuple[int, int]:
        """(section, position) of a field."""
        for number, one in enumerate(self.sections):
            if name in one.fields:
                return number, one.fields.index(name)
        return -1, -1

    def move_field(self, name: str, step: int) -> bool:
        """Move a field one place up or down, into the next section at the end of its own."""
        number, place = self.place_of(name)
        fields = self.sections[number].fields
        if 0 <= place + step < len(fields):
            fields.insert(place + step, fields.pop(place))
            return True
        if not 0 <= number + step < len(self.sections):
            return False
        fields.remove(name)
        target = self.sections[number + step].fields
        target.insert(0 if step > 0 else len(target), name)
        return True

    def move_section(self, key: str, step: int) -> bool:
        """Move a section one place up or down."""
        number = next(n for n, one in enumerate(self.sections) if one.key == key)
        if not 0 <= number + step < len(self.sections):
            return False
        self.sections.insert(number + step, self.sections.pop(number))
        return True

    def drop(self, source: Row, before: Row | None) -> bool:
        """Put a section or a field before another line; at the end where None."""
        if source.kind == "section":
            return self._drop_section(source.key, before)
        if source.kind != "field" or before == source:
            return False
        number, _place = self.place_of(source.key)
        self.sections[number].fields.remove(source.key)
        if before is None:
            self.sections[-1].fields.append(source.key)
        elif before.kind == "field":
            target, place = self.place_of(before.key)
            self.sections[target].fields.insert(place, source.key)
        elif before.kind == "list":
            self.sections[before.section].fields.insert(0, source.key)
        else:
            self.sections[max(before.section - 1, 0)].fields.append(source.key)
        return True

    def _drop_section(self, key: str, before: Row | None) -> bool:
        moved = next(one for one in self.sections if one.key == key)
        target = self.sections[before.section] if before is not None else None
        if target is moved:
            return False
        self.sections.remove(moved)
        self.sections.insert(self.sections.index(target) if target is not None else len(self.sections), moved)
        return True

    def add_section(self, title: str) -> str:
        """Add a section at the end; returns its key."""
        key = f"own_{uuid4().hex[:8]}"  # a colleague may add one at the same time
        self.sections.append(DraftSection(key, title.strip(), True))
        return key

    def rename_section(self, key: str, title: str) -> None:
        """Give a section another title."""
        found = self._section(key)
        if found is not None and title.strip():
            found.title, found.renamed = title.strip(), True

    def remove_section(self, key: str) -> bool:
        """Take a section of the office away; its fields go into the one before it."""
        number = next(n for n, one in enumerate(self.sections) if one.key == key)
        if not self.sections[number].own or len(self.sections) < 2:
            return False
        gone = self.sections.pop(number)
        self.sections[max(number - 1, 0)].fields += gone.fields
        return True

    def set_hidden(self, name: str, on: bool) -> None:
        """Hide a declared field, or show it again."""
        self.by_name[name] = self.by_name[name].but(hidden=on)

    def set_rule(self, name: str, rule: Mapping[str, Any]) -> None:
        """Set the conditions of a declared field."""
        if any(rule.values()):
            self.rules[name] = dict(rule)
        else:
            self.rules.pop(name, None)
