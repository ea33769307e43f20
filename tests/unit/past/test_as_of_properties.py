"""Whatever happens in an office: as of any moment of its history it reads as it read then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.past import rows
from crm_desktop.db.past.database import AsOf, open_as_of
from tests.helpers.past import Office, differing, picture
from tests.helpers.thorough import times


@contextmanager
def looking_back(database: Database, moment: datetime) -> Iterator[AsOf]:
    past = open_as_of(database, moment)
    try:
        yield past
    finally:
        past.close()


@pytest.mark.parametrize("seed", range(3, 3 + times(1, 8)))
def test_the_past_reads_as_it_read(database: Database, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other seeds live other lives; ``tests.helpers.past`` says what people do in them."""
    office, pictures = Office(database, seed), []
    for number in range(times(9, 14)):
        if number in (4, 9):
            pictures.append((office.now, picture(database)))
        office.step()
    office.pass_time()
    for moment, then in pictures:
        with monkeypatch.context() as large:  # tables of three rows and more are read as two parts, as large ones are
            large.setattr(rows, "WHOLE", 2)
            large.setattr(rows, "FEW", 0)
            with looking_back(database, moment) as past:
                assert differing(then, picture(past)) == {}
                past.complete()
                office.step()
                office.step()
                assert differing(then, picture(past)) == {}, "after more was written"
        with looking_back(database, moment) as past:
            assert differing(then, picture(past)) == {}, "with small tables as they are"
