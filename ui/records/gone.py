"""Says on an open card that its record is not to be seen any more, and why, as far as that may be known."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _
from crm_desktop.records import notice_list
from crm_desktop.records.notice_list import Gone
from ui.framework.office import Office
from ui.widgets.headers import Banner


class GoneBanner(Banner):
    """The line above a card whose record was deleted, or given to somebody else, on another computer."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(kind="warning", icon="ph.eye-slash", parent=parent)
        self._office = office
        self.hide()

    def tell(self, entity: str, record_id: int) -> None:
        """Say what became of a record; at once in short, and more as soon as it is known."""
        database, user = self._office.database, self._office.user_id
        self._show(Gone())
        self.show()

        def read(connection: Any) -> Gone:
            return notice_list.why_gone(database, connection, entity, record_id, user)

        self._office.read(self, read, self._show, lambda _error: None, supersede="gone")

    def _show(self, gone: Gone) -> None:
        self.strong.setText(gone_words(gone))
        self.strong.show()
        self.text.setText(_("What you were writing is still here, to copy."))
        self.setAccessibleName(f"{self.strong.text()} {self.text.text()}")


def gone_words(gone: Gone) -> str:
    """What became of a record, in one sentence."""
    if gone.owner:
        return _("{name} owns this now; you can no longer see it.").format(name=gone.owner)
    if gone.deleted and gone.by:
        return _("{name} deleted this.").format(name=gone.by)
    if gone.deleted:
        return _("This was deleted.")
    return _("This was deleted, or you can no longer see it.")
