"""The lock as a whole: what it makes, that it can be put on again, and that it holds."""

from __future__ import annotations

from tests.helpers.locked import LockedOffice


def test_everybody_signs_in_and_sees_what_they_may(locked_office: LockedOffice) -> None:
    with locked_office.root.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    for key in ("owner", "admin", "sales", "readonly"):
        assert locked_office.connect(key).execute("SELECT crm_me()").fetchone() == (locked_office.people[key],)
    assert locked_office.open("sales").locked
