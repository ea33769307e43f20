"""The pipelines and stages of an office in memory, and where a deal may stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base


@dataclass(frozen=True)
class StageInfo:
    """A stage as rules and boards see it."""

    id: int
    pipeline_id: int
    name: str
    position: int
    probability: Decimal
    outcome: str
    rotting_days: int | None


@dataclass(frozen=True)
class Plan:
    """Every pipeline (id to currency, active ones first, in order) and every stage in order."""

    pipelines: Mapping[int, str | None]
    stages: Mapping[int, StageInfo]

    def stage(self, stage_id: int) -> StageInfo:
        """The stage with this id.

        Raises:
            FieldError: it is not there.
        """
        found = self.stages.get(stage_id)
        if found is None:
            raise FieldError("stage_id", N_("This stage does not exist any more. Choose another one."))
        return found

    def first(self, pipeline_id: int, outcome: str) -> StageInfo:
        """The first stage of a pipeline with this outcome.

        Raises:
            FieldError: the pipeline has none.
        """
        for stage in self.stages.values():
            if stage.pipeline_id == pipeline_id and stage.outcome == outcome:
                return stage
        sentences = {
            "open": N_("The pipeline has no stage for open deals. Add one in the settings of the pipeline."),
            "won": N_("The pipeline has no stage for won deals. Add one in the settings of the pipeline."),
            "lost": N_("The pipeline has no stage for lost deals. Add one in the settings of the pipeline."),
        }
        raise FieldError("stage_id", sentences[outcome])

    def like(self, pipeline_id: int, stage: StageInfo) -> StageInfo:
        """The stage of another pipeline that has the same name and outcome, else the first with that outcome."""
        for other in self.stages.values():
            same = other.outcome == stage.outcome and fold(other.name) == fold(stage.name)
            if other.pipeline_id == pipeline_id and same:
                return other
        return self.first(pipeline_id, stage.outcome)


def read_plan(connection: sa.Connection) -> Plan:
    """The pipelines and stages that there are."""
    pipeline, stage = Base.metadata.tables["pipeline"], Base.metadata.tables["stage"]
    pipelines = connection.execute(
        sa.select(pipeline.c.id, pipeline.c.currency)
        .order_by(pipeline.c.active.desc(), pipeline.c.position.asc().nulls_last(), pipeline.c.id)
    )  # fmt: skip
    stages = connection.execute(
        sa.select(
            stage.c.id, stage.c.pipeline_id, stage.c.name, stage.c.position, stage.c.probability, stage.c.outcome,
            stage.c.rotting_days,
        ).order_by(stage.c.position, stage.c.id)
    )  # fmt: skip
    return Plan({row.id: row.currency for row in pipelines}, {row.id: StageInfo(*row) for row in stages})
