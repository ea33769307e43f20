"""What the deals that are shown are worth, at the end of the page's header."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.sales.amounts import Amount
from ui.sales.words import all_amounts, money, open_deals
from ui.theme.theme import px
from ui.widgets.labels import Label
from ui.widgets.themed import margins


class Totals(QWidget):
    """Count, sum and weighted sum. Words go first, then the count, where there is too little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = Label("", "secondary", "text-muted")
        self.total = Label("", "section")
        self.word = Label("", "secondary", "text-muted")
        self.weighted = Label("", "section", "accent")
        row = QHBoxLayout(self)
        for widget in (self.count, self.total, self.word, self.weighted):
            row.addWidget(widget)
        margins(self, 0, 0, 0, 0, 8)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_amounts(self, count: int, amounts: Sequence[Amount], currency: str) -> None:
        """Show the sums in the main currency; those in others stand in the tooltip."""
        first = amounts[0] if amounts else Amount(currency, 0, Decimal(0), Decimal(0))
        more = " +" if len(amounts) > 1 else ""
        self.count.setText(open_deals(count))
        self.total.setText(money(first.total, first.currency) + more)
        self.word.setText(_("weighted"))
        self.weighted.setText(money(first.weighted, first.currency) + more)
        weighted = " + ".join(money(one.weighted, one.currency) for one in amounts)
        tip = _("{total}, weighted {weighted}").format(total=all_amounts(amounts), weighted=weighted) if amounts else ""
        self.setToolTip(tip)
        self.setAccessibleName(f"{self.count.text()}, {tip}" if tip else self.count.text())

    def fit(self, room: int) -> None:
        """Show as much as fits into ``room`` logical pixels."""
        parts = [(self.total, 0), (self.weighted, 0), (self.count, 1), (self.word, 2)]
        widths = {widget: widget.sizeHint().width() + px(8) for widget, _rank in parts}
        for most in (2, 1, 0):
            if sum(widths[widget] for widget, rank in parts if rank <= most) <= room:
                break
        else:
            most = -1
        for widget, rank in parts:
            widget.setVisible(rank <= most or (most < 0 and widget is self.total and widths[widget] <= room))
