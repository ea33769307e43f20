"""The form of a new deal: the pipeline and its first stage are filled in already."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.sales import queries
from crm_desktop.sales.queries import Pipeline
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.record_dialog import open_new
from ui.sales.pipeline_page import PipelinePage


def new_deal(office: Office, navigator: Navigator, parent: QWidget, values: dict[str, Any]) -> None:
    """Open the form of a new deal with what is known already."""
    office.read(parent, queries.pipelines, lambda found: _open(office, navigator, parent, values, found))


def _open(
    office: Office, navigator: Navigator, parent: QWidget, values: dict[str, Any], pipelines: list[Pipeline]
) -> None:
    def saved(deal_id: int) -> None:
        page = getattr(navigator, "current_page", None)
        if isinstance(page, PipelinePage):
            page.show_new(deal_id)
        else:
            navigator.open_record("deal", deal_id)

    dialog = open_new(office, navigator, parent, "deal", values, saved)
    if not dialog.restored.isHidden():
        return
    start: dict[str, Any] = {**_place(values, pipelines), **values}
    if office.user_id is not None:
        start.setdefault("owner_id", (office.user_id, office.actor.name))
    dialog.form.set_values(start)
    dialog.form.focus_first()


def _place(values: dict[str, Any], pipelines: list[Pipeline]) -> dict[str, Any]:
    """The pipeline given, else the one that was looked at last, with its first stage and currency."""
    given = values.get("pipeline_id")
    wanted = given[0] if isinstance(given, tuple) else given or settings.remembered_value("pipeline.chosen")
    usable = [one for one in pipelines if any(stage.outcome == "open" for stage in one.stages)]
    pipeline = next((one for one in usable if one.id == wanted), usable[0] if usable else None)
    if pipeline is None:
        return {}
    stage = next(one for one in pipeline.stages if one.outcome == "open")
    return {
        "pipeline_id": (pipeline.id, pipeline.name), "stage_id": (stage.id, stage.name), "currency": pipeline.currency,
    }  # fmt: skip
