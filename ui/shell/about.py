"""What this program is, of which version, under which licence."""

from __future__ import annotations

import platform

from PySide6 import __version__ as qt_version
from PySide6.QtWidgets import QWidget

from crm_desktop.core import paths
from crm_desktop.core.i18n import _
from crm_desktop.core.version import VERSION
from ui.framework import dialogs


def show_about(parent: QWidget) -> None:
    """Tell in a small dialog."""
    text = _(
        "Version {version}. The office's own customers, on the office's own computers: no account, no subscription.\n\n"
        "MIT licence. Settings and log: {folder}\n\nPython {python}, Qt {qt}, {system}"
    ).format(
        version=VERSION, folder=paths.data_folder(), python=platform.python_version(), qt=qt_version,
        system=platform.platform(terse=True),
    )  # fmt: skip
    dialogs.show_message(parent, "CRM Desktop", text)
