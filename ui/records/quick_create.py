"""Making a record from a name only, while another form is being filled in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_
from crm_desktop.records import service
from ui.framework.office import Office


def quick_create(owner: QWidget, office: Office, entity: str, title: str, done: Callable[[int], None]) -> None:
    """Create a record that has only its title; ``done`` gets its id."""
    spec = office.database.schema.entity(entity)
    office.write(
        owner, N_("Create {title}"), lambda uow: service.create_record(uow, entity, {spec.title_field: title}), done,
        params={"title": title},
    )  # fmt: skip
