"""The one list of pages and record views. Modules are imported when their page is first opened: start-up stays short."""

from __future__ import annotations

from typing import Any

from crm_desktop.core.i18n import N_
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.pages import PageSpec, RecordSpec


def _calendar(office: Office, navigator: Navigator) -> Page:
    from ui.calendar.calendar_page import CalendarPage  # lazy: made when first opened

    return CalendarPage(office, navigator)


def _new_activity(office: Office, navigator: Navigator, parent: Any, values: dict[str, Any]) -> None:
    from ui.calendar.activity_dialogs import new_activity  # lazy: with the first form

    new_activity(office, navigator, parent, values)


def _changes(office: Office, navigator: Navigator) -> Page:
    from ui.history.changes_page import ChangesPage  # lazy: made when first opened

    return ChangesPage(office, navigator)


def _import(office: Office, navigator: Navigator) -> Page:
    from ui.importing.page import ImportPage  # lazy: made when first opened

    return ImportPage(office, navigator)


def _trash(office: Office, navigator: Navigator) -> Page:
    from ui.history.trash_page import TrashPage  # lazy: made when first opened

    return TrashPage(office, navigator)


def _backup(office: Office, navigator: Navigator) -> Page:
    from ui.backup.backup_page import BackupPage  # lazy: made when first opened

    return BackupPage(office, navigator)


def _settings(office: Office, navigator: Navigator) -> Page:
    from ui.settings.settings_page import SettingsPage  # lazy: made when first opened

    return SettingsPage(office, navigator)


def _reports(office: Office, navigator: Navigator) -> Page:
    from ui.reporting.reports_page import ReportsPage  # lazy: made when first opened

    return ReportsPage(office, navigator)


PAGES: tuple[PageSpec, ...] = (
    PageSpec("calendar", N_("Calendar"), "ph.calendar-blank", _calendar, entity="activity"),
    PageSpec("reports", N_("Reports"), "ph.chart-bar", _reports),
    PageSpec("import", N_("Import"), "ph.upload-simple", _import, place="bottom"),
    PageSpec("changes", N_("Changes"), "ph.clock-counter-clockwise", _changes, place="bottom"),
    PageSpec("trash", N_("Trash"), "ph.trash", _trash, place="bottom"),
    PageSpec("backup", N_("Backups"), "ph.shield-check", _backup, place="bottom"),
    PageSpec("settings", N_("Settings"), "ph.gear-six", _settings, place="bottom", shortcut="Ctrl+,"),
)
"""In the order of the rail."""

RECORDS: tuple[RecordSpec, ...] = (RecordSpec("activity", "calendar", create=_new_activity),)
