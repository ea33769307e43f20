"""The one list of pages and record views. Modules are imported when their page is first opened: start-up stays short."""

from __future__ import annotations

from typing import Any

from crm_desktop.core.i18n import N_
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.pages import PageSpec, RecordSpec

PAGES: tuple[PageSpec, ...] = ()
RECORDS: tuple[RecordSpec, ...] = ()

_ = (Any, N_, Navigator, Office, Page)
