"""Languages switched while the window stands: every page writes its words again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.core import i18n
from ui.theme.theme import theme

_qt_words: QTranslator | None = None


def switch_language(app: QApplication, language: str) -> None:
    """Use ``language`` ("en", "pt_BR", "es", "" for the system's) now; every widget gets a LanguageChange."""
    global _qt_words
    i18n.set_language(language)
    chosen = QLocale(i18n.language()) if language else QLocale.system()
    QLocale.setDefault(chosen)
    if app.layoutDirection() != chosen.textDirection():
        app.setLayoutDirection(chosen.textDirection())
        theme().theme_changed.emit()
    if _qt_words is not None:
        app.removeTranslator(_qt_words)
    _qt_words = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if _qt_words.load(QLocale(i18n.language()), "qtbase", "_", folder):
        app.installTranslator(_qt_words)
    for widget in app.topLevelWidgets():
        QApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))


class _Listener(QObject):
    def __init__(self, widget: QWidget, write: Callable[[], None]) -> None:
        super().__init__(widget)
        self._write = write
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self._write()
        return False


def on_language_change(widget: QWidget, write: Callable[[], None]) -> None:
    """Call ``write`` whenever the language changes, as long as ``widget`` lives."""
    _Listener(widget, write)
