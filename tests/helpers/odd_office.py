"""An office with everything that could get lost on the way out and in again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crm_desktop.core.fields import Kind
from crm_desktop.core.ids import generator
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, custom, service

ACTOR = Actor(None, "Test")
CHOICES = [
    {"key": "a", "label": "A+", "hue": 1},
    {"key": "b", "label": "A-", "hue": 2},
    {"key": "c", "label": "Über; alles", "hue": 3},
]
ODD = '=SUM(A1:A9) "quoted", semicolon; 🐻 line\nbreak, tab?'
ENTITIES = ("company", "contact", "product", "deal", "case", "activity")


def make_fields(database: Database) -> None:
    """Own fields of every kind for every record type."""
    with write(database, "Fields", actor=ACTOR) as uow:
        for entity in ENTITIES:
            for label, kind, more in (
                ("Cor favorita", Kind.TEXT, {}), ("História", Kind.LONG_TEXT, {}), ("Litros", Kind.NUMBER, {}),
                ("Filhos", Kind.INTEGER, {}), ("Taxa", Kind.PERCENT, {}), ("Bônus", Kind.MONEY, {}), ("Vistoria", Kind.DATE, {}),
                ("Visto em", Kind.DATETIME, {}), ("Assinou", Kind.BOOL, {}), ("Nota", Kind.CHOICE, {"choices": CHOICES}),
                ("Notas dadas", Kind.CHOICES, {"choices": CHOICES}), ("Phone 2", Kind.PHONE, {}), ("Outro site", Kind.URL, {}),
                ("Parceiro", Kind.LINK, {"target": "company"}), ("Changed", Kind.TEXT, {}), ("País de origem", Kind.COUNTRY, {}),
            ):  # fmt: skip
                custom.create_custom_field(uow, entity, label, kind, **more)


OWN: dict[str, Any] = {
    "custom.cor_favorita": "'=1+1", "custom.historia": ODD, "custom.litros": Decimal("1234.567"), "custom.filhos": 12345,
    "custom.taxa": Decimal("12.5"), "custom.bonus": Decimal("0.1"), "custom.vistoria": date(1899, 2, 3),
    "custom.visto_em": datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC), "custom.assinou": True, "custom.nota": "b",
    "custom.notas_dadas": ["a", "c"], "custom.phone_2": "+5541955500142", "custom.outro_site": "https://ódd.example/a?b=c;d",
    "custom.changed": "00123", "custom.pais_de_origem": "NA",
}  # fmt: skip


def make_odd(database: Database) -> None:
    """Records with odd values in every field."""
    make_fields(database)
    with write(database, "Odd", actor=ACTOR) as uow:
        company = service.create_record(
            uow, "company", {**OWN, "name": "Ácme, Ltda; “Sul”", "number": "007", "tax_id": None}
        )
        twin = service.create_record(uow, "company", {"name": "Ácme, Ltda; “Sul”", "number": "008"})
        points = [{"kind": "phone", "label": label, "value": f"+55419555001{n:02d}"} for n, label in
                  enumerate(("mobile", "work", "home", "fax", "other", None, "mobile"))]  # fmt: skip
        points += [{"kind": "email", "label": "work", "value": f"ana{n}@acme.example"} for n in range(4)]
        points += [{"kind": "web", "value": "https://acme.example"}, {"kind": "messenger", "label": "work", "value": "@ana;b"},
                   {"kind": "social", "value": "instagram.com/ana"}]  # fmt: skip
        addresses = [
            {"label": label, "street": f"Rua {n}, nº {n}", "street2": "Sala; 3", "district": "Centro", "city": "Lages",
             "region": "SC", "postcode": "01000-00" + str(n), "country": "BR"}
            for n, label in enumerate(("work", "billing", "delivery", "home"))
        ]  # fmt: skip
        ana = service.create_record(
            uow, "contact", {**OWN, "name": "Ana Ñandú", "company_id": twin, "custom.parceiro": company, "number": "0001",
                             "notes": ODD + "\n" + "palavra " * 3000, "lifecycle": "lead"},
            children={"points": points, "addresses": addresses},
        )  # fmt: skip
        service.create_record(uow, "contact", {"name": "Ana Ñandú", "company_id": company})
        attach_service.tag_records(uow, "contact", [ana], "=tag")
        uow.insert(
            "identifier",
            {"id": generator.next(), "owner_id": ana, "kind": "passport", "value": "AB;1\\2", "country": "BR"},
        )
        uow.insert("consent", {
            "id": generator.next(), "owner_id": ana, "purpose": "newsletter", "channel": "email", "state": "given",
            "wording": ODD, "at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        })  # fmt: skip
        product = service.create_record(
            uow, "product", {**OWN, "name": "-10% off", "code": "00042", "price": Decimal("1234.567")}
        )
        deal = service.create_record(uow, "deal", {**OWN, "name": "@deal", "company_id": twin, "contact_id": ana,
                                                   "product_id": product, "amount": Decimal("99999999.9999"), "probability": Decimal("33.3333")})  # fmt: skip
        for name in ("cliente, especial", "a; b"):
            attach_service.tag_records(uow, "deal", [deal], name)
        service.create_record(uow, "case", {**OWN, "subject": "+41 caso", "company_id": company, "description": ODD})
        series = service.create_record(
            uow, "activity", {**OWN, "subject": "Reunião semanal", "kind": "meeting", "starts": datetime(2026, 3, 2, 9),
                              "ends": datetime(2026, 3, 2, 10), "zone": "America/Sao_Paulo", "rrule": "FREQ=WEEKLY;BYDAY=MO", "reminder_minutes": 15},
            children={"links": [{"entity": "contact", "record_id": ana}, {"entity": "company", "record_id": company},
                                {"entity": "company", "record_id": twin}]},
        )  # fmt: skip
        uow.update("activity", series, {"exdates": ["2026-03-16T09:00:00"]})
        service.create_record(uow, "activity", {
            "subject": "Reunião movida", "kind": "meeting", "starts": datetime(2026, 3, 10, 9), "ends": datetime(2026, 3, 10, 10),
            "zone": "America/Sao_Paulo", "series_id": series, "recurrence_id": datetime(2026, 3, 9, 9),
        })  # fmt: skip
        service.create_record(uow, "activity", {"subject": "Dia inteiro", "kind": "meeting", "starts": datetime(2026, 4, 1),
                                                "all_day": True, "zone": "America/Sao_Paulo"})  # fmt: skip
        service.create_record(
            uow, "activity", {"subject": "Tarefa", "due": date(2026, 5, 1), "due_time": "14:30", "status": "planned"}
        )
