"""Tries everything the program needs on this computer: above all, whether a packed program has all its parts."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crm_desktop import app, features
from crm_desktop.core import clock, i18n, paths
from crm_desktop.core.i18n import N_, _
from crm_desktop.db.database import Database
from crm_desktop.demo.make import make_demo

_CONTACTS = 60
_WINDOW_SECONDS = 2.0


@dataclass(frozen=True)
class Result:
    """One thing that was tried: its name, whether it worked, what happened, and how long it took."""

    name: str
    ok: bool
    detail: str
    seconds: float


def run(report: Callable[[str], object] | None = None) -> list[Result]:
    """Try everything, in scratch files only.

    Args:
        report: called with a line of text after each check.

    Returns:
        One result per check; a check that fails does not keep the others from running.
    """
    results = []
    with tempfile.TemporaryDirectory(prefix="crm-self-test-", ignore_cleanup_errors=True) as scratch:
        trial = _Trial(Path(scratch))
        before = os.environ.get("CRM_DATA")
        os.environ["CRM_DATA"] = str(trial.folder / "data")
        try:
            for name, check in _CHECKS:
                results.append(_tried(name, check, trial))
                if report is not None:
                    report(_line(results[-1]))
        finally:
            trial.close()
            if before is None:
                del os.environ["CRM_DATA"]
            else:
                os.environ["CRM_DATA"] = before
    return results


def _tried(name: str, check: Callable[[_Trial], str], trial: _Trial) -> Result:
    started = time.monotonic()
    try:
        detail, ok = check(trial), True
    except Exception:
        detail, ok = traceback.format_exc(limit=-3), False
    return Result(name, ok, detail, time.monotonic() - started)


def _line(result: Result) -> str:
    return f"{'✓' if result.ok else '✗'} {_(result.name)} ({result.seconds:.2f} s) {result.detail}".rstrip()


class _Trial:
    """The scratch files, and the database that the checks share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """The sample office of this trial."""
        if self._database is None:
            self._database = app.open_database(self.folder / "trial.crm")
        return self._database

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()


