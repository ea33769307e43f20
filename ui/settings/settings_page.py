"""The page of settings: this person's, and the office's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, translate
from ui.framework.may import can
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.settings.appearance import AppearanceTab
from ui.settings.fields.tab import FieldsTab
from ui.settings.office_tab import OfficeTab
from ui.theme.theme import px
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline
from ui.widgets.tabs import Tab, TabBar


@dataclass(frozen=True)
class ExtraTab:
    """A tab that a feature brings: key, word (a source text), icon, how it is made, and the power that it needs."""

    key: str
    text: str
    icon: str
    make: Callable[[Office], QWidget]
    power: str = "settings"
    whole: bool = False
    """Whether it fills the page and scrolls by itself."""
    without: tuple[str, str] = ("", "")
    """(power, word): what it is called for those who have not that power, and see less of it."""

    def word(self, office: Office) -> str:
        """Its word in the language in use."""
        power, other = self.without
        return translate(self.text if not power or can(office, power) else other)


class SettingsPage(Page):
    """Tabs: appearance, the office, pipelines, own fields. Only those are there that one may use."""

    def __init__(self, office: Office, navigator: Navigator, extra: Sequence[ExtraTab] = ()) -> None:
        super().__init__(navigator)
        self.office = office
        self._extra = extra
        self.header = PageHeader()
        self.tabs = TabBar(padding=16, gap=0)
        self.tabs.setAccessibleName(_("Settings"))
        self.tabs.changed.connect(self._show)
        self.stack = QStackedWidget()
        self._makers: dict[str, Callable[[], QWidget]] = {
            "appearance": lambda: AppearanceTab(),
            "office": lambda: OfficeTab(office),
            "fields": lambda: FieldsTab(office),
        }
        for one in extra:
            self._makers[one.key] = lambda make=one.make: make(office)  # type: ignore[misc]
        self._made: dict[str, QWidget] = {}
        office.access_changed.connect(self._on_access_changed)
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
        self._offer_tabs()
        for widget in self._made.values():
            self.stack.removeWidget(widget)
            widget.deleteLater()
        self._made.clear()
        self._show(self.tabs.current_key() or "appearance")

    def _offer_tabs(self) -> None:
        settings = can(self.office, "settings")
        tabs = [Tab("appearance", _("Appearance"), "ph.palette")]
        if settings:
            tabs.append(Tab("office", _("Office"), "ph.buildings"))
        tabs += [
            Tab(one.key, one.word(self.office), one.icon)
            for one in self._extra
            if not one.power or can(self.office, one.power)
        ]
        if settings:
            tabs.append(Tab("fields", _("Fields and forms"), "ph.text-aa"))
        self._keys = [one.key for one in tabs]
        self.tabs.set_tabs(tabs)

    def _on_access_changed(self) -> None:
        """Take tabs away that one may no longer use; the others stay as they are, half-written texts included."""
        self._offer_tabs()
        self._show(self.tabs.current_key())

    def activated(self, **params: Any) -> None:
        """Show a tab: ``tab`` names it."""
        if params.get("tab") in self._keys:
            self.tabs.set_current(params["tab"])
            self._show(params["tab"])

    def _show(self, key: str) -> None:
        if key not in self._made and any(one.key == key and one.whole for one in self._extra):
            self._made[key] = self._makers[key]()
            self.stack.addWidget(self._made[key])
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
