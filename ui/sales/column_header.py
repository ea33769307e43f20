"""The header of a column: name, count, sums, and the probability as a bar."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.sales.queries import BoardColumn, Card
from ui.sales.words import all_amounts, deals, money
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.badges import badge_size, paint_badge
from ui.widgets.themed import fixed_height


class ColumnHeader(QWidget):
    """Name, number of deals, probability, sum, weighted sum, and the probability as a bar; painted, 70 high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column: BoardColumn | None = None
        self.plus: Card | None = None
        fixed_height(self, 70)

    def show_column(self, column: BoardColumn) -> None:
        """Show the figures of a column."""
        self._column = column
        self.setAccessibleName(self.words())
        self.setToolTip(_tip(column))
        self.update()

    def set_plus(self, card: Card | None) -> None:
        """Announce what a card that hangs over the column would add."""
        self.plus = card
        self.update()

    def words(self) -> str:
        """The header as a screen reader reads it."""
        column = self._column
        if column is None:
            return ""
        worth = all_amounts(column.amounts) or money(Decimal(0), column.currency)
        return ", ".join((column.stage.name, deals(column.count), worth))

    def paintEvent(self, event: QPaintEvent) -> None:
        column = self._column
        if column is None:
            return
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        first = QRect(px(12), px(10), self.width() - px(24), px(20))
        self._paint_first(painter, first, column)
        self._paint_sums(painter, QRect(first.left(), first.bottom() + 1 + px(2), first.width(), px(20)), column)
        track = QRectF(first.left(), px(58), first.width(), px(4))
        fill_round(painter, track, px(2), "hover")
        share = track.width() * float(Decimal(str(column.stage.probability))) / 100
        if share:
            bar = QRectF(track.left(), track.top(), max(share, track.height()), track.height()).toRect()
            fill_round(painter, mirrored(bar, track.toRect(), self.layoutDirection()), px(2), "accent")

    def _at_start(self, line: QRect, offset: int, width: int, height: int = 0) -> QRect:
        """A box ``offset`` after the start of a line, in its middle."""
        height = height or line.height()
        box = QRect(line.left() + offset, line.top() + (line.height() - height + 1) // 2, width, height)
        return mirrored(box, line, self.layoutDirection())

    def _at_end(self, line: QRect, width: int, height: int = 0) -> QRect:
        """A box at the end of a line, in its middle."""
        return self._at_start(line, line.width() - width, width, height)

    def _paint_first(self, painter: QPainter, line: QRect, column: BoardColumn) -> None:
        plus = self.plus
        if plus is not None and plus.stage_id != column.stage.id:
            text = "+ " + (money(plus.amount, plus.currency) if plus.amount is not None else deals(1))
            size = badge_size(text)
            used = size.width()
            paint_badge(painter, QRectF(self._at_end(line, used, size.height())), text, "solid")
        else:
            text = formats.format_percent(Decimal(str(column.stage.probability)))
            used = text_width(text, "secondary") + 1
            draw_text(painter, self._at_end(line, used), text, "secondary", "text-muted", elide=False)
        count = formats.format_integer(column.count)
        badge = badge_size(count)
        room = line.width() - used - badge.width() - px(16)
        width = min(text_width(column.stage.name, "strong") + 1, max(room, px(24)))
        draw_text(painter, self._at_start(line, 0, width), column.stage.name, "strong")
        paint_badge(painter, QRectF(self._at_start(line, width + px(8), badge.width(), badge.height())), count)

    def _paint_sums(self, painter: QPainter, line: QRect, column: BoardColumn) -> None:
        total = money(column.total, column.currency) + (" +" if len(column.amounts) > 1 else "")
        width = text_width(total, "strong") + 1
        draw_text(painter, self._at_start(line, 0, width), total, "strong")
        figure = formats.format_number(column.weighted, 0)
        room = line.width() - width - px(6)
        texts = (_("wtd. {amount}").format(amount=figure), figure)
        text = next((one for one in texts if text_width(one, "secondary") < room), "")
        if text:
            used = text_width(text, "secondary") + 1
            draw_text(painter, self._at_end(line, used), text, "secondary", "text-muted", elide=False)


def _tip(column: BoardColumn) -> str:
    lines = [column.stage.name, deals(column.count)]
    lines += [
        _("{total}, weighted {weighted}").format(
            total=money(one.total, one.currency), weighted=money(one.weighted, one.currency)
        )
        for one in column.amounts
    ]
    if column.stage.rotting_days:
        lines.append(_("Stalled after {n} days").format(n=column.stage.rotting_days))
    return "\n".join(lines)
