"""What other programs call a record: read for its card, and removed there."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records.record_ids import PROGRAM

_TITLES = {
    PROGRAM: "CRM Desktop", "hubspot": "HubSpot", "linkedin": "LinkedIn", "google_contacts": "Google Contacts",
    "rd_station": "RD Station", "piperun": "PipeRun", "act": "Act!", "goldmine": "GoldMine", "sugarcrm": "SugarCRM",
    "suitecrm": "SuiteCRM", "erp": "ERP", "crm": "CRM", "erp_brasil": "ERP", "sap": "SAP", "dynamics": "Microsoft Dynamics 365",
}  # fmt: skip
"""Programs whose key does not say how they write themselves."""


@dataclass(frozen=True)
class ExternalId:
    """The id of a record in another program; ``source`` names the program, "" where it is not known."""

    id: int
    source: str
    value: str

    @property
    def program(self) -> str:
        """What people call the program; "" where it is not known."""
        return _TITLES.get(self.source) or (
            self.source.replace("_", " ").title() if self.source.islower() else self.source
        )


def external_ids_of(connection: sa.Connection, record_id: int) -> list[ExternalId]:
    """The ids of a record in other programs, by program."""
    table = Base.metadata.tables["external_id"]
    statement = sa.select(table.c.id, table.c.source, table.c.value).where(table.c.record_id == record_id)
    return [ExternalId(*row) for row in connection.execute(statement.order_by(table.c.source, table.c.value))]


def delete_external_id(uow: UnitOfWork, identity: int) -> None:
    """Forget an id: files of that program no longer find the record by it."""
    uow.delete("external_id", [identity])
