"""The words for what two people changed at once of a field's definition or of a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import custom, layout
from crm_desktop.records.layout import Layout, Seen
from ui.framework.office import Office
from ui.records.settled import settle_setting
from ui.records.shown import label_of

_LABELS = {
    "label": N_("Name"), "help": N_("Help"), "required": N_("Always needed"), "in_list": N_("Shown in lists"), "sensitive": N_("Sensitive"),
    "aliases": N_("Other names in files"), "options": N_("Choices"), "default_value": N_("A new record starts with"),
    "visible_when": N_("Shown only when"), "required_when": N_("Needed when"), "formula": N_("Formula"),
    "roll_up": N_("Sum of linked records"), "kind": N_("Kind"), "hidden": N_("Hidden"),
}  # fmt: skip


def definition_words(name: str, value: Any) -> tuple[str, str]:
    """What a part of a field's definition is called, and its value in words."""
    label = translate(_LABELS[name]) if name in _LABELS else name
    if isinstance(value, bool):
        return label, _("Yes") if value else _("No")
    if name == "options":
        return label, ", ".join(str(one["label"]) for one in value or ())
    if name == "aliases":
        return label, ", ".join(value or ())
    if name in ("visible_when", "required_when", "roll_up") and value:
        return label, custom_text(value)
    return label, "" if value is None else str(value)


def custom_text(value: Any) -> str:
    """A condition or sum as it is stored, as text to compare."""
    if isinstance(value, dict):
        return ", ".join(custom_text(one) for one in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(custom_text(one) for one in value)
    return str(value)


class FormWords:
    """The words for lines of a form: where a field stands, what a section is called."""

    def __init__(self, office: Office, entity: str, made: Layout) -> None:
        arranged = custom.arranged(office.database, entity)
        self._fields = {one.name: label_of(one) for one in arranged.fields}
        self._sections = {one.key: translate(one.label) for one in arranged.sections}
        self._sections |= {one.key: one.label for one in made.sections if one.label}

    def words(self, name: str, value: Any) -> tuple[str, str]:
        """What a part of the form is called, and its value in words."""
        what, _colon, key = name.partition(":")
        if what == "form":
            return _("Form"), _("the default form") if value == "default" else _("arranged by the office")
        label = self._sections.get(key, key) if what in ("section", "title") else self._fields.get(key, key)
        if what == "title":
            return label, str(value)
        if what == "hidden":
            return label, _("Hidden") if value else _("Shown")
        if what == "rule":
            return label, custom_text({one: tree for one, tree in value.items() if tree})
        return label, self._place(what, value)

    def _place(self, what: str, value: Any) -> str:
        if value is None:
            return ""
        section, before = self._sections.get(value[0], value[0]), self._fields.get(value[1], value[1])
        if what == "section":
            return _("after “{name}”").format(name=section) if section else _("first")
        if not before:
            return _("{section}, first").format(section=section)
        return _("{section}, after “{name}”").format(section=section, name=before)


def decided(seen: Seen, error: SettingChanged, chosen: dict[str, Any]) -> Seen:
    """What was chosen of the lines of a form that both arranged."""
    mine = {name: value == error.fields[name][1] for name, value in chosen.items()}
    return replace(seen, mine={**seen.mine, **mine})


def write_layout(
    owner: QWidget, entity: str, made: Layout, seen: Seen, failed: Callable[[Exception], object],
    back: Callable[[Seen], object],
) -> None:  # fmt: skip
    """Keep the form of a record type; ask where a colleague arranged the same field or section meanwhile.

    Args:
        owner: the page that arranges it, with its ``office`` and ``reload``.
        failed: gets what went wrong.
        back: nobody decided yet: what was arranged stays as it is, to be compared with the same ``seen`` later.
    """
    office: Office = owner.office  # type: ignore[attr-defined]
    again: Callable[[], object] = owner.reload  # type: ignore[attr-defined]
    plural = translate(office.database.schema.entity(entity).plural)

    def refused(error: Exception) -> None:
        if not isinstance(error, SettingChanged):
            failed(error)
            return
        settle_setting(
            owner, office, error, _("form"), plural, FormWords(office, entity, made).words,
            lambda chosen: write_layout(owner, entity, made, decided(seen, error, chosen), failed, back),
            lambda: back(seen),
        )  # fmt: skip

    office.write(
        owner, N_("Arrange the form of {records}"), lambda uow: layout.save_layout(uow, entity, made, seen=seen),
        lambda changed: None if changed else again(), refused, params={"records": plural},
    )  # fmt: skip
