"""The base of the assistant's steps, and the footer that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from ui.importing.draft import Draft
from ui.importing.session import ImportSession
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, Link, Plane
from ui.widgets.themed import fixed_height, margins
from ui.widgets.toast import keep_readable


@dataclass(frozen=True)
class Missing:
    """What still keeps a step from being done: a sentence, what to click in it, and where that leads.

    ``way_out`` is a second thing to click, with what it does.
    """

    text: str
    link: str
    jump: Callable[[], None]
    way_out: str = ""
    leave: Callable[[], None] | None = None


class Step(Plane):
    """A step of the assistant. ``changed`` tells the page to look again at header, steps and footer."""

    changed = Signal()
    continue_requested = Signal()
    key = ""
    per_part = False
    """Whether it shows one part of the import at a time, so that the page offers the others."""
    grouped = True
    """Whether parts of the same layout are one here, since they are decided together."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.session = session

    @property
    def draft(self) -> Draft | None:
        """The import that is being prepared, once its file was looked at."""
        draft = self.session.draft
        return draft if draft is not None and draft.ready else None

    def title(self) -> str:
        """Its word in the bar of steps."""
        raise NotImplementedError

    def applies(self) -> bool:
        """Whether this import needs the step."""
        return True

    def entered(self) -> None:
        """The step is shown."""

    def missing(self) -> Missing | None:
        """What keeps it from being done, in the current part or else in another; None where it is done."""
        session, current = self.session, self.draft
        if current is None:
            return None
        found = self.missing_of(current)
        for place, other in enumerate(session.drafts if self.per_part and found is None else ()):
            lacking = self.missing_of(other) if other.ready and session.alike(other)[0] is other else None
            if lacking is not None:
                return self._in_part(place, lacking)
        return found

    def missing_of(self, draft: Draft) -> Missing | None:
        """What a part lacks for this step."""
        return None

    def _in_part(self, place: int, lacking: Missing) -> Missing:
        """What another part lacks; going there makes it the current one."""

        def there(act: Callable[[], None]) -> Callable[[], None]:
            def go() -> None:
                self.session.choose_part(place)
                act()

            return go

        text = _("{part}: {text}").format(part=self.session.part_title(self.session.drafts[place]), text=lacking.text)
        leave = there(lacking.leave) if lacking.leave is not None else None
        return Missing(text, lacking.link, there(lacking.jump), lacking.way_out, leave)

    def sentence(self) -> str:
        """What the footer says while nothing is missing."""
        return _("Nothing has been written.")

    def continue_text(self, following: str) -> str:
        """The text of the main button; ``following`` is the name of the next step. "" hides it."""
        return _("Continue: {step}").format(step=following.lower())

    def may_go_back(self) -> bool:
        """Whether there is a way back from here."""
        return True

    def shown_count(self) -> str:
        """What the status bar says."""
        return ""

    def retranslate(self) -> None:
        """Write the words in the language in use."""


class Footer(QWidget):
    """Cancel, what is missing, back and on; 56 high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_readable(self)
        self._missing: Missing | None = None
        self.cancel = Button(kind="danger-ghost")
        self.text = ElidedLabel("", "secondary", "text-muted")
        self.link = Link("", "secondary-name")
        self.way_out = Link("", "secondary-name")
        self.save_recipe = Button(icon="ph.floppy-disk")
        self.back = Button(icon="ph.arrow-left")
        self.go_on = Button(kind="primary", trailing="ph.arrow-right")
        self.text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.addWidget(self.cancel)
        row.addSpacing(px(8))
        row.addWidget(self.text)
        row.addWidget(self.link)
        row.addWidget(self.way_out)
        row.addStretch(1)
        for button in (self.save_recipe, self.back, self.go_on):
            row.addWidget(button)
        margins(self, 24, 0, 24, 0, 8)
        fixed_height(self, 56)
        self.link.activated.connect(self._jump)
        self.way_out.activated.connect(self._leave)

    def show_sentence(self, text: str) -> None:
        """Say something that asks for nothing."""
        self._missing = None
        self.text.setText(text)
        self.link.hide()
        self.way_out.hide()

    def show_missing(self, missing: Missing) -> None:
        """Say what is missing."""
        self._missing = missing
        self.text.setText(missing.text)
        self.link.setText(missing.link)
        self.link.setVisible(bool(missing.link))
        self.way_out.setText(missing.way_out)
        self.way_out.setVisible(bool(missing.way_out))

    def _jump(self) -> None:
        if self._missing is not None:
            self._missing.jump()

    def _leave(self) -> None:
        if self._missing is not None and self._missing.leave is not None:
            self._missing.leave()

    def retranslate(self) -> None:
        """Write the words that never change."""
        self.cancel.setText(_("Cancel"))
        self.save_recipe.setText(_("Save recipe"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))


def start_aligned() -> Qt.AlignmentFlag:
    """Top and reading start."""
    return Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading
