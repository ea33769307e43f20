"""Whatever happens in an office: as of any moment of its history it reads as it read then."""

from __future__ import annotations

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.past.database import open_as_of
from tests.helpers.past import Office, differing, picture


@pytest.mark.parametrize("seed", [3])
def test_the_past_reads_as_it_read(database: Database, seed: int) -> None:
    """Other seeds live other lives; ``tests.helpers.past`` says what people do in them."""
    office, pictures = Office(database, seed), []
    for number in range(9):
        if number == 4:
            pictures.append((office.now, picture(database)))
        office.step()
    office.pass_time()
    for moment, then in pictures:
        past = open_as_of(database, moment)
        try:
            assert differing(then, picture(past)) == {}
            office.step()
            office.step()
            assert differing(then, picture(past)) == {}, "after more was written"
        finally:
            past.close()
