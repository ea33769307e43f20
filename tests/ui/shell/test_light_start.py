"""An office opens without what its first page does not need: every package that is loaded is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.helpers.sources import ROOT

_CODE = """
import sys
import main
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui import app
from ui.framework import tasks
class Watched(app.Application):
    def start(self, target, **options):
        super().start(target, **options)
        QTimer.singleShot(0, self, self.rest)
    def rest(self):
        assert tasks.wait_idle(60) and type(self.window).__name__ == "MainWindow"
        print([name for name in sys.argv[2:] if name in sys.modules])
        QApplication.quit()
app.Application = Watched
main.main(["--database", sys.argv[1]])
"""
_HEAVY = (
    "alembic", "crm_desktop.importing", "cryptography", "dns", "lxml", "openpyxl", "psycopg", "python_calamine", "rapidfuzz",
    "reportlab", "sqlalchemy.dialects.postgresql", "xlsxwriter", "zstandard",
)  # fmt: skip


def test_an_office_opens_without_the_formats_of_files_and_backups(office_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODE, str(office_file), *_HEAVY], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
