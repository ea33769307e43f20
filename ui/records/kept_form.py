"""What is written in a form is a draft from its first letter on, and stands there again the next time it is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, SignalInstance
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QLineEdit, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import _
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.records.drafts import forget_draft, keep_draft, load_draft
from ui.records.room import keep_later, soon
from ui.records.typed import put_typed, typed_text
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import RecordPicker
from ui.widgets.headers import Banner

_KEEP_MS = 250
_SIGNALS = ("edited", "changed", "textEdited", "toggled")


@dataclass(frozen=True)
class Part:
    """Something in a form that is no editor of one value.

    Attributes:
        read: what stands in it, as JSON.
        put: shows that again.
        signals: sent after every change.
    """

    read: Callable[[], Any]
    put: Callable[[Any], None]
    signals: Sequence[SignalInstance] = ()


def read_part(part: Any) -> Any:
    """What stands in an editor, as JSON: the letters as they were typed, or what was chosen."""
    if isinstance(part, Part):
        return part.read()
    if isinstance(part, RecordPicker):
        try:
            return [part.value(), part.title()]
        except FieldError:
            return part.text()
    text = typed_text(part) if not isinstance(part, QCheckBox) else None
    if text is not None:
        return text
    if isinstance(part, QCheckBox):
        return part.isChecked()
    try:
        value = part.value()
    except FieldError:
        return None
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else str(value)


def write_part(part: Any, state: Any) -> None:
    """Show again what :func:`read_part` found."""
    if isinstance(part, Part):
        part.put(state)
    elif isinstance(part, RecordPicker) and isinstance(state, list):
        part.set_value(*state)
    elif isinstance(part, QCheckBox):
        part.setChecked(bool(state))
    elif isinstance(state, str) and typed_text(part) is not None:
        put_typed(part, state)
    else:
        part.set_value(state)


def changes_of(part: Any) -> list[SignalInstance]:
    """The signals that an editor sends when somebody changed it."""
    if isinstance(part, Part):
        return list(part.signals)
    return [getattr(part, name) for name in _SIGNALS if hasattr(part, name)][:1]


def may_close(owner: QWidget, keep: Callable[[], object], forget: Callable[[], object]) -> bool:
    """Ask what becomes of what is written and not saved; False where somebody goes on writing."""
    answer = dialogs.ask(
        owner, _("This is not saved yet"), _("Keep what you wrote as a draft for the next time, or throw it away?"),
        [Choice("stay", _("Go on writing")), Choice("drop", _("Throw away"), "danger"),
         Choice("keep", _("Keep as a draft"), "primary")],
    )  # fmt: skip
    if answer == "keep":
        keep()
    elif answer == "drop":
        forget()
    return answer in ("keep", "drop")


def restored_banner(start_again: Callable[[], object]) -> Banner:
    """The line over a form that shows a draft, with the way back to how it began."""
    banner = Banner(_("This is what you had written and not saved."), kind="accent", icon="ph.clock-counter-clockwise")
    throw = Button(_("Start again"), kind="ghost", small=True)
    throw.clicked.connect(start_again)
    banner.add(throw)
    return banner


def write_on(form: QWidget) -> None:
    """Put the cursor behind a text that was put back: Qt selects it as the form opens, and the next key would replace it."""

    def move() -> None:
        line = form.focusWidget()
        if isinstance(line, QLineEdit):
            line.end(False)

    QTimer.singleShot(0, form, move)


class KeptForm(QObject):
    """The draft of one form. Make it once the editors show what the form begins with; a kept draft is put back at once.

    Args:
        key: where it belongs, see ``drafts.draft_key``.
        parts: the editors by name, or :class:`Part` s.
        title: what people call the record it is for.
        along: parts that are kept with the others, though they are as they were at the start.
        given: those of them that are not put back: the form was opened with values of its own.
        extra: what is kept beside the parts, e.g. what a new record was opened with.
        after: runs once a draft was put back.
    """

    def __init__(
        self, owner: QWidget, key: str, parts: Mapping[str, Any], *, title: str = "", along: Collection[str] = (),
        given: Collection[str] = (), extra: Mapping[str, Any] | None = None, after: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(owner)
        self.key, self.title = key, title
        self._parts, self._along, self._extra, self._after = dict(parts), along, dict(extra or {}), after
        self._over = False
        self.banner: Banner | None = None
        self._start = {name: read_part(part) for name, part in parts.items()}
        kept = load_draft(key)
        self.restored = isinstance(kept, dict) and bool(kept)
        if self.restored:
            self._put({name: state for name, state in kept.items() if name in self._parts and name not in given})
            write_on(owner)
        self._timer = keep_later(self, _KEEP_MS, self.keep)
        for part in parts.values():
            for signal in changes_of(part):
                signal.connect(lambda *_what: soon(self._timer))

    def _put(self, states: Mapping[str, Any]) -> None:
        for name, part in self._parts.items():
            if name in states:
                write_part(part, states[name])
        if self._after is not None:
            self._after()

    def states(self) -> dict[str, Any]:
        """What is written, by part, where it is something else than at the start."""
        now = {name: read_part(part) for name, part in self._parts.items()}
        changed = {name: state for name, state in now.items() if state != self._start[name]}
        if changed:
            changed |= {name: now[name] for name in self._along}
        return changed

    def is_changed(self) -> bool:
        """Whether anything was written or chosen that is not saved."""
        return not self._over and bool(self.states())

    def has_text(self) -> bool:
        """Whether words were written that are not saved."""
        return not self._over and any(isinstance(one, str) and one.strip() for one in self.states().values())

    def show_in(self, box: QBoxLayout, at: int = 0) -> None:
        """Say over the form that it shows a draft, where it does."""
        if self.restored:
            self.banner = restored_banner(self.start_again)
            box.insertWidget(at, self.banner)

    def start_again(self) -> None:
        """Throw the draft away and show what the form began with."""
        self._put(self._start)
        self._timer.stop()
        forget_draft(self.key)
        if self.banner is not None:
            self.banner.hide()

    def keep(self) -> None:
        """Keep what is written now."""
        if not self._over:
            states = self.states()
            keep_draft(self.key, states | self._extra if states else None, self.title)

    def hold(self) -> None:
        """Keep what is written, and nothing more: the form goes."""
        self.keep()
        self._over = True
        self._timer.stop()

    def done(self) -> None:
        """It was saved or thrown away."""
        self._over = True
        self._timer.stop()
        forget_draft(self.key)

    def settle(self) -> None:
        """It was saved and stays open: what stands there now is the new beginning."""
        self._timer.stop()
        forget_draft(self.key)
        self.begin_anew()
        if self.banner is not None:
            self.banner.hide()

    def begin_anew(self) -> None:
        """Take what stands in the editors, read again, as what the form begins with."""
        self._start = {name: read_part(part) for name, part in self._parts.items()}

    def may_close(self, owner: QWidget) -> bool:
        """Ask what becomes of the draft; False where somebody goes on writing."""
        return may_close(owner, self.hold, self.done)


def path_state(value: Any) -> Any:
    """A chosen file as JSON."""
    return {"path": str(value)} if isinstance(value, Path) else value
