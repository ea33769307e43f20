"""The form of a consent: for what, by which channel, yes or no, when, where that was said, and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.contacts import consents
from crm_desktop.contacts.choices import CHANNELS, CONSENT_PURPOSES, CONSENT_STATES
from crm_desktop.core import clock
from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import _, translate
from ui.contacts.relation_dialogs import RelationDialog, Save
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.kept_form import Part
from ui.widgets.buttons import Button
from ui.widgets.editor_base import LongTextEditor, TextEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.editor_dates import DateEditor
from ui.widgets.themed import margins

_NOT_YET = "new"


def words(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """Choices as editors take them, in the language in use."""
    return [(one.key, translate(one.label)) for one in choices]


class ProofFile(QWidget):
    """A file of the record, or one from this computer that is attached with the consent."""

    edited = Signal()

    def __init__(self, files: Sequence[tuple[int, str]]) -> None:
        super().__init__()
        self.path: Path | None = None
        self._files = list(files)
        self.chosen = ChoiceEditor([], empty=_("None"))
        self.browse = Button(_("Attach a file…"), icon="ph.paperclip")
        row = QHBoxLayout(self)
        row.addWidget(self.chosen, 1)
        row.addWidget(self.browse)
        margins(self, 0, 0, 0, 0, 8)
        self.browse.clicked.connect(self._browse)
        self.chosen.edited.connect(self.edited)
        self._offer()

    def setAccessibleName(self, name: str) -> None:
        """The name of the choice in it."""
        super().setAccessibleName(name)
        self.chosen.setAccessibleName(name)

    def _offer(self) -> None:
        own = [(_NOT_YET, self.path.name)] if self.path is not None else []
        self.chosen.set_options([*own, *self._files])

    def _browse(self) -> None:
        path = dialogs.choose_file(self, _("Attach a proof"))
        if path is not None:
            self.path = path
            self._offer()
            self.chosen.set_value(_NOT_YET)
            self.edited.emit()

    def state(self) -> Any:
        """What is chosen, as JSON."""
        value = self.value()
        return {"path": str(value)} if isinstance(value, Path) else value

    def put(self, state: Any) -> None:
        """Show what :meth:`state` gave; a file that went meanwhile is chosen no more."""
        if isinstance(state, dict):
            path = Path(str(state.get("path")))
            if not path.is_file():
                return
            self.path = path
            self._offer()
            self.chosen.set_value(_NOT_YET)
        elif state is None or state in dict(self._files):
            self.chosen.set_value(state)

    def value(self) -> int | Path | None:
        """The attachment's id, the path of a file to attach, or None."""
        picked = self.chosen.value()
        return self.path if picked == _NOT_YET else picked


class ConsentDialog(RelationDialog):
    """What was said; the text that was shown last for the same purpose is offered."""

    def __init__(
        self, office: Office, parent: QWidget, name: str, files: Sequence[tuple[int, str]], save: Save, *,
        purpose: str = "marketing", channel: str = "email", state: str = "given",
    ) -> None:  # fmt: skip
        super().__init__(parent, _("Consent of {name}").format(name=name), save)
        self._office = office
        self._offered = ""
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        choices: dict[str, tuple[str, Sequence[Choice], str]] = {
            "purpose": (_("Purpose"), CONSENT_PURPOSES, purpose), "channel": (_("Channel"), CHANNELS, channel),
            "state": (_("What was said"), CONSENT_STATES, state),
        }  # fmt: skip
        for number, (key, (label, options, value)) in enumerate(choices.items()):
            editor = ChoiceEditor(words(options), empty=None)
            editor.set_value(value)
            self.add(key, label, editor, number // 2, number % 2, 1)
        day = DateEditor()
        day.set_value(clock.today())
        self.add("at", _("Date"), day, 1, 1, 1)
        self.add(
            "source", _("Where it was said"), TextEditor(placeholder=_("Form of the fair, phone call, website…")), 2
        )
        self.add("wording", _("Text shown"), LongTextEditor(lines=3, most=6), 3)
        self.add("proof", _("Proof"), TextEditor(placeholder=_("Binder 3, page 12; recording 2026-118…")), 4)
        self.add("file", _("Proof on file"), ProofFile(files), 5)
        for key in ("purpose", "channel"):
            self.editors[key].edited.connect(self._offer_wording)
        self._offer_wording()
        self.editors["state" if parent is not None else "purpose"].setFocus()

    def parts(self) -> dict[str, Any]:
        """The file is one of the record's, or a path."""
        file = self.editors["file"]
        return {**super().parts(), "file": Part(file.state, file.put, [file.edited])}

    def _offer_wording(self) -> None:
        """The text shown the last time, unless something was written already."""
        written = str(self.editors["wording"].value() or "")
        if written and written != self._offered:
            return
        purpose, channel = self.editors["purpose"].value(), self.editors["channel"].value()

        def show(text: str) -> None:
            if str(self.editors["wording"].value() or "") in ("", self._offered):
                self._offered = text
                self.editors["wording"].set_value(text)

        self._office.read(
            self, lambda connection: consents.last_wording(connection, purpose, channel), show, supersede="wording"
        )

    def collect(self) -> dict[str, Any]:
        """The values; the day as an instant."""
        values = super().collect()
        day = values["at"]
        if day is None or day == clock.today():
            values["at"] = None
        else:
            values["at"] = datetime.combine(day, time(12), clock.local_zone())
        return values


MakeDialog = Callable[..., ConsentDialog]
