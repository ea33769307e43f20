"""The sample office as a whole: written at the speed of an import, with a history of the years, then edits of these days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from random import Random

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.db import search, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.engines import CACHE_KIB
from crm_desktop.db.journal import change_set
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.demo.crowd import Crowd
from crm_desktop.demo.dated import HAPPENING, LAST_DAYS, TITLE, Past
from crm_desktop.demo.office import set_up_office
from crm_desktop.demo.scene import COLUMNS, Ids, Rows, Scene
from crm_desktop.demo.story import MOVED, PARENTS, Story
from crm_desktop.demo.trade import Trade
from crm_desktop.records.numbers import reserve_number

CONTACTS = 1248
MOST_CONTACTS = 1_000_000
_DENSE = 5_000
"""Up to here every contact has all that a small office knows; of more, less and less hangs on each."""
_MANY = 30_000
"""From here on the indexes are made after the rows."""
_BATCH = 4_000
_FILLED = ("contact", "company", "contact_point", "address", "activity", "activity_link", "deal", "case_file",
           "case_message", "note", "record_tag", "consent", "change")  # fmt: skip


def make_demo(
    database: Database, contacts: int = CONTACTS, *, seed: int = 20_260_312, progress: Progress | None = None
) -> dict[str, int]:  # fmt: skip
    """Fill an empty database with the sample office. The same day and seed give the same office.

    Args:
        contacts: how many people, at most a million; at least the twenty of the story are made.
        seed: another number gives other people.

    Returns:
        Record type to number of records.

    Raises:
        UserError: the database holds records already, or the number of contacts is out of range.
        Cancelled: the user stopped it; the database is as before.
    """
    if not 1 <= contacts <= MOST_CONTACTS:
        raise UserError(N_("Choose between 1 and {most} contacts."), most=MOST_CONTACTS)
    _refuse_filled(database)
    progress = progress or Progress()
    scene = Scene(Random(seed), clock.today(), clock.now(), clock.local_zone())
    many = contacts >= _MANY
    tables = frozenset[str]() if database.locked else HAPPENING if many else frozenset(COLUMNS)
    these_days = scene.at(scene.today - timedelta(days=LAST_DAYS), "09:00")
    with write(database, TITLE, kind="system", bulk=database.locked) as uow:
        _backdate(uow, scene.start)
        story, trade, past = _make(uow, scene, contacts, tables, progress, many=many)
        past.begin(uow, these_days)
    with write(database, TITLE, kind="system", bulk=True) as uow:
        _backdate(uow, these_days)
        past.tell_first(uow.connection)
        story.attach(uow, scene.start, these_days)
        for series, last in trade.numbers.items():
            reserve_number(uow, series, last)
    _edit_these_days(database, scene, story, past)
    _end(database, scene, story, past, these_days)
    counts = {}
    with database.read() as connection:
        for name in ("company", "contact", "deal", "activity", "case", "product"):
            table = database.schema.table(name)
            counts[name] = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
    return counts


def _make(
    uow: UnitOfWork, scene: Scene, contacts: int, tables: frozenset[str], progress: Progress, *, many: bool
) -> tuple[Story, Trade, Past]:
    """Insert all records; what happens with the customers is not in the history yet."""
    set_up_office(uow, scene, Ids(4))
    past = Past(scene, uow.schema, tables)
    with ExitStack() as stack:
        if tables:  # in a locked database the triggers stay, and the history begins with all of it
            stack.enter_context(_late_index(uow))
            stack.enter_context(_late_indexes(uow) if many else nullcontext())
            stack.enter_context(past.instead_of_triggers(uow))
        story, trade = _past_years(Rows(uow, past), scene, contacts, progress)
        _these_days(story, trade, contacts)
        progress.update(message=_("Making the search index…"))
    return story, trade, past


def _past_years(rows: Rows, scene: Scene, contacts: int, progress: Progress) -> tuple[Story, Trade]:
    density = 1.0 if contacts <= _DENSE else max(0.02, _DENSE / contacts)
    story, trade = Story(scene, rows), Trade(scene, rows)
    story.meet()
    crowd = Crowd(scene, rows, max(0, contacts - story.contacts), density)
    deals, cases = round(contacts * 0.25 * density), round(contacts * 0.33 * density)
    total, gathered = crowd.contacts + deals + cases, 0
    for made in chain(crowd.make(), trade.closed_deals(deals), trade.solved_cases(cases)):
        gathered += made
        if gathered >= _BATCH:
            rows.write()
            progress.update(progress.state.done + gathered, total)
            gathered = 0
    rows.write()
    progress.update(total, total)
    return story, trade


def _these_days(story: Story, trade: Trade, contacts: int) -> None:
    rows = story.rows
    more = contacts // 200 if contacts > _DENSE else 0
    waiting = (9 if contacts > 200 else 0) + more // 2
    for _made in story.trade(trade):
        rows.past.still.update(story.records[key][1] for key in MOVED)
    for number, _made in enumerate(chain(trade.open_deals(more), trade.open_cases(waiting)), 1):
        if number % _BATCH == 0:
            rows.write()
    story.plan()
    rows.write()


def _refuse_filled(database: Database) -> None:
    with database.read() as connection:
        for name in ("contact", "company", "deal", "activity", "case_file"):
            if connection.execute(sa.select(Base.metadata.tables[name].c.id).limit(1)).first() is not None:
                raise UserError(
                    N_("{name} holds records already. Put the sample office in a new file."), name=database.name
                )


@contextmanager
def _late_index(uow: UnitOfWork) -> Iterator[None]:
    """Make the search text after the rows, all in the same transaction: twice as fast."""
    connection, schema = uow.connection, uow.schema
    triggers.drop(connection, "search_")
    if uow.database.sqlite:
        connection.exec_driver_sql("PRAGMA cache_size=-131072")
    yield
    search.rebuild(connection, schema)
    search.install(connection, schema)
    if uow.database.sqlite:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")


@contextmanager
def _late_indexes(uow: UnitOfWork) -> Iterator[None]:
    """Make the indexes after the rows."""
    connection = uow.connection
    tables = [Base.metadata.tables[name] for name in _FILLED]
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda one: str(one.name))]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _end(database: Database, scene: Scene, story: Story, past: Past, these_days: datetime) -> None:
    """Write the history of today, and what follows from all that was made."""
    with write(database, TITLE, kind="system") as uow:
        _backdate(uow, scene.now)
        past.write_rest(uow)
        story.attach(uow, these_days, scene.now)


def _edit_these_days(database: Database, scene: Scene, story: Story, past: Past) -> None:
    """Change a few records as their people did in the last days, so that the history has something to tell.

    In the order of their time, as the page of changes shows them.
    """
    caio, helena = Actor(scene.users["CB"], "Caio Bittar"), Actor(scene.users["HP"], "Helena Prates")

    def moment(days: int, time: str) -> datetime:
        return scene.at(scene.today - timedelta(days=days), time)

    steps: list[tuple[datetime, Callable[[datetime], None]]] = [
        (moment(days, f"16:{20 + place}"), partial(_move_deal, database, scene, caio, story.records[key][1]))
        for place, (key, days) in enumerate(sorted(MOVED.items()))
    ]
    steps += [
        (
            moment(4, f"10:3{place}"),
            partial(_give_parent, database, helena, story.records[one][1], story.records[of][1]),
        )
        for place, (one, of) in enumerate(PARENTS.items())
    ]
    steps.append((moment(1, "17:05"), partial(_change_title, database, helena, story.records["marina"][1])))
    for at, step in sorted(steps, key=lambda one: one[0]):
        with database.write_lock, database.begin() as connection:
            past.write(connection, at)
        step(at)
    with database.write_lock, database.begin() as connection:
        past.write(connection, scene.now)


def _move_deal(database: Database, scene: Scene, actor: Actor, deal_id: int, at: datetime) -> None:
    deal, stages = Base.metadata.tables["deal"], scene.stages[0]
    with database.read() as connection:
        row = connection.execute(sa.select(deal.c.name, deal.c.stage_id).where(deal.c.id == deal_id)).one()
    following = stages[[one for one, _outcome in stages].index(row.stage_id) + 1][0]
    name = _name_of(database, "stage", following)
    with _past(database, N_("Move “{deal}” to {stage}"), actor, at, deal=row.name, stage=name) as uow:
        uow.update("deal", deal_id, {"stage_id": following, "stage_since": at})


def _give_parent(database: Database, actor: Actor, company: int, parent: int, at: datetime) -> None:
    with _past(database, N_("Edit {title}"), actor, at, title=_name_of(database, "company", company)) as uow:
        uow.update("company", company, {"parent_id": parent})


def _change_title(database: Database, actor: Actor, contact: int, at: datetime) -> None:
    with _past(database, N_("Edit {title}"), actor, at, title=_name_of(database, "contact", contact)) as uow:
        uow.update("contact", contact, {"job_title": "Sócia e compras"})


def _name_of(database: Database, table: str, identity: int) -> str:
    known = Base.metadata.tables[table]
    with database.read() as connection:
        return str(connection.execute(sa.select(known.c.name).where(known.c.id == identity)).scalar_one())


@contextmanager
def _past(database: Database, title: str, actor: Actor, moment: datetime, /, **params: str) -> Iterator[UnitOfWork]:
    """A unit of work that the history shows at a moment of the past."""
    with write(database, title, actor=actor, params=params) as uow:
        _backdate(uow, moment)
        yield uow


def _backdate(uow: UnitOfWork, moment: datetime) -> None:
    uow.now = moment
    uow.connection.execute(change_set.update().where(change_set.c.id == uow.change_set_id).values(at=moment))
