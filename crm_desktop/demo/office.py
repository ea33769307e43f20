"""The sample office itself: its people, pipelines, products, tags, fields, views and settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import all_of, to_json, where
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.demo.scene import Ids, Scene
from crm_desktop.demo.words import load
from crm_desktop.records.custom import create_custom_field


def set_up_office(uow: UnitOfWork, scene: Scene, ids: Ids) -> None:
    """Write everything that must be there before the first customer; ``scene`` learns the ids."""
    data = load("office")
    ids.move_to(scene.start)
    made: dict[str, Any] = {"created_at": scene.start}

    def insert(entity: str, /, **values: Any) -> int:
        return uow.insert(entity, {"id": ids.next(), **made, **values})

    for key, name, description in data["teams"]:
        scene.teams[key] = insert("team", name=name, description=description)
    for initials, name, login, role, title, team, hue in data["users"]:
        scene.users[initials] = insert(
            "user", name=name, login=login, email=f"{login}@climatupiara.example", role=role, job_title=title,
            team_id=scene.teams[team], active=True, hue=hue, phone=f"+554195550{200 + hue:04d}",
        )  # fmt: skip
        scene.names[scene.users[initials]] = name
    made["created_by"] = scene.users["HP"]
    for position, pipeline in enumerate(data["pipelines"], 1):
        pipeline_id = insert("pipeline", name=pipeline["name"], position=position, currency="BRL", active=True)
        scene.pipelines.append(pipeline_id)
        scene.stages.append([
            (insert("stage", pipeline_id=pipeline_id, name=name, position=place, probability=Decimal(probability),
                    outcome=outcome, rotting_days=days), outcome)
            for place, (name, probability, outcome, days) in enumerate(pipeline["stages"], 1)
        ])  # fmt: skip
    for code, name, category, unit, price, cost in data["products"]:
        product_id = insert("product", code=code, name=name, category=category, unit=unit, price=Decimal(price),
                            cost=Decimal(cost), currency="BRL", active=code != "CHI-60")  # fmt: skip
        scene.products[code] = (product_id, Decimal(price))
    for name, hue in data["tags"]:
        scene.tags[name] = insert("tag", name=name, key=fold(name), hue=hue)
    for key, value in data["office"].items():
        insert("office_setting", key=key, value=value)
    _add_fields(uow, data["contracts"])
    for view in _views():
        insert("saved_view", owner_id=scene.users["HP"], **view)


def _add_fields(uow: UnitOfWork, contracts: list[tuple[str, str, int]]) -> None:
    choices = [{"key": key, "label": label, "hue": hue} for key, label, hue in contracts]
    create_custom_field(uow, "company", "Contrato", Kind.CHOICE, choices=choices, aliases=("plano", "contract"))
    create_custom_field(uow, "case", "Nº de série", Kind.TEXT, aliases=("serie", "serial number"))
    create_custom_field(uow, "case", "Garantia até", Kind.DATE, aliases=("warranty",))


def _views() -> list[dict[str, Any]]:
    """Views of the lists beside those that the program brings along; ``entity`` holds the page."""
    closing = all_of(where("status", "eq", "open"), where("expected_close", "period", "this_month"))
    customers = where("lifecycle", "eq", "customer")
    views: list[tuple[str, str, Any, list[str], list[tuple[str, bool]], dict[str, Any] | None]] = [
        ("contacts", "Clientes por cidade", customers, ["name", "company_id", "open_amount", "last_activity_at"],
         [("name", False)], {"group": ["city", "", False], "totals": {"open_amount": "sum"}, "foot": True}),
        ("leads", "Leads do site", where("source", "eq", "website"),
         ["name", "company_id", "city", "mobile", "created_at"], [("created_at", True)], None),
        ("companies", "Contratos ouro", where("custom.contrato", "eq", "gold"),
         ["name", "city", "phone", "custom.contrato"], [("name", False)], None),
        ("deals", "Fecham neste mês", closing, [], [("expected_close", False)],
         {"group": None, "totals": {"amount": "sum"}, "foot": True}),
    ]  # fmt: skip
    return [
        {"entity": page, "name": name, "scope": "everyone" if i else "private", "position": (i + 1) * 1024,
         "filter": to_json(tree), "columns": [[one, 0] for one in columns], "sort": [list(pair) for pair in sort],
         "layout": layout}
        for i, (page, name, tree, columns, sort, layout) in enumerate(views)
    ]  # fmt: skip
