"""What is special about the lists and cards of contacts, leads and companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.contacts import consents, planned, relations_queries
from crm_desktop.core.filters import all_of, any_of, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.records.queries import Record
from ui.contacts.consent_tab import ConsentTab
from ui.contacts.matters import matters_of, step_of
from ui.contacts.relation_lines import person_words
from ui.contacts.relations_tab import RelationsTab
from ui.contacts.timeline import read_beside, read_timeline
from ui.records.duplicate_commands import FIND_DUPLICATES, find_duplicates
from ui.records.kit import CardKit, CardTab, ListKit, NextStep, QuickAction, Related
from ui.records.merge_commands import MERGE_WITH, merge_many
from ui.records.unmerge_dialog import UNMERGE


def next_step(_database: Any, connection: Any, record_id: int) -> NextStep | None:
    """The next activity that is planned with a record."""
    return step_of(planned.next_activity(connection, record_id))


def _of_contact(record_id: int, title: str) -> dict[str, Any]:
    return {"contact_id": (record_id, title)}


def _of_company(record_id: int, title: str) -> dict[str, Any]:
    return {"company_id": (record_id, title)}


def _activity_of(entity: str, kind: str = "meeting") -> Any:
    return lambda record_id, title: {"kind": kind, "links": [(entity, record_id, title)]}


_DEAL_COLUMNS = ("amount", "status", "stage_id", "expected_close")
_CASE_COLUMNS = ("number", "status", "created_at")
_ACTIVITY_COLUMNS = ("kind", "status", "owner_id", "due", "starts")
_PEOPLE_COLUMNS = ("job_title", "mobile", "email")


def _activities(_database: Any, connection: Any, record_id: int) -> Sequence[int]:
    return planned.activities_of(connection, record_id)


def _people(_database: Any, connection: Any, record_id: int) -> Sequence[int]:
    found = relations_queries.people_of(connection, record_id)
    return list(dict.fromkeys(one.contact_id for one in found))


def _people_of_branches(_database: Any, connection: Any, record_id: int) -> Sequence[int]:
    found = relations_queries.people_of(connection, record_id, branches=True)
    return list(dict.fromkeys(one.contact_id for one in found))


def _people_told(_database: Any, connection: Any, ids: Sequence[int], record_id: int) -> Mapping[int, tuple[str, bool]]:
    """Role, period and branch of those whose main company is another one; former ones are muted."""
    return person_words(relations_queries.people_of(connection, record_id, branches=True), ids)


def _consents(connection: Any, _entity: str, record_id: int) -> int:
    return consents.count_of(connection, record_id)


_RELATIONS = CardTab("relations", N_("Relations"), RelationsTab, relations_queries.count_around)
_CONSENT = CardTab("consent", N_("Consent"), ConsentTab, _consents)


def _warning(record: Record) -> str:
    return _("Do not contact") if record.values.get("do_not_contact") else ""


@dataclass(frozen=True)
class CustomerWork:
    """What cards of customers need from other features.

    Attributes:
        complete: (unit of work, activity id): ticks an activity off.
        figures: (connection, record type, record id, branches) to the figures of the head of a card.
        log_call: (unit of work, links, call): notes a call down.
    """

    complete: Any
    figures: Any
    log_call: Any


def _shared(work: CustomerWork, entity: str) -> dict[str, Any]:
    """What the cards of people and companies have in common."""
    return {
        "timeline": read_timeline, "beside": read_beside, "matters": matters_of(entity, work.figures),
        "complete": work.complete,
        "log_call": lambda uow, record, call: work.log_call(uow, [(entity, record.id)], call),
    }  # fmt: skip


def contact_card(work: CustomerWork) -> CardKit:
    """The card of a person."""
    return CardKit(
        facts=("mobile", "email", "owner_id", "city", "birthday", "lifecycle"),
        subtitle=("job_title", "company_id"),
        related=(
            Related(
                "deal", N_("Deals"), "contact_id", columns=_DEAL_COLUMNS, values=_of_contact, carry=("company_id",)
            ),
            Related(
                "case",
                N_("Cases"),
                "contact_id",
                columns=_CASE_COLUMNS,
                values=_of_contact,
                badge="warning",
                carry=("company_id",),
            ),
            Related(
                "activity",
                N_("Activities"),
                find=_activities,
                columns=_ACTIVITY_COLUMNS,
                values=_activity_of("contact"),
            ),
        ),
        actions=(
            QuickAction("activity", N_("Next step"), "ph.calendar-plus", _activity_of("contact")),
            QuickAction("deal", N_("Deal"), "ph.columns", _of_contact, ("company_id",)),
            QuickAction("case", N_("Case"), "ph.lifebuoy", _of_contact, ("company_id",)),
        ),
        roll_up=N_("With company"),
        roll_up_field="company_id",
        **_shared(work, "contact"),
        warning=_warning,
        tabs=(_RELATIONS, _CONSENT),
        commands=(MERGE_WITH, FIND_DUPLICATES, UNMERGE),
    )


def company_card(work: CustomerWork) -> CardKit:
    """The card of a company."""
    return CardKit(
        facts=("phone", "email", "owner_id", "city", "tax_id", "kind"),
        subtitle=("industry", "parent_id"),
        related=(
            Related(
                "contact",
                N_("People"),
                find=_people,
                columns=_PEOPLE_COLUMNS,
                values=_of_company,
                told=_people_told,
                wider=N_("With branches"),
                find_wider=_people_of_branches,
            ),
            Related("deal", N_("Deals"), "company_id", columns=_DEAL_COLUMNS, values=_of_company),
            Related("case", N_("Cases"), "company_id", columns=_CASE_COLUMNS, values=_of_company, badge="warning"),
            Related(
                "activity",
                N_("Activities"),
                find=_activities,
                columns=_ACTIVITY_COLUMNS,
                values=_activity_of("company"),
            ),
        ),
        actions=(
            QuickAction("activity", N_("Next step"), "ph.calendar-plus", _activity_of("company")),
            QuickAction("deal", N_("Deal"), "ph.columns", _of_company),
            QuickAction("case", N_("Case"), "ph.lifebuoy", _of_company),
        ),
        roll_up=N_("With its people"),
        **_shared(work, "company"),
        tabs=(_RELATIONS, _CONSENT),
        commands=(MERGE_WITH, FIND_DUPLICATES, UNMERGE),
    )


def contacts_list(card: CardKit) -> ListKit:
    """Everybody."""
    return ListKit(
        "contacts",
        "contact",
        columns=("name", "company_id", "city", "open_amount", "last_activity_at"),
        widths=(184, 184, 104, 100, 132),
        views=(
            ("mine", N_("My customers"), all_of(where("lifecycle", "eq", "customer"), where("owner_id", "eq", "@me"))),
            ("silent", N_("No contact for 60 days"), where("last_activity_at", "older_days", 60)),
            ("birthdays", N_("Birthdays this month"), where("birthday", "anniversary", "this_month")),
            ("next_birthdays", N_("Next birthdays"), where("birthday", "anniversary", "next_7_days")),
        ),
        values={"lifecycle": "customer"},
        empty=(
            "ph.users",
            N_("No contacts yet"),
            N_("Everybody your office knows: how to reach them, what was said, what they buy and what they reported."),
        ),
        steps=(
            (
                "ph.upload-simple",
                N_("Bring your list"),
                N_("Spreadsheets, vCards and exports of other programs, as they are."),
            ),
            ("ph.note-pencil", N_("Write what was said"), N_("Notes, calls and e-mails stand in one timeline.")),
            (
                "ph.calendar-check",
                N_("Plan the next step"),
                N_("Nobody is forgotten: the next step stands on the card."),
            ),
        ),
        card=card,
        commands=(merge_many("contact"), find_duplicates("contact")),
    )


def leads_list(card: CardKit) -> ListKit:
    """Who is not a customer yet."""
    return ListKit(
        "leads",
        "contact",
        title=N_("Leads"),
        base=any_of(where("lifecycle", "eq", "lead"), where("lifecycle", "eq", "qualified")),
        columns=("name", "company_id", "lifecycle", "source", "owner_id", "created_at"),
        widths=(170, 150, 92, 104, 104, 104),
        sort=(("created_at", True),),
        values={"lifecycle": "lead"},
        views=(
            ("mine", N_("Mine"), where("owner_id", "eq", "@me")),
            ("free", N_("Without owner"), where("owner_id", "empty")),
            ("new", N_("New this week"), where("created_at", "period", "this_week")),
        ),
        empty=(
            "ph.magnet",
            N_("No leads yet"),
            N_("A lead is somebody who may become a customer. Qualify them here and open a deal when it gets serious."),
        ),
        card=card,
        commands=(merge_many("contact"), find_duplicates("contact")),
    )


def companies_list(card: CardKit) -> ListKit:
    """Companies."""
    return ListKit(
        "companies",
        "company",
        columns=("name", "kind", "city", "open_amount", "last_activity_at"),
        widths=(230, 110, 110, 100, 132),
        views=(
            ("customers", N_("Customers"), where("kind", "eq", "customer")),
            ("mine", N_("Mine"), where("owner_id", "eq", "@me")),
        ),
        empty=(
            "ph.buildings",
            N_("No companies yet"),
            N_("Customers, suppliers and partners, with their people, deals and cases."),
        ),
        card=card,
        commands=(merge_many("company"), find_duplicates("company")),
    )
