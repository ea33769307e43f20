"""On a locked server, too, links that were lost with a row come back with it, whatever it is."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.db.unit_of_work import write
from crm_desktop.records import history
from crm_desktop.security import service
from tests.helpers.locked import LockedOffice, table


def _teams(office: LockedOffice) -> dict[int, int | None]:
    user = table("user_account")
    with office.root.read() as connection:
        return {row.id: row.team_id for row in connection.execute(sa.select(user.c.id, user.c.team_id))}


def test_the_people_of_a_deleted_team_are_in_it_again(locked_office: LockedOffice) -> None:
    owner, actor = locked_office.open("owner"), locked_office.actor("owner")
    before = _teams(locked_office)
    team = next(one for one in before.values() if one is not None)
    with write(owner, "Delete", actor=actor) as uow:
        service.delete_team(uow, team)
        number = uow.change_set_id
    assert team not in _teams(locked_office).values()
    history.undo(owner, number, actor)
    assert _teams(locked_office) == before
