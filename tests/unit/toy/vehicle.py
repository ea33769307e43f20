"""A record type as somebody would add it: one file, one line, one migration."""

from __future__ import annotations

from crm_desktop.core.fields import Choice
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record


class Vehicle(Record, Base):
    """A van of the office."""

    __tablename__ = "vehicle"
    __table_args__ = {"info": {"entity": True}}

    plate = base.text("Plate", required=True, searchable=True, in_list=True, aliases=("placa", "matricula"))
    fuel = base.choice("Fuel", (Choice("diesel", "Diesel"), Choice("electric", "Electric")), in_list=True)
    bought = base.day("Bought on", in_list=True, aliases=("compra",))
    cost = base.money("Cost", in_list=True, aliases=("custo",))
    company_id = base.link("Company", "company", searchable=True, in_list=True)


VEHICLE = base.entity(
    Vehicle, label="Vehicle", plural="Vehicles", new_label="New vehicle", icon="ph.truck", title_field="plate",
    list_columns=("plate", "fuel", "bought", "cost"), list_sort=("plate", False), key_fields=("plate",),
    sections=(("", "Main"),),
)  # fmt: skip
