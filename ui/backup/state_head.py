"""The head of the page of backups: how things stand in words, the plan as a sentence, the places."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.backup import plan_words
from crm_desktop.backup.overview import Overview
from crm_desktop.backup.places import PlaceState
from crm_desktop.core.i18n import _
from ui.backup import words
from ui.backup.gone_places import GonePlaces
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.flow import FlowLayout
from ui.widgets.headers import Banner
from ui.widgets.labels import IconLabel, Label, Plane
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins


class PlaceLine(QWidget):
    """A place: its icon, its name, how it is."""

    def __init__(self, place: PlaceState, found: Overview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text, color = words.place_text(place, found.plan, found.size)
        self.setAccessibleName(f"{plan_words.place_name(place.name)}: {text}")
        self.setToolTip(str(place.folder))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(24), 0)
        row.setSpacing(px(8))
        row.addWidget(IconLabel("ph.desktop" if not place.name else "ph.hard-drives", color, 16))
        row.addWidget(Label(plan_words.place_name(place.name) if place.name else _("This computer"), "name"))
        row.addWidget(Label(text, "secondary", color))


class StateHead(Plane):
    """Says whether yesterday can be brought back, and what is done for tomorrow."""

    def __init__(self, gone: GonePlaces, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.gone = gone
        self.icon = BigIcon("ph.shield", 8, 56, 12)
        self.state = Label("", "section", wrap=True)
        self.plan = Label("", "body", "text-muted", wrap=True)
        self.change = Button(icon="ph.calendar-check", small=True)
        self.trouble = Banner(kind="warning", icon="ph.warning")
        self.lost = Banner(kind="warning", icon="ph.trash")
        self.forget = Button(small=True)
        self.lost.add(self.forget)
        self.same_disk = Banner(kind="accent", icon="ph.hard-drives")
        self.password = Banner(kind="warning", icon="ph.key")
        self.give = Button(small=True)
        self.password.add(self.give)
        self.places = QWidget()
        self._flow = FlowLayout(self.places)
        self.trouble.hide()
        for one in (self.password, self.lost, self.same_disk):
            one.hide()
        lines = QVBoxLayout()
        lines.setSpacing(px(4))
        lines.addStretch(1)
        lines.addWidget(self.state)
        lines.addWidget(self.plan)
        lines.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(px(16))
        top.addWidget(self.icon)
        top.addLayout(lines, 1)
        top.addWidget(self.change)
        box = QVBoxLayout(self)
        box.addLayout(top)
        box.addWidget(self.gone)
        box.addWidget(self.trouble)
        box.addWidget(self.lost)
        box.addWidget(self.password)
        box.addWidget(self.same_disk)
        box.addWidget(self.places)
        margins(self, 24, 8, 24, 16, 12)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words that do not follow from the data."""
        self.change.setText(_("Change…"))
        self.change.setAccessibleName(_("Change when and where to back up"))
        self.gone.retranslate()
        self.forget.setText(_("Take off the list"))
        self.give.setText(_("Give it…"))
        self.same_disk.text.setText(_(
            "Every backup lies on the disk of the office itself: if it breaks, all are gone. Add a stick, another disk or a "
            "share."
        ))  # fmt: skip
        self.password.text.setText(
            _("This computer does not know the password of the backups, so it makes none by itself.")
        )

    def show_overview(self, found: Overview) -> None:
        """Show how things stand."""
        text, icon, _color, hue = words.state_text(found)
        self.state.setText(text)
        self.icon.set_icon(icon, hue)
        self.plan.setText(words.plan_text(found))
        self.trouble.text.setText(words.trouble_text(found))
        self.gone.show_overview(found)
        trouble = found.trouble
        told = self.gone.place is not None and trouble is not None and trouble.run is not None and trouble.run.nowhere
        self.trouble.setVisible((trouble is not None or bool(found.problems)) and not told)
        self.password.setVisible(found.needs_password)
        self.lost.text.setText(words.lost_text(found.lost))
        self.lost.setVisible(bool(found.lost))
        self.same_disk.setVisible(found.same_disk)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place in found.places:
            self._flow.addWidget(PlaceLine(place, found))
