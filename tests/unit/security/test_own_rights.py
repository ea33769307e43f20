"""Who manages people without leading the office cannot lift themselves."""

from __future__ import annotations

import pytest

from crm_desktop import app
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.security import roles, service


def test_nobody_widens_their_own_role(database: Database) -> None:
    with write(database, "People") as uow:
        service.create_user(uow, "Olga", role="owner")
        key = roles.create_role(uow, "Office manager", copy_of="sales")
        roles.set_right(uow, key, "", "users", "all")
        mia = service.create_user(uow, "Mia", role=key)
        tom = service.create_user(uow, "Tom", role="sales")
        low, team = roles.create_role(uow, "Trainee", copy_of="sales"), service.create_team(uow, "South")
    app.follow_access(database, mia)
    actor = Actor(mia, "Mia")
    with pytest.raises(NotAllowed, match="own login, role or rights"), write(database, "Rights", actor=actor) as uow:
        roles.set_right(uow, key, "", "erase", "all")
    with pytest.raises(NotAllowed, match="own login, role or rights"), write(database, "Role", actor=actor) as uow:
        service.update_user(uow, mia, role="manager")
    with write(database, "Others", actor=actor) as uow:
        roles.set_right(uow, "sales", "deal", "delete", "none")
        service.update_user(uow, tom, role=low)
    higher = "reach no further than your own"
    with pytest.raises(NotAllowed, match=higher), write(database, "Rights", actor=actor) as uow:
        roles.set_right(uow, "sales", "deal", "delete", "all")
    for role in ("manager", "readonly"):
        with pytest.raises(NotAllowed, match=higher), write(database, "Others", actor=actor) as uow:
            service.update_user(uow, tom, role=role)
    with pytest.raises(NotAllowed, match="own login, role or rights"), write(database, "Team", actor=actor) as uow:
        service.update_user(uow, mia, team_id=team)
    assert not database.access.can("erase") and database.access.role == key
