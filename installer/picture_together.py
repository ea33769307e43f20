"""Pictures of working together: notices, a colleague on the same card, two who changed the same, a server that is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap

from crm_desktop.core import clock
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import translate
from crm_desktop.db.pulse import Condition
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, bulk_edit, presence, queries, service
from crm_desktop.records.mentions import mention
from ui.framework import tasks
from ui.records.conflict import ConflictDialog, Disputed, Joined, Scrim, Side
from ui.records.shown import label_of

Grab = Callable[..., None]


class _Over:
    """A window with a popup over it, as it is seen on the screen."""

    def __init__(self, window: Any, popup: Any) -> None:
        self._window, self._popup = window, popup

    def grab(self) -> QPixmap:
        """Both in one picture."""
        picture: QPixmap = self._window.grab()
        painter = QPainter(picture)
        painter.drawPixmap(self._popup.pos() - self._window.mapToGlobal(QPoint(0, 0)), self._popup.grab())
        painter.end()
        return picture


def _colleagues(window: Any) -> list[tuple[int, str]]:
    office = window.office
    with office.database.read() as connection:
        users = office.database.schema.table("user")
        rows = connection.execute(users.select().where(users.c.id != office.user_id).order_by(users.c.name)).all()
    return [(row.id, row.name) for row in rows]


def _find(window: Any, entity: str, limit: int, name: str = "") -> list[int]:
    database = window.office.database
    options: dict[str, Any] = {"filter": where("name", "contains", name)} if name else {}
    with database.read() as connection:
        return list(queries.find_ids(database, connection, entity, limit=limit, **options))


def notices(window: Any, grab: Grab) -> None:
    """The bell with its list."""
    office = window.office
    (first, name), (second, other) = _colleagues(window)[:2]
    people = _find(window, "contact", 40)
    [person] = _find(window, "contact", 1, "Marina Queir")
    [deal] = _find(window, "deal", 1)
    with write(office.database, "Give", actor=Actor(first, name)) as uow:
        bulk_edit.update_records(uow, "contact", people, {"owner_id": first})
    with write(office.database, "Give", actor=Actor(first, name)) as uow:
        bulk_edit.update_records(uow, "contact", people, {"owner_id": office.user_id})
        service.update_record(uow, "deal", deal, {"owner_id": first})
    with write(office.database, "Give", actor=Actor(first, name)) as uow:
        service.update_record(uow, "deal", deal, {"owner_id": office.user_id})
    with write(office.database, "Note", actor=Actor(second, other)) as uow:
        named = mention(office.actor.name, office.user_id)
        attach_service.add_note(uow, "contact", person, f"{named} could you call her about the second oven?")
    window.open_page("contacts")
    window.notice_keeper.look()
    for _ in range(5):
        tasks.wait_idle(20)
    window.show_notices()
    for _ in range(5):
        tasks.wait_idle(20)
    panel = window.notice_keeper.panel
    grab("notices", _Over(window, panel))
    panel.close()


def present(window: Any, grab: Grab) -> None:
    """A colleague has the same record open and types in it."""
    office = window.office
    [person] = _find(window, "contact", 1, "Marina Queir")
    for number, (user_id, _name) in enumerate(_colleagues(window)[:2]):
        presence.announce(office.database, user_id, f"picture-{number}", {("contact", person): number == 0}, {})
    window.open_record("contact", person)
    for _ in range(5):
        tasks.wait_idle(20)
    window.current_page.card.presence._keeper._read()
    for _ in range(5):
        tasks.wait_idle(20)
    grab("presence")
    for number in range(2):
        presence.leave(office.database, f"picture-{number}", {("contact", person): False})


def conflict(window: Any, grab: Grab) -> None:
    """Two people changed the same two fields of a customer."""
    office = window.office
    [person] = _find(window, "contact", 1, "Marina Queir")
    window.open_record("contact", person)
    for _ in range(5):
        tasks.wait_idle(20)
    spec = office.database.schema.entity("contact")
    own = (
        ("mobile", "(41) 95550-0142", "(41) 95550-0143", "(41) 95550-0148"),
        ("job_title", "Sócia", "Sócia-gerente", "Sócia administradora"),
    )
    disputed = [Disputed(spec.field(name), *(Side(one, one) for one in sides)) for name, *sides in own]
    joined = [
        Joined(label_of(spec.field("city")), "Curitiba", "Colombo", "Curitiba"),
        Joined(label_of(spec.field("department")), "", "", "Compras"),
    ]
    _id, other = _colleagues(window)[0]
    scrim = Scrim(window)
    dialog = ConflictDialog(
        window, translate(spec.label).lower(), "Marina Queirós", office.actor.name, other, disputed, joined,
        clock.now() - timedelta(minutes=4),
    )  # fmt: skip
    dialog.show()
    dialog.move(window.mapToGlobal(window.rect().center()) - dialog.rect().center())
    grab("conflict", _Over(window, dialog))
    dialog.close()
    dialog.deleteLater()
    scrim.deleteLater()


def connection_lost(window: Any, grab: Grab) -> None:
    """The server does not answer: what is shown stays, and one line says so."""
    window.open_page("contacts")
    for _ in range(5):
        tasks.wait_idle(20)
    keeper = window.connection_keeper
    keeper._condition = Condition("lost", clock.now() - timedelta(minutes=2), None, time.monotonic() + 5.4)
    keeper.show()
    keeper._show_status(0)
    grab("connection-lost")
    keeper._condition = Condition()
    keeper.show()
