"""The stages of a deal as a bar on its card: a click moves the deal; won, lost and open again stand beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records.queries import Record
from crm_desktop.sales import queries
from crm_desktop.sales.deal import LOST_REASONS
from crm_desktop.sales.queries import Pipeline
from crm_desktop.sales.stages import StageInfo
from ui.framework.may import may
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.sales.deal_actions import DealActions
from ui.theme.paint import as_color, draw_text, frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, IconLabel, Label
from ui.widgets.themed import KeyboardRing, fixed_height, margins

_POINT = 8
_TIGHT = 420


class StageBar(KeyboardRing, QWidget):
    """The open stages as arrows, those behind the deal filled. Arrow keys and Enter, or a click, choose one."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: list[StageInfo] = []
        self._current = -1
        self._cursor = -1
        self._hovered = -1
        self._tone = "accent"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        fixed_height(self, 28)

    def set_stages(self, stages: list[StageInfo], current: int | None, tone: str = "accent") -> None:
        """Show these stages; ``current`` is the id of the deal's own."""
        self._stages = stages
        self._current = next((n for n, one in enumerate(stages) if one.id == current), -1)
        if tone == "success":
            self._current = len(stages) - 1
        self._cursor = self._current
        self._tone = tone
        name = stages[self._current].name if 0 <= self._current < len(stages) else ""
        self.setAccessibleName(_("Stage: {name}").format(name=name) if name else _("Stage"))
        self.update()

    def stages(self) -> list[StageInfo]:
        """The stages shown."""
        return self._stages

    def sizeHint(self) -> QSize:
        return QSize(px(360), px(28))

    def part(self, number: int) -> QRect:
        """Where a stage lies."""
        count = max(1, len(self._stages))
        number = number if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else count - 1 - number
        left, right = round(self.width() * number / count), round(self.width() * (number + 1) / count)
        return QRect(left, 0, right - left, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        for number, stage in enumerate(self._stages):
            rect = self.part(number)
            own, behind = number == self._current, number < self._current
            fill = self._tone if own else f"{self._tone}-soft" if behind else "hover"
            if number == self._hovered and not own:
                fill = "border-strong"
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(as_color(fill))
            painter.drawPolygon(self._arrow(rect, number))
            soft = {"accent": "on-accent", "success": "surface", "danger": "surface"}[self._tone]
            ink = soft if own else self._tone if behind and number != self._hovered else "text"
            room = rect.adjusted(px(_POINT) + px(4), 0, -px(_POINT), 0)
            role = "secondary-name" if own else "secondary"
            draw_text(painter, room, stage.name, role, ink, Qt.AlignmentFlag.AlignHCenter)
        if self.shows_ring() and self._cursor >= 0:
            frame_round(painter, self.part(self._cursor), px(4), "focus", width=2)

    def _arrow(self, rect: QRect, number: int) -> QPolygonF:
        box = QRectF(rect).adjusted(1, 0, -1, 0)
        point = float(px(_POINT))
        first, last = number == 0, number == len(self._stages) - 1
        middle = box.center().y()
        points = [
            QPointF(box.left(), box.top()), QPointF(box.right() - (0 if last else point), box.top()),
            QPointF(box.right(), middle), QPointF(box.right() - (0 if last else point), box.bottom()),
            QPointF(box.left(), box.bottom()), QPointF(box.left() + (0 if first else point), middle),
        ]  # fmt: skip
        if not last:
            points[2] = QPointF(box.right() + point - 2, middle)
            points[1], points[3] = QPointF(box.right() - 2, box.top()), QPointF(box.right() - 2, box.bottom())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            points = [QPointF(box.left() + box.right() - one.x(), one.y()) for one in points]
        return QPolygonF(points)

    def _at(self, event: QMouseEvent) -> int:
        spot = event.position().toPoint()
        return next((n for n in range(len(self._stages)) if self.part(n).contains(spot)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._at(event)
        if number != self._hovered:
            self._hovered = number
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            stage = self._stages[number] if number >= 0 else None
            self.setToolTip(_("Move to {stage}").format(stage=stage.name) if stage else "")
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        number = self._at(event)
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()), 0)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            step = -step
        if step and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._cursor = max(0, min(self._cursor + step, len(self._stages) - 1))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor >= 0:
            self._choose(self._cursor)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        if number != self._current or self._tone != "accent":
            self.chosen.emit(self._stages[number])


class DealStages(QWidget):
    """What the card of a deal has between its buttons and its facts."""

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._record: Record | None = None
        self._pipelines: list[Pipeline] = []
        self.deal_actions = DealActions(office, navigator, self)
        self.bar = StageBar()
        self.bar.chosen.connect(self._move)
        self.outcome_icon = IconLabel("ph.trophy", "success", 16)
        self.outcome = Label("", "strong", "success")
        self.since = ElidedLabel("", "secondary", "text-muted")
        self.win = Button(icon="ph.trophy", small=True)
        self.lose = Button(icon="ph.x-circle", small=True)
        self.postpone = Button(icon="ph.hourglass", small=True)
        self.reopen = Button(icon="ph.arrow-counter-clockwise", small=True)
        self.win.clicked.connect(lambda: self._do(self.deal_actions.win))
        self.lose.clicked.connect(lambda: self._do(self.deal_actions.lose))
        self.postpone.clicked.connect(lambda: self._do(self.deal_actions.postpone))
        self.reopen.clicked.connect(lambda: self._do(self.deal_actions.reopen))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.outcome_icon)
        row.addWidget(self.outcome)
        row.addWidget(self.since, 1)
        for button in (self.postpone, self.lose, self.win, self.reopen):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.addWidget(self.bar)
        box.addLayout(row)
        margins(self, 24, 12, 24, 4, 8)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.win.setText(_("Won"))
        self.lose.setText(_("Lost…"))
        self.postpone.setText(_("Postpone…"))
        self.reopen.setText(_("Reopen"))
        for button, name in (
            (self.win, _("Mark as won")), (self.lose, _("Mark as lost…")), (self.postpone, _("Postpone…")),
            (self.reopen, _("Open this deal again")),
        ):  # fmt: skip
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        tight = self.width() < px(_TIGHT)
        self.postpone.setText("" if tight else _("Postpone…"))
        self.postpone.updateGeometry()

    def set_record(self, record: Record) -> None:
        """Show a deal."""
        self._record = record
        self._office.read(
            self, lambda connection: queries.pipelines(connection, archived=True), self._on_pipelines,
            supersede="stages",
        )  # fmt: skip

    def _on_pipelines(self, pipelines: list[Pipeline]) -> None:
        self._pipelines = pipelines
        self._show()

    def _show(self) -> None:
        record = self._record
        if record is None:
            return
        values = record.values
        status = str(values.get("status") or "open")
        stage_id, pipeline_id = _id(values.get("stage_id")), _id(values.get("pipeline_id"))
        pipeline = next((one for one in self._pipelines if one.id == pipeline_id), None)
        stages = [one for one in pipeline.stages if one.outcome == "open"] if pipeline else []
        tone = {"won": "success", "lost": "danger"}.get(status, "accent")
        self.bar.set_stages(stages, stage_id, tone)
        is_open, mine = status == "open", may(self._office, "deal", "edit", record)
        for button in (self.win, self.lose, self.postpone):
            button.setVisible(is_open and mine)
        self.reopen.setVisible(not is_open and mine)
        self.bar.setEnabled(mine)
        self.outcome_icon.setVisible(not is_open)
        self.outcome.setVisible(not is_open)
        self.outcome_icon.set_icon("ph.trophy" if status == "won" else "ph.x-circle", tone)
        self.outcome.setText(_("Won") if status == "won" else _("Lost"))
        self.outcome.set_color(tone)
        self.since.setText(self._since(values, status))

    @staticmethod
    def _since(values: Any, status: str) -> str:
        if status == "open":
            moment = values.get("stage_since")
            days = (clock.now() - moment).days if moment else 0
            return (
                ngettext("here for {n} day", "here for {n} days", days).format(n=days)
                if days > 0
                else _("here since today")
            )
        parts = [formats.format_date(values.get("closed_on"))]
        if status == "lost":
            reason = next((one for one in LOST_REASONS if one.key == values.get("lost_reason")), None)
            parts += [translate(reason.label) if reason else "", str(values.get("competitor") or "")]
        return " · ".join(part for part in parts if part)

    def _do(self, act: Any) -> None:
        if self._record is not None:
            act(self._record.id, self._record.title)

    def _move(self, stage: StageInfo) -> None:
        if self._record is not None:
            seen = _id(self._record.values.get("stage_id"))
            self.deal_actions.move(self._record.id, self._record.title, stage, top=True, seen=seen)


def _id(value: Any) -> int | None:
    found = getattr(value, "id", value)
    return int(found) if found is not None else None
