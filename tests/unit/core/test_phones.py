"""Phones of any spelling become E.164 as phonenumbers would, and nothing that was typed is lost."""

from __future__ import annotations

import contextlib
import time

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_desktop.core import phones
from crm_desktop.core.errors import FieldError
from tests.helpers.thorough import times

COUNTRIES = ["BR", "PT", "ES", "US", "MX", "AR", "GB", "CA", "DE", "FR", "CL", "CO", "UY"]


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("(11) 98765-4321", "BR", "+5511987654321"),
        ("011 98765-4321", "BR", "+5511987654321"),
        ("55 11 98765-4321", "BR", "+5511987654321"),
        ("5511987654321", "BR", "+5511987654321"),
        ("+55 11 3333 4444", "BR", "+551133334444"),
        (11987654321.0, "BR", "+5511987654321"),
        ("1.1987654321E10", "BR", "+5511987654321"),
        ("11987654321.0", "BR", "+5511987654321"),
        ("00351 912 345 678", "BR", "+351912345678"),
        ("912 345 678", "PT", "+351912345678"),
        ("91 234 56 78", "ES", "+34912345678"),
        ("600.123.456", "ES", "+34600123456"),
        ("(212) 555-0163", "US", "+12125550163"),
        ("1-212-555-0163", "US", "+12125550163"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("+54 9 11 2345-6789", "AR", "+5491123456789"),
        ("(55) 99999-8888", "BR", "+5555999998888"),  # area code 55 is not the country code
        ("tel:+34-91-234-56-78", "BR", "+34912345678"),
        ("(11) 3333-4444 ramal 12", "BR", "+551133334444;ext=12"),
        ("212-555-0163 x45", "US", "+12125550163;ext=45"),
        ("(11) 3333-4444 #12", "BR", "+551133334444;ext=12"),
        ("95550-0163", "BR", "95550-0163"),
        ("  95550-0163   Rosa ", "BR", "95550-0163 Rosa"),
    ],
)
def test_normalize(typed, country, stored):
    assert phones.normalize_phone(typed, country) == stored


def test_too_short_is_said():
    with pytest.raises(FieldError, match="area code"):
        phones.normalize_phone("1234", "BR")


@pytest.mark.parametrize("cell", ["4,199E+10", "1,19877E+10", "5.51199E+12", "5E+10"])
def test_a_number_whose_last_digits_a_spreadsheet_left_out_is_refused(cell: str) -> None:
    """Written out it would be 41990000000, which is somebody else's number."""
    with pytest.raises(FieldError, match="first digits only"):
        phones.normalize_phone(cell, "BR")


def test_a_long_number_with_all_its_digits_is_read_from_the_short_form() -> None:
    assert phones.normalize_phone("1,1987654321E+10", "BR") == "+5511987654321"
    assert phones.normalize_phone("5.5119876543E12", "BR") == "+5511987654300", "zeros are left out by some programs"


@pytest.mark.parametrize("text", ["(", ";", "1" + " " * 100, "a; ", "11 3333-4444 / ", "ramal "])
def test_a_page_of_text_in_place_of_a_phone_is_refused_at_once(text: str) -> None:
    """It took minutes, in which the import could not be cancelled either."""
    started = time.monotonic()
    for length in (300, 399, 100_000):
        cell = (text * length)[:length]
        phones.split_phones(cell, "BR")
        with contextlib.suppress(FieldError):
            phones.normalize_phone(cell, "BR")
    with pytest.raises(FieldError, match="too long"):
        phones.normalize_phone(text * 100_000, "BR")
    assert time.monotonic() - started < 5


def test_typed_numbers_are_told_from_complete_ones():
    assert phones.is_e164("+5511987654321")
    assert not phones.is_e164("95550-0163")
    assert not phones.is_e164("+551133334444;ext=12")
    assert phones.phone_digits("+551133334444;ext=12") == "551133334444"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("95550-0163 Rosa", [("95550-0163", "Rosa")]),
        ("11 3333-4444 / 99999-8888", [("+551133334444", ""), ("+5511999998888", "")]),
        ("(11) 3333-4444/4445", [("+551133334444", ""), ("+551133334445", "")]),
        ("Rosa: (11) 98765-4321; João 21 2345-6789", [("+5511987654321", "Rosa"), ("+552123456789", "João")]),
        ("11 3333-4444 ramal 12", [("+551133334444", "ramal 12")]),
        ("11/3333-4444", [("+551133334444", "")]),
        ("(11) 3333-4444 e (11) 98765-4321", [("+551133334444", ""), ("+5511987654321", "")]),
        (11987654321.0, [("+5511987654321", "")]),
        ("", []),
        (None, []),
        ("não tem", []),
        ("+55 11 98765-4321\n+1 212 555 0163 (work)", [("+5511987654321", ""), ("+12125550163", "work")]),
    ],
)
def test_split(cell, found):
    assert phones.split_phones(cell, "BR") == found


def reference(text: str, country: str) -> str:
    """What phonenumbers itself says."""
    text = "+" + text[2:] if text.startswith("00") else text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    good = phonenumbers.is_valid_number(number) or (text[0] == "+" and phonenumbers.is_possible_number(number))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if good else ""


PREFIXES = ["", "", "", "0", "1", "9", "15", "00", "+", "55", "54", "549", "52", "521", "34", "351", "1", "+55", "+549",
            "+521", "+34", "+351", "+1", "0055", "01", "011", "0351", "90", "015", "11", "351"]  # fmt: skip


@settings(max_examples=times(600, 3000), deadline=None)
@given(st.sampled_from(COUNTRIES), st.sampled_from(PREFIXES), st.text("0123456789", min_size=6, max_size=11))
def test_agrees_with_phonenumbers_on_random_digits(country, prefix, digits):
    assert phones.to_e164(prefix + digits, country) == reference(prefix + digits, country)


@settings(max_examples=times(400, 1500), deadline=None)
@given(st.sampled_from(COUNTRIES), st.integers(0, 2), st.integers(0, 999999), st.booleans())
def test_agrees_with_phonenumbers_on_likely_numbers(country, kind, salt, international):
    kinds = [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE,
             phonenumbers.PhoneNumberType.TOLL_FREE]  # fmt: skip
    example = phonenumbers.example_number_for_type(country, kinds[kind])
    if example is None:
        return
    national = str(example.national_number)
    national = national[: max(2, len(national) - 6)] + f"{salt:06}"
    text = f"+{example.country_code}{national}" if international else national
    assert phones.to_e164(text, country) == reference(text, country)


@settings(max_examples=times(150, 500), deadline=None)
@given(st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES))
def test_what_is_shown_can_be_typed(country, reader):
    number = phonenumbers.format_number(phonenumbers.example_number(country), phonenumbers.PhoneNumberFormat.E164)
    assert phones.normalize_phone(phones.format_phone(number, reader), reader) == number


@given(st.text(min_size=1, max_size=30))
def test_any_text_is_kept_or_refused(text):
    try:
        stored = phones.normalize_phone(text, "BR")
    except FieldError:
        return
    assert stored
