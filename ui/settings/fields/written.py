"""What is written about a field and not saved yet, kept as a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from crm_desktop.core.errors import FieldError
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.kept_form import changes_of, restored_banner
from ui.records.room import keep_later, soon

if TYPE_CHECKING:
    from ui.settings.fields.properties import PropertiesPanel

_KEEP_MS = 250


class WrittenField(QObject):
    """The draft of the panel of a field's properties; ``banner`` says that one is shown."""

    def __init__(self, panel: PropertiesPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._before: dict[str, Any] = {}
        self._timer = keep_later(self, _KEEP_MS, self.keep)
        self.banner = restored_banner(panel.discard)
        self.banner.hide()
        parts = (
            panel.label, panel.help, panel.aliases, panel.choices, panel.required, panel.in_list, panel.sensitive, panel.visible_when,
            panel.required_when, panel.formula, panel.roll_up, panel.kind,
        )  # fmt: skip
        for part in parts:
            for signal in changes_of(part):
                signal.connect(lambda *_what: soon(self._timer))

    def _key(self) -> str:
        panel = self._panel
        name = panel.field.name if panel.field is not None else "new"
        return draft_key(panel.office, "setting", "fields", panel.entity, name)

    def _states(self) -> dict[str, Any]:
        """What stands in the editors as a definition is stored, whether it can be saved or not."""
        panel = self._panel
        return {
            "label": panel.label.text(), "help": panel.help.text(), "required": panel.required.isChecked(),
            "in_list": panel.in_list.isChecked(), "sensitive": panel.sensitive.isChecked(), "aliases": [one.strip() for one in panel.aliases.text().split(",")],
            "options": panel.choices.value(), "visible_when": _peek(panel.visible_when),
            "required_when": _peek(panel.required_when), "formula": panel.formula.text.toPlainText(),
            "roll_up": _peek(panel.roll_up), "kind": str(panel.kind.value()), "target": panel.target.value(),
        }  # fmt: skip

    def begin(self) -> None:
        """Another field is shown: what was written about it and never saved stands there again."""
        panel = self._panel
        self._before = self._states()
        kept = load_draft(self._key())
        some = isinstance(kept, dict) and bool(kept)
        if some:
            whole = {**self._before, **kept}
            panel.put_states(whole, str(whole["kind"]))
            panel.formula.text.setPlainText(str(whole["formula"]))
        self.banner.setVisible(some)
        self._timer.stop()

    def keep(self) -> None:
        """Keep what is written now."""
        panel = self._panel
        if panel.entity and (panel.is_new or panel.field is not None):
            changed = {name: one for name, one in self._states().items() if one != self._before.get(name)}
            keep_draft(self._key(), changed, panel.label.text().strip())

    def forget(self) -> None:
        """What was written is saved or thrown away."""
        self._timer.stop()
        self.banner.hide()
        if self._panel.entity:
            forget_draft(self._key())


def _peek(editor: Any) -> Any:
    try:
        return editor.value()
    except FieldError:
        return None
