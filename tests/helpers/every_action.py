"""Every kind of thing that people do in the program, and an office that has some of each.

The test of undo does each of them once, takes it back and brings it again; the property test does many in a random order.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.security import service as people
from tests.helpers import actions_of_files, actions_of_history, actions_of_office, actions_of_records, actions_of_work
from tests.helpers.action_world import World, differences, do, dump, every_name

__all__ = ["PARTS", "World", "differences", "do", "dump", "every_name", "furnish"]
PARTS = (actions_of_records, actions_of_work, actions_of_files, actions_of_office, actions_of_history)
"""Their import fills the table of actions."""
ANA = Actor(None, "Ana")


def furnish(world: World, actor: Actor = ANA) -> None:
    """Fill an empty office with some of everything, and keep a backup from which records can be brought back."""
    with write(world.database, "First user", kind="system", actor=actor) as uow:
        people.ensure_first_user(uow, "Olga")
    _do_all(world, _FURNITURE, actor)
    actions_of_history.keep_backup(world)
    _do_all(world, _SINCE, actor)


def _do_all(world: World, steps: Sequence[tuple[str, int]], actor: Actor) -> None:
    for name, times in steps:
        for _ in range(times):
            with suppress(UserError, FieldError, ValidationFailed):  # the dice may have asked for the same again
                do(world, name, actor)


_FURNITURE = (
    ("create a pipeline", 2), ("create a contact", 8), ("create a company", 4), ("create a product", 2),
    ("give a contact a company", 3), ("add a stage", 1), ("create a deal", 5), ("win a deal", 1), ("write a note", 3),
    ("answer a note", 1), ("tag records", 6), ("change phones and addresses", 5), ("attach a file", 3), ("put a new revision of a file", 2),
    ("relate two people", 6), ("add a workplace", 3), ("record a consent", 2), ("plan an appointment", 3),
    ("plan a series", 2), ("plan a task", 2), ("open a case", 3), ("write in a case", 9), ("make a field", 3),
    ("make a field of choices", 2), ("fill in a field of the office", 12), ("save a view", 3), ("say that two are not the same", 2),
    ("change the rules for duplicates", 1), ("add a person", 4), ("a person leaves and hands over", 1), ("make a team", 2), ("choose who is in a team", 1),
    ("change a right", 2), ("make a role", 2), ("import new people", 1), ("save a recipe", 2), ("keep an id of another program", 2), ("arrange a form", 1),
    ("set the office's name and currency", 1),
)  # fmt: skip
_SINCE = (
    ("edit a contact", 2), ("delete contacts", 1), ("delete a company", 1), ("archive a pipeline", 1), ("create a pipeline", 2),
    ("take a file out to work on it", 1), ("a person leaves and hands over", 2), ("make a field that links to a record", 1), ("complete an activity", 2),
)  # fmt: skip
"""Done after the backup was made."""
