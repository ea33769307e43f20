"""Cases: what a customer reported, under a protocol number."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.entities import Child
from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record

STATUSES = (
    Choice("new", N_("New"), 1),
    Choice("open", N_("In progress"), 7),
    Choice("waiting", N_("Waiting for the customer"), 4),
    Choice("solved", N_("Solved"), 3),
    Choice("closed", N_("Closed"), 8),
)
TRANSITIONS = {
    "new": ("open", "waiting", "solved", "closed"),
    "open": ("waiting", "solved", "closed"),
    "waiting": ("open", "solved", "closed"),
    "solved": ("open", "closed"),
    "closed": ("open",),
}
"""The allowed changes of status: from each to these. A solved or closed case is reopened to "open"."""

OPEN_STATUSES = ("new", "open", "waiting")
PRIORITIES = (
    Choice("low", N_("Low"), 8),
    Choice("normal", N_("Normal"), 1),
    Choice("high", N_("High"), 5),
    Choice("urgent", N_("Urgent"), 6),
)
CHANNELS = (
    Choice("phone", N_("Phone"), 1),
    Choice("email", N_("E-mail"), 5),
    Choice("messenger", N_("Messenger"), 3),
    Choice("web", N_("Website"), 2),
    Choice("in_person", N_("In person"), 7),
    Choice("letter", N_("Letter"), 8),
)
CATEGORIES = (
    Choice("question", N_("Question")),
    Choice("problem", N_("Problem")),
    Choice("complaint", N_("Complaint")),
    Choice("warranty", N_("Warranty")),
    Choice("request", N_("Request")),
)
MESSAGE_KINDS = (
    Choice("in", N_("From the customer")),
    Choice("out", N_("To the customer")),
    Choice("internal", N_("Internal note")),
)


class Case(Record, Base):
    """A question, problem or complaint of a customer, whatever the channel."""

    __tablename__ = "case_file"
    __table_args__ = (
        sa.UniqueConstraint("number"),
        sa.Index("ix_case_file_queue", "status", "resolve_due"),
        {"info": {"entity": True}},
    )

    number = base.text(N_("Protocol"), searchable=True, in_list=True, section="main", system=True, in_form=False, width=110,
        aliases=("protocol", "protocolo", "case number", "ticket", "ticket id", "numero", "chamado", "ticket_id", "id", "request id"))  # fmt: skip
    subject = base.text(N_("Subject"), required=True, searchable=True, in_list=True, width=260, section="main",
        aliases=("subject", "assunto", "asunto", "title", "titulo", "issue", "description", "ticket_subject", "issue_description"))  # fmt: skip
    company_id = base.link(N_("Company"), "company", searchable=True, in_list=True, section="main", width=180,
        aliases=("company", "account", "empresa", "cliente", "customer"))  # fmt: skip
    contact_id = base.link(N_("Contact"), "contact", searchable=True, in_list=True, section="main", width=160,
        aliases=("contact", "contato", "contacto", "customer name", "customer_name", "related to"))  # fmt: skip
    status = base.choice(N_("Status"), STATUSES, required=True, in_list=True, default="new", section="main",
        aliases=("status", "situacao", "estado"))  # fmt: skip
    priority = base.choice(N_("Priority"), PRIORITIES, required=True, in_list=True, default="normal", section="main",
        aliases=("priority", "prioridade", "prioridad", "urgency"))  # fmt: skip
    channel = base.choice(N_("Channel"), CHANNELS, required=True, default="phone", in_list=True, section="main",
        aliases=("channel", "canal", "origin", "origem", "case origin", "origen"))  # fmt: skip
    category = base.choice(
        N_("Category"), CATEGORIES, section="main", aliases=("category", "categoria", "type", "tipo")
    )
    owner_id = base.user(N_("Owner"), in_list=True, section="main",
        aliases=("owner", "agent", "responsavel", "responsable", "atendente", "case owner", "assigned to", "agent_name", "case owner name"))  # fmt: skip
    team_id = base.link(N_("Team"), "team", section="main")
    product_id = base.link(N_("Product"), "product", section="main", aliases=("product", "produto", "producto"))
    respond_due = base.instant(N_("First response due"), section="main", importable=False)
    resolve_due = base.instant(N_("Solution due"), in_list=True, section="main", importable=False)
    responded_at = base.instant(N_("First response"), in_form=False, importable=False, system=True)
    solved_at = base.instant(N_("Solved"), in_form=False, system=True,
        aliases=("solved", "closed time", "resolution date", "modified time", "data de solucao", "closed at"))  # fmt: skip
    closed_at = base.instant(N_("Closed"), in_form=False, importable=False, system=True)
    waiting_since = base.instant(N_("Waiting since"), in_form=False, importable=False, system=True)
    reopened = base.integer(N_("Times reopened"), in_form=False, importable=False, system=True)
    solution = base.long_text(
        N_("Solution"), searchable=True, section="more", aliases=("solution", "solucao", "solucion", "resolution")
    )
    description = base.long_text(N_("Description"), searchable=True, section="main",
        aliases=("description", "descricao", "descripcion", "details", "detalhes", "message", "mensagem", "mensaje"))  # fmt: skip


class CaseMessage(Record, Base):
    """One message of a case's conversation: from the customer, to the customer, or among us."""

    __tablename__ = "case_message"
    __table_args__ = (sa.Index("ix_case_message_case_id", "case_id", "at"), {"info": {"parent": "case_id"}})

    case_id = base.link(N_("Case"), "case", table="case_file", on_delete="CASCADE", required=True, index=False)
    kind = base.choice(N_("Type"), MESSAGE_KINDS, required=True)
    channel = base.choice(N_("Channel"), CHANNELS)
    author = base.text(N_("Author"))
    author_id = base.user(N_("User"), index=False)
    body = base.long_text(N_("Text"), required=True)
    at = base.instant(N_("Time"), required=True)


MESSAGES = Child("messages", "case_message", "case_id", N_("Conversation"), base.fields_of(CaseMessage), ("body",))

CASE = base.entity(
    Case, name="case", label=N_("Case"), plural=N_("Cases"), new_label=N_("New case"), icon="ph.lifebuoy",
    title_field="subject", subtitle_field="number",
    list_columns=("number", "subject", "company_id", "priority", "status", "resolve_due", "owner_id"),
    list_sort=("created_at", True), key_fields=("number",), children=(MESSAGES,), hue=5,
    sections=(("main", N_("Main")), ("more", N_("More"))),
)  # fmt: skip
ENTITIES = (CASE,)
