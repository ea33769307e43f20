"""What the deals that are shown are worth, at the end of the page's header."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.sales.amounts import Amount
from ui.sales.words import all_amounts, money
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
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for widget in (self.count, self.total, self.word, self.weighted):
            row.addWidget(widget)
        margins(self, 0, 0, 0, 0, 8)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """It never widens the window: :meth:`fit` hides what has no room."""
        return QSize(0, super().minimumSizeHint().height())

    def show_amounts(self, count: str, amounts: Sequence[Amount], currency: str) -> None:
        """Show how many deals, and the sums in the first currency; those in others stand in the tooltip."""
        first = amounts[0] if amounts else Amount(currency, 0, Decimal(0), Decimal(0))
        more = " +" if len(amounts) > 1 else ""
        self.count.setText(count)
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


def joined(amounts: Sequence[Amount]) -> tuple[Amount, ...]:
    """Sums of the same currency added up, the one with the most deals first."""
    found: dict[str, Amount] = {}
    for one in amounts:
        known = found.get(one.currency, Amount(one.currency, 0, Decimal(0), Decimal(0)))
        found[one.currency] = Amount(
            one.currency, known.count + one.count, known.total + one.total, known.weighted + one.weighted
        )
    return tuple(sorted(found.values(), key=lambda one: (-one.count, one.currency)))
