"""The step that says what kind of records the rows are."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing import table
from crm_desktop.importing.guess import unfit
from crm_desktop.importing.mapping import guess_mapping
from crm_desktop.importing.targets import targets_of
from crm_desktop.records import custom
from ui.framework import tasks
from ui.importing.session import ImportSession
from ui.importing.step import Step
from ui.importing.tables_list import FurtherBox, TablesList
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored
from ui.theme.style import draw_radio
from ui.theme.theme import px, theme
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.themed import KeyboardRing, margins, on_theme


class TypeCard(KeyboardRing, QAbstractButton):
    """A record type: radio, icon, name, how many columns have a field there, and a bar of it."""

    def __init__(self, icon: str, hue: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._hue = icon, hue
        self.reason = ""
        self.share = 0.0
        self.badge = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def tell(self, title: str, reason: str, share: float, badge: str) -> None:
        """Show these words."""
        self.setText(title)
        self.reason, self.share, self.badge = reason, share, badge
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{reason} {badge}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(480), px(64))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on, whole, direction = self.isChecked(), self.rect(), self.layoutDirection()
        fill = "accent-soft" if on else "hover" if self.underMouse() else "raised"
        frame_round(painter, whole, px(6), "accent" if on or self.shows_ring() else "border", fill)
        middle = whole.center().y() + 1
        radio = QRect(px(16), middle - px(8), px(16), px(16))
        draw_radio(theme(), painter, mirrored(radio, whole, direction), on)
        square = QRect(px(48), middle - px(16), px(32), px(32))
        fill_round(painter, mirrored(square, whole, direction), px(6), f"hue-{self._hue}")
        mark = square.adjusted(px(7), px(7), -px(7), -px(7))
        paint_icon(painter, QRectF(mirrored(mark, whole, direction)), self._icon, f"hue-{self._hue}-ink")
        left, bar = px(96), px(120)
        room = whole.width() - left - bar - px(40)
        first = QRect(left, middle - px(20), room, px(20))
        used = draw_text(painter, mirrored(first, whole, direction), self.text(), "strong")
        if self.badge:
            size = badge_size(self.badge, "ph.sparkle")
            box = QRect(left + used + px(8), first.top() + px(1), size.width(), size.height())
            paint_badge(painter, QRectF(mirrored(box, whole, direction)), self.badge, "accent", "ph.sparkle")
        second = QRect(left, middle + px(1), room, px(18))
        draw_text(painter, mirrored(second, whole, direction), self.reason, "secondary", "text-muted")
        track = QRect(whole.width() - px(24) - bar, middle - px(2), bar, px(4))
        fill_round(painter, mirrored(track, whole, direction), px(2), "hover" if not on else "raised")
        done = QRect(track.left(), track.top(), round(bar * min(1.0, self.share)), px(4))
        if done.width():
            fill_round(painter, mirrored(done, whole, direction), px(2), "accent")


class TypesStep(Step):
    """One card for each record type, the proposed one marked."""

    key = "types"

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.heading = Label("", "title")
        self.text = Label("", "body", "text-muted", wrap=True)
        self.caution = Label("", "body", "warning", wrap=True)
        self.cards: dict[str, TypeCard] = {}
        self._matched: dict[str, tuple[int, int]] = {}
        self._guessed_for: Any = None
        self._group = QButtonGroup(self)
        self.tables = TablesList(session)
        self.further = FurtherBox(session)
        margins(self.further, 48, 0, 0, 8, 4)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.addWidget(self.heading)
        self._column.addWidget(self.text)
        self._column.addWidget(self.caution)
        for spec in session.schema.entities.values():
            if spec.importable and spec.listed:
                card = TypeCard(spec.icon, spec.hue)
                card.clicked.connect(lambda _on=False, name=spec.name: session.choose_entity(name))
                self.cards[spec.name] = card
                self._group.addButton(card)
                self._column.addWidget(card)
        self._column.addWidget(self.further)
        self._column.addWidget(self.tables)
        self._column.addStretch(1)
        margins(inside, 24, 24, 24, 24, 8)
        on_theme(inside, lambda: inside.setMaximumWidth(px(760)))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolled(inside))
        session.plan_changed.connect(self._show)

    @property
    def several(self) -> bool:
        """Whether the file has several tables."""
        return len(self.session.tables) > 1

    def title(self) -> str:
        return _("Types")

    def applies(self) -> bool:
        draft = self.draft
        if draft is None or draft.guess is None or self.several:
            return True
        return draft.guess.file.kind not in (table.VCARD, table.ICS)

    def entered(self) -> None:
        self._count()
        self._show()
        draft = self.draft
        if self.several:
            self.tables.focus_first()
        elif draft is not None and draft.plan is not None and draft.plan.entity in self.cards:
            self.cards[draft.plan.entity].setFocus()

    def sentence(self) -> str:
        if self.several:
            chosen = [one for one in self.session.tables if one.chosen]
            rows = sum(one.sheet.rows for one in chosen)
            text = ngettext(
                "Nothing has been written. {n} of {all} tables comes in, {rows}.",
                "Nothing has been written. {n} of {all} tables come in, {rows}.",
                len(chosen),
            )
            told = ngettext("{n} row", "{n} rows", rows).format(n=format_integer(rows))
            return text.format(n=len(chosen), all=len(self.session.tables), rows=told)
        return _("Nothing has been written. What is one row of this file?")

    def retranslate(self) -> None:
        self._show()

    def _count(self) -> None:
        """Count in the background how many columns have a field in each record type."""
        draft = self.draft
        if draft is None or draft.guess is None or self._guessed_for is draft.guess.file:
            return
        database, file = self.session.office.database, draft.guess.file
        self._guessed_for = file

        def work() -> dict[str, tuple[int, int]]:
            found = {}
            filled = {one.index for one in file.best.columns if one.filled}
            for name in self.cards:
                spec = database.schema.entity(name)
                targets = targets_of(database.schema, spec, custom.fields_of(database, name))
                mapping = guess_mapping(file.best.columns, targets, title=spec.title_field, entity=name)
                hits = sum(1 for one in mapping if one.target and one.column in filled)
                found[name] = (hits, len(filled))
            return found

        def done(found: dict[str, tuple[int, int]]) -> None:
            self._matched = found
            self._show()

        tasks.run_read(self, work, done, supersede="count")

    def _show(self) -> None:
        draft = self.draft
        if draft is None or draft.guess is None or draft.plan is None:
            return
        self._show_tables()
        if self.several:
            return
        cautions = unfit(draft.guess.entities)
        self.caution.setText(" ".join(map(str, cautions)))
        self.caution.setVisible(bool(cautions))
        main = self.session.tables[0].main.record_type if self.session.tables else draft.record_type
        best = draft.guess.entities[0][0] if draft.guess.entities else ""
        ranked = [name for name, _score in draft.guess.entities]
        for name, card in self.cards.items():
            spec = self.session.schema.entity(name)
            hits, total = self._matched.get(name, (0, 0))
            reason = ngettext(
                "{hits} of {total} column has a field here", "{hits} of {total} columns have a field here", total
            ).format(hits=hits, total=total)
            badge = _("proposed") if name == best else ""
            card.tell(translate(spec.plural), reason if total else "", hits / total if total else 0.0, badge)
            card.setChecked(name == main)
        for place, name in enumerate(ranked):
            if name in self.cards:
                self._column.removeWidget(self.cards[name])
                self._column.insertWidget(3 + place, self.cards[name])
        if main in self.cards:
            self._column.removeWidget(self.further)
            self._column.insertWidget(self._column.indexOf(self.cards[main]) + 1, self.further)

    def _show_tables(self) -> None:
        """Show the tables of the file where there are several, else what else the rows of the only one hold."""
        self.heading.setText(_("Which tables come in?") if self.several else _("What is one row of this file?"))
        guess = self.draft.guess if self.draft is not None else None
        known = f"{guess.evidence[0]}. " if guess is not None and guess.program and guess.evidence else ""
        self.text.setText(
            known
            + _(
                "Tables that explain, list values or sum up stay out. Companies and people that rows only mention are added too."
            )
            if self.several
            else known
            + _("Proposed by its columns and its name. Companies and people that rows only mention are added too.")
        )
        for card in self.cards.values():
            card.setVisible(not self.several)
        self.tables.setVisible(self.several)
        if self.several:
            self.further.hide()
            self.caution.hide()
            self.tables.refresh()
        elif self.session.tables:
            self.further.show_table(0, self.session.tables[0])
