"""The page of settings: this person's, and the office's own."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.settings.appearance import AppearanceTab
from ui.settings.fields_tab import FieldsTab
from ui.settings.office_tab import OfficeTab
from ui.settings.pipelines_tab import PipelinesTab
from ui.theme.theme import px
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline
from ui.widgets.tabs import Tab, TabBar


class SettingsPage(Page):
    """Tabs: appearance, the office, pipelines, own fields."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.header = PageHeader()
        self.tabs = TabBar()
        self.tabs.changed.connect(self._show)
        self.stack = QStackedWidget()
        self._makers = {
            "appearance": lambda: AppearanceTab(),
            "office": lambda: OfficeTab(office),
            "pipelines": lambda: PipelinesTab(office),
            "fields": lambda: FieldsTab(office),
        }
        self._made: dict[str, QWidget] = {}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.tabs)
        whole.addWidget(Hairline())
        whole.addWidget(self.stack, 1)
        self.retranslate()
        self._show("appearance")

    def retranslate(self) -> None:
        """Write the words; the tabs are made anew in the language in use."""
        self.header.set_title(_("Settings"))
        self.tabs.set_tabs(
            [
                Tab("appearance", _("Appearance"), "ph.palette"),
                Tab("office", _("Office"), "ph.buildings"),
                Tab("pipelines", _("Pipelines"), "ph.columns"),
                Tab("fields", _("Own fields"), "ph.text-aa"),
            ]
        )
        for widget in self._made.values():
            self.stack.removeWidget(widget)
            widget.deleteLater()
        self._made.clear()
        self._show(self.tabs.current_key() or "appearance")

    def activated(self, **params: Any) -> None:
        """Show a tab: ``tab`` names it."""
        if params.get("tab"):
            self.tabs.set_current(params["tab"])
            self._show(params["tab"])

    def _show(self, key: str) -> None:
        if key not in self._made:
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            holder = QWidget()
            box = QVBoxLayout(holder)
            box.setContentsMargins(px(24), px(20), px(24), px(24))
            box.addWidget(self._makers[key]())
            area.setWidget(holder)
            self._made[key] = area
            self.stack.addWidget(area)
        self.stack.setCurrentWidget(self._made[key])
