"""The list of keyboard shortcuts, made from the declared commands."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, translate
from ui.framework import dialogs
from ui.framework.commands import commands_of, native_shortcut
from ui.theme.theme import px
from ui.widgets.badges import KeyCap
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.themed import margins

EVERYWHERE = (
    ("Ctrl+Return", N_("Save")),
    ("Esc", N_("Close, or go back to reading")),
    ("Tab", N_("Next field")),
    ("F2", N_("Edit in place")),
)


def show_shortcuts(window: Any) -> None:
    """Show every shortcut: of the page that is open, of the window, of all forms."""
    dialog = QDialog(window)
    dialog.setWindowTitle(_("Keyboard shortcuts"))
    dialog.resize(px(520), px(600))
    whole = QVBoxLayout(dialog)
    margins(dialog, 24, 20, 24, 16, 12)
    content = QWidget()
    column = QVBoxLayout(content)
    column.setSpacing(px(6))
    page = window.current_page
    groups = [(_("This page"), _rows(page) + list(getattr(page, "more_shortcuts", list)()))]
    groups.append((_("The window"), _rows(window) + _page_rows(window)))
    groups.append((_("Everywhere"), [(native_shortcut(key), translate(text)) for key, text in EVERYWHERE]))
    for title, rows in groups:
        if not rows:
            continue
        column.addWidget(Label(title, "section"))
        for key, text in rows:
            line = QHBoxLayout()
            line.addWidget(Label(text), 1)
            line.addWidget(KeyCap(key), 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(line)
        column.addSpacing(px(12))
    column.addStretch(1)
    area = scrolled(content, sideways=True, focus=True, clear=False)
    whole.addWidget(area, 1)
    close = Button(_("Close"), kind="primary")
    close.clicked.connect(dialog.accept)
    whole.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
    dialogs.run_dialog(dialog)


def _rows(owner: object) -> list[tuple[str, str]]:
    return [(one.shortcut, one.text) for one in commands_of(owner) if one.shortcut]


def _page_rows(window: Any) -> list[tuple[str, str]]:
    return [
        (native_shortcut(spec.shortcut), _("Go to {page}").format(page=translate(spec.text)))
        for spec in window.palette_pages()
        if spec.shortcut
    ]
