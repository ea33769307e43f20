"""Activities: tasks, calls, meetings, visits and e-mails, linked to any number of records."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.entities import Child
from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record, Row
from crm_desktop.db.types import Instant, JsonType

KINDS = (
    Choice("task", N_("Task"), 8),
    Choice("call", N_("Call"), 1),
    Choice("meeting", N_("Meeting"), 7),
    Choice("visit", N_("Visit"), 2),
    Choice("email", N_("E-mail"), 5),
)
STATUSES = (
    Choice("planned", N_("Planned"), 1),
    Choice("done", N_("Done"), 3),
    Choice("cancelled", N_("Cancelled"), 8),
)
PRIORITIES = (Choice("low", N_("Low"), 8), Choice("normal", N_("Normal"), 1), Choice("high", N_("High"), 6))
OUTCOMES = (
    Choice("reached", N_("Reached")),
    Choice("no_answer", N_("No answer")),
    Choice("left_message", N_("Left a message")),
    Choice("interested", N_("Interested")),
    Choice("not_interested", N_("Not interested")),
    Choice("rescheduled", N_("Rescheduled")),
)
DIRECTIONS = (Choice("out", N_("Outgoing")), Choice("in", N_("Incoming")))


class Activity(Record, Base):
    """Something to do or done.

    A task has ``due`` (a day) and maybe ``due_time``; an appointment has ``starts`` and ``ends`` as local wall
    time with the IANA ``zone``, and ``starts_at``/``ends_at`` as the instants of the first occurrence, for sorting.
    A series has an RFC 5545 ``rrule`` and ``exdates``; an occurrence that was moved is an activity of its own with
    ``series_id`` and ``recurrence_id`` (the wall time it had in the series).
    """

    __tablename__ = "activity"
    __table_args__ = (
        sa.Index("ix_activity_starts_at", "starts_at"),
        sa.Index("ix_activity_due", "due", "status"),
        sa.Index("ix_activity_owner_status", "owner_id", "status"),
        # the calendar and the reminders read every series: few among very many activities
        base.partial_index("ix_activity_series", "starts_at", sa.text("rrule IS NOT NULL")),
        # the card of a customer with very many activities looks at what is planned
        base.partial_index("ix_activity_planned", "id", sa.text("status = 'planned'")),
        {"info": {"entity": True, "along": "series_id"}},
    )

    subject = base.text(N_("Subject"), required=True, searchable=True, in_list=True, width=260, section="main",
        aliases=("subject", "title", "assunto", "titulo", "asunto", "task", "tarefa", "tarea", "event", "evento", "summary", "resumo"))  # fmt: skip
    kind = base.choice(N_("Type"), KINDS, required=True, in_list=True, default="task", section="main",
        aliases=("type", "tipo", "activity type", "kind", "call type"))  # fmt: skip
    status = base.choice(N_("Status"), STATUSES, required=True, in_list=True, default="planned", section="main",
        aliases=("status", "situacao", "estado"))  # fmt: skip
    priority = base.choice(N_("Priority"), PRIORITIES, section="main", default="normal",
        aliases=("priority", "prioridade", "prioridad"))  # fmt: skip
    due = base.day(N_("Due"), in_list=True, section="main",
        aliases=("due", "due date", "vencimento", "prazo", "vencimiento", "fecha limite", "data limite"))  # fmt: skip
    due_time = base.text(N_("Time"), in_form=False)
    starts = base.wall_time(N_("Starts"), in_list=True, section="main",
        aliases=("start", "starts", "start time", "start date", "inicio", "data de inicio", "call start time", "start_date"))  # fmt: skip
    ends = base.wall_time(
        N_("Ends"), section="main", aliases=("end", "ends", "end time", "end date", "fim", "termino", "fin", "end_date")
    )
    zone = base.of_kind(Kind.TIMEZONE, N_("Time zone"), section="main", aliases=("time zone", "fuso", "zona horaria"))
    all_day = base.flag(
        N_("All day"), section="main", aliases=("all day", "all day event", "dia inteiro", "todo el dia")
    )
    starts_at = base.instant(N_("Start (instant)"), in_form=False, importable=False, system=True)
    ends_at = base.instant(N_("End (instant)"), in_form=False, importable=False, system=True)
    rrule = base.text(N_("Repeats"), in_form=False, aliases=("rrule", "recurrence", "recorrencia"))
    exdates = sa.Column(JsonType)
    series_id = base.link(N_("Series"), "activity", in_form=False, importable=False)
    recurrence_id = base.wall_time(N_("Occurrence"), in_form=False, importable=False)
    reminder_minutes = base.integer(N_("Reminder (minutes before)"), section="main")
    place = base.text(
        N_("Place"), searchable=True, section="main", aliases=("location", "place", "local", "lugar", "ubicacion")
    )
    owner_id = base.user(N_("Owner"), in_list=True, section="main", index=False,
        aliases=("owner", "responsavel", "responsable", "assigned to", "task owner", "call owner", "vendedor", "task owner name", "call owner name"))  # fmt: skip
    direction = base.choice(N_("Direction"), DIRECTIONS, section="more")
    duration = base.integer(
        N_("Duration (seconds)"),
        section="more",
        aliases=("duration", "duracao", "duracion", "call duration (in seconds)"),
    )
    outcome = base.choice(
        N_("Outcome"), OUTCOMES, in_list=True, section="more", aliases=("outcome", "result", "resultado", "call result")
    )
    done_at = base.instant(N_("Done"), in_list=True, in_form=False, importable=False, index=True)
    description = base.long_text(N_("Description"), searchable=True, section="main",
        aliases=("description", "notes", "descricao", "descripcion", "observacoes", "body"))  # fmt: skip
    uid = base.text(N_("Calendar UID"), in_form=False, aliases=("uid",), index=True)


class ActivityLink(Row, Base):
    """An activity belongs to a record: contact, company, deal or case.

    ``activity_at`` repeats when the activity was done (planned ones: made), so that an index serves timelines. Every
    unit of work keeps it (``times.refresh_link_times``).
    """

    __tablename__ = "activity_link"
    __table_args__ = (
        sa.Index("ix_activity_link_time", "record_id", "activity_at", "activity_id"),
        {
            "info": {
                "parent": "activity_id",
                "refers": "record_id",
                "plural": N_("Activities"),
                "same": ("activity_id", "record_id"),
            }
        },
    )

    activity_id = base.link(N_("Activity"), "activity", on_delete="CASCADE", required=True)
    entity = base.text(N_("Record type"), required=True)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    role = base.text(N_("Role"))
    activity_at = sa.Column(Instant, nullable=False, server_default="1970-01-01T00:00:00.000Z")


LINKS = Child("links", "activity_link", "activity_id", N_("Belongs to"), base.fields_of(ActivityLink))

ACTIVITY = base.entity(
    Activity, label=N_("Activity"), plural=N_("Activities"), new_label=N_("New activity"), icon="ph.calendar-check",
    title_field="subject", subtitle_field="kind", list_columns=("subject", "kind", "status", "due", "starts", "owner_id"),
    list_sort=("created_at", True), key_fields=("uid", "subject"), children=(LINKS,), hue=7,
    sections=(("main", N_("Main")), ("more", N_("More"))),
)  # fmt: skip
ENTITIES = (ACTIVITY,)
