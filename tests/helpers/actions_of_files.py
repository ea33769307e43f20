"""What people do with files, and what comes in from files: imports, recipes, e-mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.calendar.mail_entry import enter_letter
from crm_desktop.core.fields import Kind
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.importing import recipe_files, recipes, scheduled
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.new_choices import NEW
from crm_desktop.importing.plan import ImportPart
from crm_desktop.importing.recipes import Seen
from crm_desktop.importing.run import run_import, run_imports
from crm_desktop.mail.read import read_letter
from crm_desktop.records import blobs, files_service
from tests.helpers.action_world import WHOLE, Nothing, World, action

# files


@action("attach a file")
def _attach(w: World, uow: UnitOfWork) -> None:
    files_service.attach_bytes(uow, "contact", w.some(uow, "contact"), f"{w.word()}.txt", w.word().encode())


@action("attach a file from the disk")
def _attach_file(w: World, uow: UnitOfWork) -> None:
    path = w.folder / f"{w.word()}.txt"
    path.write_text(w.word(), encoding="utf-8")
    entity = w.dice.choice(["contact", "company", "deal"])
    files_service.attach_file(uow, entity, w.some(uow, entity), path, comment=w.word())


@action("attach a file under another name")
def _attach_measured(w: World, uow: UnitOfWork) -> None:
    found = blobs.measure(_written(w, "large.bin", w.word() * 20))
    files_service.attach_measured(uow, "contact", w.some(uow, "contact"), found, name=f"{w.word()}.bin")


@action("put a new revision of a file")
def _revise(w: World, uow: UnitOfWork) -> None:
    path = _written(w, "revision.txt", w.word())
    files_service.check_in(uow, w.some(uow, "attachment"), blobs.measure(path), comment=w.word())


@action("replace a file")
def _replace(w: World, uow: UnitOfWork) -> None:
    found = blobs.measure(_written(w, "replaced.txt", w.word()))
    digest = blobs.store_file(uow, found)
    files_service.add_revision(uow, w.some(uow, "attachment"), digest, found.size)


@action("say what changed in a revision")
def _comment_revision(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "attachment_revision")
    files_service.comment_revision(uow, row["attachment_id"], row["revision"], w.word())


@action("go back to an older revision")
def _restore_revision(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "attachment_revision")
    files_service.restore_revision(uow, row["attachment_id"], row["revision"])


@action("rename a file")
def _rename_file(w: World, uow: UnitOfWork) -> None:
    files_service.rename_file(uow, w.some(uow, "attachment"), f"{w.word()}.txt")


@action("take a file out to work on it")
def _check_out(w: World, uow: UnitOfWork) -> None:
    files_service.check_out(uow, w.some(uow, "attachment", "checked_out_at IS NULL"))


@action("no longer work on a file")
def _undo_check_out(w: World, uow: UnitOfWork) -> None:
    files_service.undo_check_out(uow, w.some(uow, "attachment", "checked_out_at IS NOT NULL"))


@action("delete a file")
def _delete_file(w: World, uow: UnitOfWork) -> None:
    files_service.delete_attachment(uow, w.some(uow, "attachment"))


@action("drop an e-mail on a record")
def _letter(w: World, uow: UnitOfWork) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "caio@else.example", "us@office.example", w.word()
    message["Date"], message["Message-ID"] = "Fri, 20 Nov 2026 14:05:00 -0300", f"<{w.number}@else.example>"
    message.set_content(w.word())
    message.add_attachment(w.word().encode(), maintype="application", subtype="pdf", filename="invoice.pdf")
    path = w.folder / "letter.eml"
    path.write_bytes(message.as_bytes())
    enter_letter(uow, read_letter(path), blobs.measure(path), record=("contact", w.some(uow, "contact")))


# imports


def _written(w: World, name: str, text: str) -> Path:
    path = w.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _table(w: World, name: str, head: str, rows: Sequence[str]) -> Path:
    return _written(w, name, "\n".join([head, *rows]))


def _import(w: World, actor: Actor, rows: Sequence[str], mode: str) -> None:
    path = _table(w, "people.csv", "Name,E-mail,Company,Job title,City", rows)
    plan = guess_plan(w.database, path, "contact", country="BR").plan.with_(mode=mode)
    run_import(w.database, path, plan, actor)


def _import_new(w: World, actor: Actor) -> None:
    rows = [f"{w.word()},i{w.number}@example.com,{w.word()},Boss,Lapa" for _ in range(4)]
    _import(w, actor, rows, "both")


def _import_known(w: World, actor: Actor) -> None:
    point, contact = Base.metadata.tables["contact_point"], Base.metadata.tables["contact"]
    with w.database.read() as connection:
        found = connection.execute(
            sa.select(contact.c.name, point.c.value).join(point, point.c.owner_id == contact.c.id)
            .where(point.c.kind == "email").order_by(point.c.id)
        ).all()  # fmt: skip
    if not found:
        raise Nothing
    chosen = w.dice.sample(found, min(3, len(found)))
    _import(w, actor, [f"{name},{email},{w.word()},{w.word()},Curitiba" for name, email in chosen], "both")


def _import_several(w: World, actor: Actor) -> None:
    """Companies, their people and their deals, each from a table of its own, in one go."""
    company = w.word()
    tables = {
        "company": ("Name,City,Tags,Notes", [f"{company},Lapa,mill; bread,{w.word()}"]),
        "contact": ("Name,E-mail,Company", [f"{w.word()},s{w.number}@example.com,{company}"]),
        "deal": ("Deal name,Company,Amount", [f"{w.word()},{company},1200"]),
    }
    parts = []
    for entity, (head, rows) in tables.items():
        path = _table(w, f"{entity}.csv", head, rows)
        parts.append(ImportPart(path, guess_plan(w.database, path, entity, country="BR").plan.with_(mode="both")))
    run_imports(w.database, parts, actor)


def _import_choices(w: World, actor: Actor) -> None:
    """With a choice that a field of the office does not have yet."""
    table = Base.metadata.tables["custom_field"]
    with w.database.read() as connection:
        own = connection.execute(
            sa.select(table.c.key, table.c.label)
            .where(table.c.kind == Kind.CHOICE.value, table.c.entity == "contact").order_by(table.c.id)
        ).all()  # fmt: skip
    if not own:
        raise Nothing
    key, label = w.dice.choice(own)
    choice = w.word()
    path = _table(w, "choices.csv", f"Name,{label}", [f"{w.word()},{choice}"])
    plan = guess_plan(w.database, path, "contact", country="BR").plan.with_(mode="both")
    values = {choice.casefold(): NEW + choice}
    plan = plan.with_column(1, target=f"custom.{key}", transform="", values=values)
    run_import(w.database, path, plan, actor)


def _import_photo(w: World, actor: Actor) -> None:
    photo = "data:image/png;base64,iVBORw0KGgoAAAAN"
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"FN:{w.word()}",
        f"EMAIL:v{w.number}@example.com",
        f"PHOTO:{photo}",
        "END:VCARD",
    ]
    path = _written(w, "people.vcf", "\n".join(lines) + "\n")
    run_import(w.database, path, guess_plan(w.database, path, "contact", country="BR").plan, actor)


def _import_appointments(w: World, actor: Actor) -> None:
    """A series with one appointment that was moved."""
    uid = f"{w.word()}@else.example".replace(" ", "")
    event = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{w.word()}", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"]
    moved = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{w.word()}", "RECURRENCE-ID:20260303T090000Z",
             "DTSTART:20260303T140000Z", "DTEND:20260303T150000Z", "END:VEVENT"]  # fmt: skip
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        *event,
        "RRULE:FREQ=DAILY;COUNT=5",
        "END:VEVENT",
        *moved,
        "END:VCALENDAR",
    ]
    path = _written(w, "appointments.ics", "\r\n".join(lines) + "\r\n")
    run_import(w.database, path, guess_plan(w.database, path, "activity", country="BR").plan, actor)


def _import_by_recipe(w: World, actor: Actor) -> None:
    """As a folder that is watched, or a command, imports it."""
    path = _table(w, "daily.csv", "Name,E-mail,Note 0,Note 1,Note 2", [f"{w.word()},d{w.number}@example.com,x,y,z"])
    with w.database.read() as connection:
        every = recipes.read_all(connection)
    if not every:
        raise Nothing
    outcome = scheduled.import_one(w.database, actor, path, scheduled.Orders(recipe=w.dice.choice(every)))
    if outcome.error is not None:
        raise outcome.error


# recipes


def _recipe_of(w: World, path: Path) -> Seen:
    guess = guess_plan(w.database, path, "contact", country="BR")
    return Seen(guess.file, guess.plan)


def _save_recipe(w: World, actor: Actor) -> None:
    path = _table(w, "recipe.csv", f"Name,E-mail,Note {w.dice.randrange(3)}", ["Ana,a@example.com,x"])
    with write(w.database, "save a recipe", actor=actor) as uow:
        recipes.save(uow, [_recipe_of(w, path)], name=w.word())


@action("rename a recipe")
def _rename_recipe(w: World, uow: UnitOfWork) -> None:
    recipes.rename(uow, w.some(uow, "import_recipe"), w.word())


@action("duplicate a recipe")
def _copy_recipe(w: World, uow: UnitOfWork) -> None:
    recipes.duplicate(uow, w.some(uow, "import_recipe"), w.word())


@action("delete a recipe")
def _delete_recipe(w: World, uow: UnitOfWork) -> None:
    recipes.forget(uow, [w.some(uow, "import_recipe")])


def _take_recipe(w: World, actor: Actor) -> None:
    """A recipe that another office wrote into a file."""
    with w.database.read() as connection:
        every = recipes.read_all(connection)
    if not every:
        raise Nothing
    path = w.folder / "recipe.json"
    recipe_files.export_recipe(replace(w.dice.choice(every), name=w.word()), path)
    recipe_files.import_recipe(w.database, path, actor)


WHOLE |= {
    "import new people": _import_new, "import known people": _import_known, "import several tables": _import_several,
    "import a new choice": _import_choices, "import a photo": _import_photo, "import appointments": _import_appointments,
    "import by a recipe": _import_by_recipe, "save a recipe": _save_recipe, "bring a recipe from a file": _take_recipe,
}  # fmt: skip
