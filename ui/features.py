"""The one list of pages and record views. Modules are imported when their page is first opened: start-up stays short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.db.carry import carry_out
from crm_desktop.db.outcome import was_saved
from ui.backup.safety import back_up_before, last_proven
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.pages import PageSpec, RecordSpec
from ui.records.drop_kinds import DropHandler


def _open_activity(office: Office, parent: Any, activity_id: int, recurrence_id: Any) -> None:
    from ui.calendar.activity_dialogs import open_activity  # lazy: with the first form

    open_activity(office, parent, activity_id, recurrence_id)


def _today(office: Office, navigator: Navigator) -> Page:
    from ui.today.today_page import TodayPage  # lazy: made when first opened

    return TodayPage(office, navigator, _open_activity)


def _calendar(office: Office, navigator: Navigator) -> Page:
    from ui.calendar.calendar_page import CalendarPage  # lazy: made when first opened

    return CalendarPage(office, navigator)


def _new_activity(office: Office, navigator: Navigator, parent: Any, values: dict[str, Any]) -> None:
    from ui.calendar.activity_dialogs import new_activity  # lazy: with the first form

    new_activity(office, navigator, parent, values)


def _cases(office: Office, navigator: Navigator) -> Page:
    from ui.cases.cases_page import CasesPage  # lazy: made when first opened

    return CasesPage(office, navigator)


def _new_case(office: Office, navigator: Navigator, parent: Any, values: dict[str, Any]) -> None:
    from ui.cases.dialogs import new_case  # lazy: with the first form

    new_case(office, navigator, parent, values)


def _case_window(office: Office, navigator: Navigator, record_id: int) -> Any:
    from ui.cases.case_window import case_window  # lazy: with the first window

    return case_window(office, navigator, record_id)


def _changes(office: Office, navigator: Navigator) -> Page:
    from ui.history.changes_page import ChangesPage  # lazy: made when first opened

    return ChangesPage(office, navigator)


def _import(office: Office, navigator: Navigator) -> Page:
    from ui.importing.page import ImportPage  # lazy: made when first opened

    return ImportPage(office, navigator)


def _quality(office: Office, navigator: Navigator) -> Page:
    from ui.insight.quality_page import QualityPage  # lazy: made when first opened

    return QualityPage(office, navigator)


def _duplicates(office: Office, navigator: Navigator) -> Page:
    from ui.dedupe.duplicates_page import DuplicatesPage  # lazy: made when first opened

    return DuplicatesPage(office, navigator)


def _deleted(office: Office, navigator: Navigator) -> Page:
    from ui.history.deleted_page import DeletedPage  # lazy: made when first opened

    return DeletedPage(office, navigator)


def _backup(office: Office, navigator: Navigator) -> Page:
    from ui.backup.backup_page import BackupPage  # lazy: made when first opened

    return BackupPage(office, navigator)


def _restore(office: Office, navigator: Navigator) -> Page:
    from ui.backup.restore_page import RestorePage  # lazy: made when first opened

    return RestorePage(office, navigator)


def _settings(office: Office, navigator: Navigator) -> Page:
    from ui.backup.history_tab import HistoryTab  # lazy: made when first opened
    from ui.dedupe.rules_tab import RulesTab  # lazy: made when first opened
    from ui.sales.pipelines_tab import PipelinesTab  # lazy: made when first opened
    from ui.security.tab import PeopleTab  # lazy: made when first opened
    from ui.settings.settings_page import ExtraTab, SettingsPage  # lazy: made when first opened
    from ui.shell.notice_settings import NoticesTab  # lazy: made when first opened

    people = ExtraTab("people", N_("People and rights"), "ph.users-three", PeopleTab, power="", whole=True,
                      without=("users", N_("My rights")))  # fmt: skip
    notices = ExtraTab("notices", N_("Notices"), "ph.bell", NoticesTab, power="")
    pipelines = ExtraTab("pipelines", N_("Pipelines"), "ph.columns", PipelinesTab)
    duplicates = ExtraTab("duplicates", N_("Duplicates"), "ph.intersect", RulesTab)
    kept = ExtraTab("history", N_("History"), "ph.clock-counter-clockwise", HistoryTab)
    return SettingsPage(office, navigator, (notices, people, pipelines, duplicates, kept))


def _reports(office: Office, navigator: Navigator) -> Page:
    from crm_desktop.reports import REPORTS  # lazy: made when first opened
    from ui.reporting.reports_page import ReportsPage  # lazy: made when first opened

    return ReportsPage(office, navigator, REPORTS)


def _complete_activity(uow: Any, activity_id: int) -> None:
    from crm_desktop.calendar.service import complete_activity  # lazy: when a next step is ticked off

    complete_activity(uow, activity_id)


def _customer_work() -> Any:
    from crm_desktop.calendar.service import log_call  # lazy: with the first card
    from crm_desktop.insight.card import card_figures  # lazy: with the first card
    from ui.contacts.kits import CustomerWork  # lazy: with the first card

    return CustomerWork(_complete_activity, card_figures, log_call)


def _contact_card() -> Any:
    from ui.contacts.kits import contact_card  # lazy: with the first card
    from ui.insight.privacy import ERASE, GIVE_OUT  # lazy: with the first card

    card = contact_card(_customer_work())
    return replace(card, commands=(*card.commands, GIVE_OUT, ERASE))


def _company_card() -> Any:
    from ui.contacts.kits import company_card  # lazy: with the first card
    from ui.insight.privacy import GIVE_OUT  # lazy: with the first card

    card = company_card(_customer_work())
    return replace(card, commands=(*card.commands, GIVE_OUT))


def _contact_list(kind: str) -> Callable[[Office, Navigator], Page]:
    def make(office: Office, navigator: Navigator) -> Page:
        from ui.contacts import kits  # lazy: made when first opened
        from ui.records.list_page import ListPage  # lazy: made when first opened

        if kind == "companies":
            kit = kits.companies_list(_company_card())
        else:
            lists = {"contacts": kits.contacts_list, "leads": kits.leads_list}
            kit = lists[kind](_contact_card())
        return ListPage(office, navigator, kit)

    return make


def _contact_window(office: Office, navigator: Navigator, record_id: int) -> Any:
    from ui.records.windows import record_window  # lazy: with the first window

    return record_window(office, navigator, "contact", record_id, _contact_card())


def _company_window(office: Office, navigator: Navigator, record_id: int) -> Any:
    from ui.records.windows import record_window  # lazy: with the first window

    return record_window(office, navigator, "company", record_id, _company_card())


def _deal_kit() -> Any:
    from crm_desktop.contacts.planned import activities_of  # lazy: with the first deal
    from ui.contacts.kits import next_step  # lazy: with the first deal
    from ui.contacts.timeline import read_timeline  # lazy: with the first deal
    from ui.sales.deal_kit import deal_card  # lazy: with the first deal

    return deal_card(read_timeline, next_step, _complete_activity, lambda _db, *asked: activities_of(*asked))


def _pipeline(office: Office, navigator: Navigator) -> Page:
    from ui.sales.pipeline_page import PipelinePage  # lazy: made when first opened

    return PipelinePage(office, navigator, _deal_kit())


def _new_deal(office: Office, navigator: Navigator, parent: Any, values: dict[str, Any]) -> None:
    from ui.sales.deal_form import new_deal  # lazy: with the first form

    new_deal(office, navigator, parent, values)


def _deal_window(office: Office, navigator: Navigator, record_id: int) -> Any:
    from ui.records.windows import record_window  # lazy: with the first window

    return record_window(office, navigator, "deal", record_id, _deal_kit())


def _products(office: Office, navigator: Navigator) -> Page:
    from ui.records.list_page import ListPage  # lazy: made when first opened
    from ui.records.plain_kits import products_list  # lazy: made when first opened

    return ListPage(office, navigator, products_list())


def _activities(office: Office, navigator: Navigator) -> Page:
    from ui.records.list_page import ListPage  # lazy: made when first opened
    from ui.records.plain_kits import activities_list  # lazy: made when first opened

    return ListPage(office, navigator, activities_list())


def _product_window(office: Office, navigator: Navigator, record_id: int) -> Any:
    from ui.records.plain_kits import products_list  # lazy: with the first window
    from ui.records.windows import record_window  # lazy: with the first window

    return record_window(office, navigator, "product", record_id, products_list().card)


def _new_record(entity: str) -> Callable[[Office, Navigator, Any, dict[str, Any]], None]:
    def create(office: Office, navigator: Navigator, parent: Any, values: dict[str, Any]) -> None:
        from ui.records.record_dialog import open_new  # lazy: with the first form

        open_new(office, navigator, parent, entity, values)

    return create


def _take_letters(*asked: Any) -> None:
    from ui.calendar.mail_drop import take_letters  # lazy: with the first dropped e-mail

    take_letters(*asked)


def _take_cards(*asked: Any) -> None:
    from ui.importing.dropped import take_cards  # lazy: with the first dropped card

    take_cards(*asked)


def _take_appointments(*asked: Any) -> None:
    from ui.importing.dropped import take_appointments  # lazy: with the first dropped calendar

    take_appointments(*asked)


def _letter_text(ending: str) -> Callable[[bytes], str]:
    def read(content: bytes) -> str:
        from ui.calendar.mail_drop import text_of_letter  # lazy: with the first preview of an e-mail

        return text_of_letter(ending, content)

    return read


def _files(office: Office, navigator: Navigator) -> Page:
    from ui.records.files_page import FilesPage  # lazy: made when first opened

    return FilesPage(office, navigator)


def _show_file(office: Office, navigator: Navigator, attachment_id: int) -> None:
    from ui.records.files_show import show_file_of  # lazy: with the first file found by the search

    show_file_of(office, navigator, attachment_id)


def _who_sees(owner: Any, office: Office, record: Any) -> None:
    from ui.security.who_sees import show_who_sees  # lazy: only when asked for

    show_who_sees(owner, office, record)


def _who_changes(connection: Any, schema: Any, entity: str, record_id: int) -> str:
    from ui.security.who_sees import editors_words  # lazy: with the first locked card

    return editors_words(connection, schema, entity, record_id)


def _examine(database: Any, progress: Progress) -> list[str]:
    from crm_desktop import doctor  # lazy: only after a restore

    return doctor.problems(database, progress)


def prepare(office: Office) -> Office:
    """Give an office what lies below it: how it saves for sure, and what the features know of files."""
    office.drop_handlers = DROPS
    office.carry, office.was_saved = carry_out, was_saved
    office.back_up_before, office.last_proven = back_up_before, last_proven
    office.who_sees, office.who_changes = _who_sees, _who_changes
    office.examine = _examine
    office.file_texts = {ending: _letter_text(ending) for ending in (".eml", ".msg")}
    return office


DROPS: tuple[DropHandler, ...] = (
    DropHandler((".eml", ".msg"), _take_letters, lists=True),
    DropHandler((".vcf", ".vcard"), _take_cards, lists=True),
    DropHandler((".ics", ".vcs"), _take_appointments, lists=True),
)
"""What is done with dropped files of these kinds; all others are attached."""

PAGES: tuple[PageSpec, ...] = (
    PageSpec("today", N_("Today"), "ph.sun-horizon", _today, entity="activity"),
    PageSpec("contacts", N_("Contacts"), "ph.users", _contact_list("contacts"), entity="contact",
             needs=("contact", "read")),
    PageSpec("companies", N_("Companies"), "ph.buildings", _contact_list("companies"), entity="company",
             needs=("company", "read")),
    PageSpec("leads", N_("Leads"), "ph.magnet", _contact_list("leads"), entity="contact", needs=("contact", "read")),
    PageSpec("pipeline", N_("Pipeline"), "ph.columns", _pipeline, entity="deal", needs=("deal", "read")),
    PageSpec("calendar", N_("Calendar"), "ph.calendar-blank", _calendar, entity="activity",
             needs=("activity", "read")),
    PageSpec("activities", N_("Activities"), "ph.calendar-check", _activities, place="", entity="activity",
             needs=("activity", "read")),
    PageSpec("cases", N_("Cases"), "ph.lifebuoy", _cases, entity="case", needs=("case", "read")),
    PageSpec("products", N_("Products"), "ph.package", _products, entity="product", needs=("product", "read")),
    PageSpec("reports", N_("Reports"), "ph.chart-bar", _reports, needs=("*", "read")),
    PageSpec("import", N_("Import"), "ph.upload-simple", _import, place="bottom", needs=("", "import")),
    PageSpec("quality", N_("Data quality"), "ph.heartbeat", _quality, place="bottom", needs=("contact", "edit")),
    PageSpec("changes", N_("Changes"), "ph.clock-counter-clockwise", _changes, place="bottom"),
    PageSpec("files", N_("Files"), "ph.paperclip", _files, place=""),
    PageSpec("duplicates", N_("Duplicates"), "ph.intersect", _duplicates, place="", needs=("contact", "edit")),
    PageSpec("deleted", N_("Recently deleted"), "ph.trash", _deleted, place="bottom", needs=("*", "delete")),
    PageSpec("backup", N_("Backups"), "ph.shield-check", _backup, place="bottom", needs=("", "backup")),
    PageSpec("restore", N_("Restore from a backup"), "ph.clock-counter-clockwise", _restore, place="",
             needs=("", "backup"), under="backup"),
    PageSpec("settings", N_("Settings"), "ph.gear-six", _settings, place="bottom", shortcut="Ctrl+,"),
)  # fmt: skip
"""In the order of the rail."""

RECORDS: tuple[RecordSpec, ...] = (
    RecordSpec("contact", "contacts", card=_contact_window, create=_new_record("contact")),
    RecordSpec("company", "companies", card=_company_window, create=_new_record("company")),
    RecordSpec("deal", "pipeline", card=_deal_window, create=_new_deal),
    RecordSpec("product", "products", card=_product_window, create=_new_record("product")),
    RecordSpec("attachment", "files", show=_show_file),
    RecordSpec("activity", "calendar", create=_new_activity),
    RecordSpec("case", "cases", card=_case_window, create=_new_case),
)
