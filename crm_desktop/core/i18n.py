"""Languages: gettext for both halves of the program, switched while it runs."""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

from crm_desktop.core import paths

LANGUAGES = {"en": "English", "pt_BR": "Português (Brasil)", "es": "Español"}
"""The languages that are complete: code to its own name."""

_active: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def set_language(language: str) -> None:
    """Use ``language`` ("en", "pt_BR", "es", or "" for the system's) from now on."""
    global _active, _language
    _language = language if language in LANGUAGES else system_language()
    folder = paths.resources() / "locale"
    _active = gettext.translation("crm_desktop", str(folder), languages=[_language], fallback=True)


def language() -> str:
    """The language in use: "en", "pt_BR" or "es"."""
    return _language


def system_language() -> str:
    """The nearest complete language to what the system asks for; English where none is."""
    names = [os.environ.get(key, "") for key in ("LC_ALL", "LC_MESSAGES", "LANG")]
    try:
        names.append(locale.getlocale()[0] or "")
    except ValueError:
        pass
    for name in names:
        if name.lower().startswith("pt"):
            return "pt_BR"
        if name.lower().startswith("es") or name.startswith("Spanish"):
            return "es"
        if name.lower().startswith("en") or name.startswith("English"):
            return "en"
    return "en"


def translate(message: str) -> str:
    """The message in the language in use."""
    return _active.gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The singular or plural form for ``n``; the text may use ``{n}``, which the caller fills."""
    return _active.ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """The message in the language in use, where one English word has two meanings."""
    return _active.pgettext(context, message)


def N_(message: str) -> str:
    """Mark a text for translation where it is declared; it is translated where it is shown."""
    return message


_ = translate


def locale_folder() -> Path:
    """Where the catalogues are."""
    return paths.resources() / "locale"
