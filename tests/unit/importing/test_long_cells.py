"""Whole pages of text where an e-mail is expected: they are refused at once, and the import can be cancelled."""

from __future__ import annotations

import time

import pytest

from crm_desktop.core.values_text import parse_email
from crm_desktop.importing.parse_cells import parse_emails


@pytest.mark.parametrize("text", ["a", "@", "a@", "a@."])
def test_a_page_of_text_in_place_of_an_email_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    for length in (900, 100_000):
        values, more, errors = parse_emails([(text * length)[:length]], parse_email)
        assert (values, more, len(errors)) == ([None], {}, 1)
    assert time.monotonic() - started < 5
