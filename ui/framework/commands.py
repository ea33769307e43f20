"""Commands: declared on methods; menus, toolbars, the palette and the shortcut help come from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.core.i18n import translate
from ui.theme.icons import icon

F = TypeVar("F", bound=Callable[..., Any])
Condition = Callable[[Any], bool] | str | None

_SPEC = "_command_spec"
_ACTIONS = "_command_actions"
_declared: dict[str, CommandSpec] = {}


@dataclass(frozen=True)
class CommandSpec:
    """What ``@command`` declares. ``text`` is English, marked with ``N_``."""

    id: str
    text: str
    shortcut: str = ""
    icon: str = ""
    enabled_when: Condition = None
    visible_when: Condition = None
    group: str = ""
    danger: bool = False
    method: str = ""


def command(
    id: str,
    *,
    text: str,
    shortcut: str = "",
    icon: str = "",
    enabled_when: Condition = None,
    visible_when: Condition = None,
    group: str = "",
    danger: bool = False,
) -> Callable[[F], F]:
    """Declare a method as a command.

    Args:
        id: "area.verb_noun".
        text: what menus show, marked with ``N_``.
        shortcut: "Ctrl+Shift+W"; Qt turns Ctrl into ⌘ on macOS.
        enabled_when: a function of the object, or the name of its method or property.
        visible_when: as enabled_when; a command that is not visible is in no menu.
        group: commands of one group stand together between separators.
        danger: it destroys something; shown in the colour of danger.
    """

    def mark(method: F) -> F:
        spec = CommandSpec(id, text, shortcut, icon, enabled_when, visible_when, group, danger, method.__name__)
        setattr(method, _SPEC, spec)
        _declared[id] = spec
        return method

    return mark


class Command:
    """A declared command of one object."""

    def __init__(self, spec: CommandSpec, owner: Any) -> None:
        self.spec = spec
        self.owner = owner

    @property
    def id(self) -> str:
        """Its identifier."""
        return self.spec.id

    @property
    def text(self) -> str:
        """Its text in the language in use."""
        return translate(self.spec.text)

    @property
    def icon(self) -> str:
        """The name of its icon, or an empty string."""
        return self.spec.icon

    @property
    def shortcut(self) -> str:
        """Its shortcut as this system writes it, e.g. "Ctrl+N"."""
        return native_shortcut(self.spec.shortcut)

    @property
    def enabled(self) -> bool:
        """Whether it can run now."""
        return _holds(self.spec.enabled_when, self.owner)

    @property
    def visible(self) -> bool:
        """Whether it is to be shown at all."""
        return _holds(self.spec.visible_when, self.owner)

    def run(self) -> None:
        """Do it, if it is enabled."""
        if self.enabled:
            getattr(self.owner, self.spec.method)()

    def action(self) -> QAction:
        """The action of this command, made once for its object; added to it if that is a widget."""
        return action_of(self.owner, self.spec)


def commands_of(obj: object) -> list[Command]:
    """The commands declared on the class of ``obj``, in the order of declaration."""
    found: dict[str, CommandSpec] = {}
    for kind in reversed(type(obj).__mro__):
        for member in vars(kind).values():
            spec = getattr(member, _SPEC, None)
            if isinstance(spec, CommandSpec):
                found[spec.id] = spec
    return [Command(spec, obj) for spec in found.values()]


def find_command(obj: object, id: str) -> Command:
    """The command ``id`` of ``obj``; KeyError where it has none."""
    for found in commands_of(obj):
        if found.id == id:
            return found
    raise KeyError(id)


def declared_commands() -> list[CommandSpec]:
    """Every command declared so far, by id: for the help on shortcuts."""
    return [_declared[id] for id in sorted(_declared)]


def action_of(obj: Any, spec: CommandSpec) -> QAction:
    """The action of a command of an object, made once."""
    actions: dict[str, QAction] = obj.__dict__.setdefault(_ACTIONS, {})
    action = actions.get(spec.id)
    if action is None:
        action = actions[spec.id] = _make_action(obj, spec)
    _refresh(Command(spec, obj), action)
    return action


def install_commands(obj: Any) -> list[QAction]:
    """Make the actions of all commands of ``obj``, so that their shortcuts work; returns them."""
    return [item.action() for item in commands_of(obj)]


def refresh_commands(obj: Any) -> None:
    """Look again at texts and at what is enabled, after a change of selection or language."""
    actions: dict[str, QAction] = obj.__dict__.get(_ACTIONS, {})
    for item in commands_of(obj):
        if item.id in actions:
            _refresh(item, actions[item.id])


def fill_menu(menu: QMenu, commands: Iterable[Command]) -> QMenu:
    """Put the visible commands into ``menu``, a separator between groups."""
    group: str | None = None
    for item in commands:
        if not item.visible:
            continue
        if group is not None and item.spec.group != group:
            menu.addSeparator()
        group = item.spec.group
        menu.addAction(item.action())
    return menu


def command_menu(obj: Any, parent: QWidget, ids: Iterable[str] | None = None) -> QMenu:
    """A new menu of the commands of ``obj``: all, or those of ``ids`` in that order."""
    by_id = {item.id: item for item in commands_of(obj)}
    chosen = list(by_id.values()) if ids is None else [by_id[id] for id in ids]
    return fill_menu(QMenu(parent), chosen)


def native_shortcut(shortcut: str) -> str:
    """A shortcut as this system writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText) if shortcut else ""


def _make_action(obj: Any, spec: CommandSpec) -> QAction:
    action = QAction(obj if isinstance(obj, QObject) else None)
    action.setObjectName(spec.id)
    if spec.icon:
        action.setIcon(icon(spec.icon, "danger" if spec.danger else "text"))
    if spec.shortcut:
        action.setShortcut(QKeySequence(spec.shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda _checked=False: Command(spec, obj).run())
    if isinstance(obj, QWidget):
        obj.addAction(action)
    return action


def _refresh(item: Command, action: QAction) -> None:
    text = item.text
    action.setText(text)
    action.setToolTip(f"{text} ({item.shortcut})" if item.shortcut else text)
    action.setEnabled(item.enabled)
    action.setVisible(item.visible)


def _holds(condition: Condition, owner: Any) -> bool:
    if condition is None:
        return True
    if isinstance(condition, str):
        value = getattr(owner, condition)
        return bool(value() if callable(value) else value)
    return bool(condition(owner))