def _modules(_trial: _Trial) -> str:
    """Import every module of both halves, so that a packed program misses none."""
    count, failed = 0, []
    for name in ("crm_desktop", "ui"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations." in module.name:
                continue
            try:
                importlib.import_module(module.name)
                count += 1
            except Exception as error:
                failed.append(f"{module.name}: {error}")
    if failed:
        raise RuntimeError("; ".join(failed))
    return str(count)


def _resources(_trial: _Trial) -> str:
    folder = paths.resources()
    missing = [name for name in ("demo/story.json", "fonts", "icons") if not (folder / name).exists()]
    packed = hasattr(sys, "_MEIPASS")  # a checkout makes its catalogues when it is set up
    missing += [code for code in i18n.LANGUAGES if packed and code != "en" and not _catalogue(code).is_file()]
    if missing:
        raise RuntimeError(f"missing in {folder}: {', '.join(missing)}")
    return str(folder)


def _catalogue(code: str) -> Path:
    return i18n.locale_folder() / code / "LC_MESSAGES" / "crm_desktop.mo"


def _zones(_trial: _Trial) -> str:
    return f"{clock.local_zone_name()}, {clock.now():%Y-%m-%d %H:%M} UTC"


def _migrate(trial: _Trial) -> str:
    return f"{len(features.schema().data_tables)} tables in {trial.database.name}"


def _demo(trial: _Trial) -> str:
    counts = make_demo(trial.database, _CONTACTS)
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _examined(trial: _Trial) -> str:
    from crm_desktop.doctor import check  # lazy: only here

    findings = check(trial.database, full=True)
    bad = [finding.detail for finding in findings if not finding.ok]
    if bad:
        raise RuntimeError("; ".join(bad))
    return f"{len(findings)} checks"


def _found(trial: _Trial) -> str:
    from crm_desktop.records.finder import find  # lazy: only here

    with trial.database.read() as connection:
        hits = find(trial.database, connection, "queiros", entities=("contact",))
    if not hits:
        raise RuntimeError("“queiros” does not find Queirós")
    return hits[0].title


def _paper(trial: _Trial) -> str:
    """Write a PDF and a workbook, and read both back."""
    from decimal import Decimal  # lazy: only here

    import pypdfium2  # lazy: heavy

    from crm_desktop.importing import readers  # lazy: heavy
    from crm_desktop.reporting.document import Column, Document, Row, Table  # lazy: only here
    from crm_desktop.reporting.output import write_document  # lazy: heavy

    columns = (Column("name", "Name"), Column("amount", "Amount", kind="money"))
    rows = tuple(Row((name, Decimal(amount))) for name, amount in (("Câmara fria", 48600), ("Adega", 18700)))
    document = Document("Trial", blocks=(Table(columns, rows),))
    pdf, book = trial.folder / "trial.pdf", trial.folder / "trial.xlsx"
    write_document(document, pdf)
    write_document(document, book)
    printed = pypdfium2.PdfDocument(pdf)
    text = printed[0].get_textpage().get_text_range()
    printed.close()
    cells = [cell for _number, row in readers.read(book) for cell in row]
    if "Câmara fria" not in text or "Câmara fria" not in cells:
        raise RuntimeError(f"not read back: {text!r} {cells!r}")
    return f"PDF {pdf.stat().st_size}, XLSX {book.stat().st_size} bytes"


def _import(trial: _Trial) -> str:
    from crm_desktop.importing.guess import guess_plan  # lazy: heavy
    from crm_desktop.importing.run import run_import  # lazy: heavy

    file = trial.folder / "clientes.csv"
    file.write_text("Nome;E-mail;Celular\nZuleica Prova;z@prova.example;41 95550-7777\n", encoding="latin-1")
    plan = guess_plan(trial.database, file, "contact").plan
    result = run_import(trial.database, file, plan, app.sign_in(trial.database))
    if result.created != 1:
        raise RuntimeError(f"created {result.created}, rejected {[str(one.reason) for one in result.rejected]}")
    return f"change {result.change_set}"


def _backup(trial: _Trial) -> str:
    from crm_desktop.backup.making import make_backup  # lazy: heavy
    from crm_desktop.backup.restoring import restore_backup  # lazy: heavy

    info = make_backup(trial.database, trial.folder / "backups", password="trial")
    restore_backup(info.path, trial.folder / "restored.crm", features.schema(), password="trial")
    return f"{info.size} bytes, proven"


def _server(_trial: _Trial) -> str:
    """The driver of the office database; there need not be a server."""
    from crm_desktop.db.database import server_url  # lazy: only here

    engine = sa.create_engine(server_url("postgresql://localhost/none"))
    return f"psycopg {engine.dialect.dbapi.__version__}"  # type: ignore[union-attr]


def _sign_in(trial: _Trial) -> str:
    """Let a new file ask for a password, and sign in once with the real Argon2."""
    from crm_desktop.db.unit_of_work import write  # lazy: only here
    from crm_desktop.security import passwords, service, strength  # lazy: only here

    secret = strength.suggest()
    database = app.open_database(trial.folder / "shared.crm")
    try:
        with write(database, "Trial") as uow:
            owner = service.create_user(uow, "Trial", login="trial", role="owner")
            passwords.give_password(uow, owner, secret, must_change=False)
        started = time.monotonic()
        app.sign_in(database, login="trial", password=secret)
        return f"Argon2id, {time.monotonic() - started:.2f} s"
    finally:
        database.close()


def _secrets(_trial: _Trial) -> str:
    import keyring  # lazy: heavy

    return type(keyring.get_keyring()).__name__


def _window(trial: _Trial) -> str:
    """Open the sample office in its window, drawn where nobody sees it. The window's half is no import of ours."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    window_app = importlib.import_module("ui.app")
    qt = window_app.make_application()
    application = window_app.Application(qt)
    opened = app.open_office(trial.folder / "trial.crm")
    application.show_office(opened)
    window = application.window
    until = time.monotonic() + _WINDOW_SECONDS
    while time.monotonic() < until:
        qt.processEvents()
        time.sleep(0.01)
    picture = window.grab()
    drawn = picture.save(str(trial.folder / "window.png"))
    title = window.windowTitle()
    qt.quit()
    qt.aboutToQuit.emit()
    if not drawn or picture.width() < 400:
        raise RuntimeError("the window was not drawn")
    return f"{title}, {picture.width()} × {picture.height()}"


_CHECKS: tuple[tuple[str, Callable[[_Trial], str]], ...] = (
    (N_("Modules"), _modules),
    (N_("Resources"), _resources),
    (N_("Clock and zone"), _zones),
    (N_("New database"), _migrate),
    (N_("Sample office"), _demo),
    (N_("Search"), _found),
    (N_("Import"), _import),
    (N_("PDF and spreadsheet"), _paper),
    (N_("Backup, proven and restored"), _backup),
    (N_("Examination"), _examined),
    (N_("Office server driver"), _server),
    (N_("Sign-in"), _sign_in),
    (N_("Keyring"), _secrets),
    (N_("Window"), _window),
)
