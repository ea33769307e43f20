"""The one list of features: every record type of the program, and what its features add to it."""

from __future__ import annotations

from dataclasses import replace

from crm_desktop.backup import runs as _backup_runs  # noqa: F401 - its table
from crm_desktop.backup import setting_names
from crm_desktop.calendar import activity, times
from crm_desktop.calendar.rules import complete_activity
from crm_desktop.calendar.times import keep_link_times, refresh_link_times
from crm_desktop.cases import case, deadlines
from crm_desktop.cases import computed as case_numbers
from crm_desktop.cases.rules import complete_case
from crm_desktop.contacts import consents, planned
from crm_desktop.contacts.company import COMPANY
from crm_desktop.contacts.contact import CONTACT
from crm_desktop.contacts.merging import join_companies, keep_companies
from crm_desktop.contacts.relations import ERASURE
from crm_desktop.contacts.rules import complete_company, complete_contact
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field
from crm_desktop.db.schema import Finisher, Merger, Rule, Schema
from crm_desktop.dedupe import settings as dedupe_settings
from crm_desktop.dedupe.tables import DUPLICATE_RULE
from crm_desktop.insight import backup_proofs, last_contact_server, quality_fields
from crm_desktop.insight.last_contact import keep_last_contact, refresh_last_contact
from crm_desktop.records import attached, custom, moved, office, office_service, retention
from crm_desktop.records.losses import tell_of_losses
from crm_desktop.records.notices import tell_colleagues
from crm_desktop.sales import computed as sales_numbers
from crm_desktop.sales import deal
from crm_desktop.sales.rules import complete_deal
from crm_desktop.security import role, user
from crm_desktop.security.postgres.lock import put_back, take_off
from crm_desktop.security.rules import complete_user, keep_order

CUSTOMER_FIELDS = (
    planned.NEXT_ACTIVITY, *sales_numbers.CUSTOMER_FIELDS, *case_numbers.CUSTOMER_FIELDS, *consents.CONSENT_FIELDS,
    *quality_fields.CHECK_FIELDS,
)  # fmt: skip
ADDED_FIELDS: dict[str, tuple[Field, ...]] = {
    "contact": CUSTOMER_FIELDS,
    "company": (*CUSTOMER_FIELDS, quality_fields.PEOPLE),
    "deal": (planned.NEXT_ACTIVITY, *sales_numbers.DEAL_FIELDS),
    "case": (planned.NEXT_ACTIVITY,),
}
"""Computed fields that features add to each other's record types."""


def _whole(entity: Entity) -> Entity:
    """The record type with what the features add to it."""
    return replace(entity, fields=entity.fields + ADDED_FIELDS.get(entity.name, ()))


ENTITIES: tuple[Entity, ...] = tuple(
    _whole(entity)
    for entity in (
        *user.ENTITIES,
        *role.ENTITIES,
        CONTACT,
        COMPANY,
        *deal.ENTITIES,
        *activity.ENTITIES,
        *case.ENTITIES,
        attached.TAG,
        attached.NOTE,
        attached.ATTACHMENT,
        *office.ENTITIES,
        DUPLICATE_RULE,
        ERASURE,
    )
)

RULES: dict[str, Rule] = {
    "contact": complete_contact,
    "company": complete_company,
    "deal": complete_deal,
    "case": complete_case,
    "activity": complete_activity,
    "user": complete_user,
}
EXPRESSIONS = (
    planned.EXPRESSIONS
    | sales_numbers.EXPRESSIONS
    | case_numbers.EXPRESSIONS
    | consents.EXPRESSIONS
    | quality_fields.EXPRESSIONS
)
HOLDERS = planned.HOLDERS | sales_numbers.HOLDERS
FINISHERS: tuple[Finisher, ...] = (
    keep_order,
    refresh_link_times,
    refresh_last_contact,
    tell_colleagues,
    tell_of_losses,
)
SETTINGS = (
    *office_service.SETTINGS, *setting_names.SETTINGS, *retention.SETTINGS, *moved.SETTINGS, *custom.SETTINGS,
    *deadlines.SETTINGS, *dedupe_settings.SETTINGS,
)  # fmt: skip
SERVER_FUNCTIONS = (times.SERVER_FUNCTION, last_contact_server.SERVER_FUNCTION)
MERGERS: dict[str, Merger] = {"contact": keep_companies, "company": join_companies}


def schema() -> Schema:
    """The schema of this program."""
    return Schema(
        ENTITIES, rules=RULES, expressions=EXPRESSIONS, holders=HOLDERS, finishers=FINISHERS, mergers=MERGERS,
        lock=(take_off, put_back),
        server_functions=SERVER_FUNCTIONS, settings=SETTINGS, proofs=backup_proofs.PROOFS, pasts=(keep_last_contact, keep_link_times),
    )  # fmt: skip
