"""Pipelines and their stages."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record

OUTCOMES = (Choice("open", N_("Open"), 1), Choice("won", N_("Won"), 3), Choice("lost", N_("Lost"), 6))


class Pipeline(Record, Base):
    """A way of selling with its own stages."""

    __tablename__ = "pipeline"
    __table_args__ = {"info": {"rights": "settings", "entity": True}}

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True)
    position = base.integer(N_("Position"))
    currency = base.of_kind(Kind.CURRENCY, N_("Currency"))
    active = base.flag(N_("Active"), default=True)


class Stage(Record, Base):
    """A stage of a pipeline. A deal that is won or lost stands in a stage whose outcome says so."""

    __tablename__ = "stage"
    __table_args__ = (
        sa.Index("ix_stage_pipeline_position", "pipeline_id", "position"),
        {"info": {"rights": "settings", "entity": True}},
    )

    pipeline_id = base.link(N_("Pipeline"), "pipeline", on_delete="RESTRICT", required=True, index=False)
    name = base.text(N_("Name"), required=True, in_list=True)
    position = base.integer(N_("Position"), required=True, in_list=True)
    probability = base.percent(N_("Probability"), required=True, in_list=True)
    outcome = base.choice(N_("Outcome"), OUTCOMES, required=True, default="open")
    rotting_days = base.integer(N_("Days until a deal counts as stalled"), in_list=True)


PIPELINE = base.entity(
    Pipeline, label=N_("Pipeline"), plural=N_("Pipelines"), new_label=N_("New pipeline"), icon="ph.columns",
    title_field="name", list_columns=("name", "active"), list_sort=("position", False), key_fields=("name",),
    searchable=False, importable=False, listed=False,
)  # fmt: skip
STAGE = base.entity(
    Stage, label=N_("Stage"), plural=N_("Stages"), new_label=N_("New stage"), icon="ph.columns",
    title_field="name", list_columns=("name", "position", "probability", "rotting_days"), list_sort=("position", False),
    key_fields=("name",), searchable=False, importable=False, listed=False,
)  # fmt: skip
