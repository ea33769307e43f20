"""Deals: opportunities on their way through a pipeline."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.contacts.choices import SOURCES
from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record
from crm_desktop.sales.pipeline import OUTCOMES, PIPELINE, STAGE
from crm_desktop.sales.product import PRODUCT

LOST_REASONS = (
    Choice("price", N_("Price")),
    Choice("competitor", N_("Competitor")),
    Choice("timing", N_("Timing")),
    Choice("no_budget", N_("No budget")),
    Choice("no_answer", N_("No answer")),
    Choice("no_need", N_("No need")),
    Choice("other", N_("Other")),
)


class Deal(Record, Base):
    """An opportunity. ``status`` follows the stage's outcome; ``stage_since`` and ``last_activity_at`` tell stalled deals."""

    __tablename__ = "deal"
    __table_args__ = (
        sa.Index("ix_deal_board", "pipeline_id", "status", "stage_id"),
        sa.Index("ix_deal_expected_close", "expected_close"),
        sa.Index("ix_deal_closed_on", "closed_on"),
        {"info": {"entity": True}},
    )

    name = base.text(N_("Deal"), required=True, searchable=True, in_list=True, width=230, section="main",
        aliases=("deal name", "deal", "opportunity", "opportunity name", "oportunidade", "negocio", "oportunidad", "titulo", "opportunity_id", "nome", "assunto"))  # fmt: skip
    company_id = base.link(N_("Company"), "company", searchable=True, in_list=True, section="main", width=190,
        aliases=("company", "account", "account name", "empresa", "cliente", "organization", "organizacao"))  # fmt: skip
    contact_id = base.link(N_("Contact"), "contact", searchable=True, in_list=True, section="main", width=160,
        aliases=("contact", "contact name", "contato", "contacto", "person"))  # fmt: skip
    pipeline_id = base.link(N_("Pipeline"), "pipeline", on_delete="RESTRICT", required=True, section="main", index=False,
        aliases=("pipeline", "funil", "embudo"))  # fmt: skip
    stage_id = base.link(N_("Stage"), "stage", on_delete="RESTRICT", required=True, in_list=True, section="main",
        aliases=("stage", "deal stage", "deal_stage", "etapa", "fase", "estagio"))  # fmt: skip
    status = base.choice(N_("Status"), OUTCOMES, required=True, in_list=True, default="open", section="main", in_form=False,
        aliases=("status", "situacao", "estado"))  # fmt: skip
    amount = base.money(N_("Amount"), in_list=True, section="main",
        aliases=("amount", "value", "close value", "close_value", "valor", "deal value", "importe", "monto", "total", "expected revenue"))  # fmt: skip
    currency = base.of_kind(Kind.CURRENCY, N_("Currency"), section="main", aliases=("currency", "moeda", "moneda"))
    probability = base.percent(N_("Probability"), in_list=True, section="main",
        help=N_("Empty: the stage's own probability counts."), aliases=("probability", "probabilidade", "probabilidad"))  # fmt: skip
    expected_close = base.day(N_("Expected close"), in_list=True, section="main",
        aliases=("expected close", "close date", "closing date", "previsao", "previsao de fechamento", "fecha de cierre", "data prevista", "expected close date"))  # fmt: skip
    product_id = base.link(
        N_("Product"), "product", searchable=True, section="main", aliases=("product", "produto", "producto")
    )
    source = base.choice(N_("Source"), SOURCES, section="more", aliases=("source", "lead source", "origem", "origen"))
    owner_id = base.user(N_("Owner"), in_list=True, section="main",
        aliases=("owner", "sales agent", "sales_agent", "vendedor", "responsavel", "responsable", "deal owner", "comercial", "agente"))  # fmt: skip
    opened_on = base.day(N_("Opened on"), section="more",
        aliases=("opened on", "engage date", "engage_date", "abertura", "data de abertura", "fecha de apertura", "create date"))  # fmt: skip
    closed_on = base.day(N_("Closed on"), section="more", in_list=True,
        aliases=("closed on", "closed date", "close_date", "data de fechamento", "fechamento", "fecha de cierre real", "won date"))  # fmt: skip
    lost_reason = base.choice(N_("Lost reason"), LOST_REASONS, section="more",
        aliases=("lost reason", "motivo", "motivo da perda", "motivo de perdida"))  # fmt: skip
    competitor = base.text(N_("Competitor"), section="more", aliases=("competitor", "concorrente", "competidor"))
    next_step = base.text(N_("Next step"), section="main", aliases=("next step", "proximo passo", "siguiente paso"))
    stage_since = base.instant(N_("In this stage since"), in_form=False, importable=False, system=True)
    last_activity_at = base.instant(N_("Last contact"), in_form=False, importable=False, system=True)
    position = base.integer(N_("Position"), in_form=False, importable=False, system=True)
    number = base.text(N_("Number"), searchable=True, section="more", index=True,
        aliases=("deal id", "deal number", "numero", "id", "opportunity_id", "codigo"))  # fmt: skip
    description = base.long_text(N_("Description"), searchable=True, section="more",
        aliases=("description", "descricao", "descripcion", "notes", "observacoes", "notas"))  # fmt: skip


DEAL = base.entity(
    Deal, label=N_("Deal"), plural=N_("Deals"), new_label=N_("New deal"), icon="ph.columns",
    title_field="name", subtitle_field="company_id",
    list_columns=("name", "company_id", "stage_id", "amount", "expected_close", "owner_id", "status"),
    list_sort=("expected_close", False), key_fields=("number", "name"), hue=4,
    sections=(("main", N_("Main")), ("more", N_("More"))),
)  # fmt: skip
ENTITIES = (PIPELINE, STAGE, PRODUCT, DEAL)
