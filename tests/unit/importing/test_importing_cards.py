"""vCard and iCalendar as tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import ICS, VCARD

Write = Callable[..., Path]


def records(path: Path) -> list[dict[str, Any]]:
    headers = inspect(path).best.headers
    return [{h: v for h, v in zip(headers, values, strict=True) if v is not None} for _n, values in read(path)]


def test_an_old_phone_card_in_quoted_printable(write: Write) -> None:
    path = write(
        "a.vcf",
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=91u=C3=B1ez;Jos=C3=A9;;;\r\n"
        b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jos=C3=A9 =C3=\r\n=91u=C3=B1ez\r\n"
        b"TEL;CELL;PREF:+55 41 99555-0142\r\n"
        b"TEL;WORK;FAX:4135550118\r\nNOTE;ENCODING=QUOTED-PRINTABLE:linha um=0D=0A=\r\nlinha dois\r\nEND:VCARD\r\n",
    )
    assert inspect(path).kind == VCARD
    assert records(path) == [
        {
            "Full Name": "José Ñuñez",
            "First Name": "José",
            "Last Name": "Ñuñez",
            "Note": "linha um\nlinha dois",
            "Phone 1": "+55 41 99555-0142",
            "Phone 1 Type": "cell",
            "Phone 2": "4135550118",
            "Phone 2 Type": "work fax",
        }
    ]


def test_groups_labels_photos_and_folding(write: Write) -> None:
    path = write(
        "b.vcf",
        "BEGIN:VCARD\nVERSION:3.0\nN:Souza;Ana;;;\nFN:Ana Souza\nORG:Trigo Lilás Ltda;Vendas\n"
        "item1.EMAIL;TYPE=INTERNET:ana@x.com\n"
        "item1.X-ABLabel:_$!<Assistant>!$_\n"
        "ADR;TYPE=WORK:;;R. do Ipê\\, 210;Curitiba;PR;80010-000;Brasil\nBDAY:1981-04-23\n"
        "CATEGORIES:cliente,atacado\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/\n 4AAQ\nNOTE:uma nota que é\n  longa\nEND:VCARD\n",
    )
    (card,) = records(path)
    assert card["E-mail 1 Type"] == "Assistant"
    assert (card["Address 1 Street"], card["Address 1 City"], card["Address 1 Country"]) == (
        "R. do Ipê, 210",
        "Curitiba",
        "Brasil",
    )
    assert (card["Company"], card["Department"], card["Birthday"]) == ("Trigo Lilás Ltda", "Vendas", date(1981, 4, 23))
    assert card["Photo"].startswith(b"\xff\xd8\xff")
    assert (card["Categories"], card["Note"]) == ("cliente, atacado", "uma nota que é longa")


def test_columns_are_as_many_as_the_richest_card_needs(write: Write) -> None:
    path = write(
        "c.vcf",
        "BEGIN:VCARD\nVERSION:4.0\nFN:A\nTEL;VALUE=uri;PREF=1:tel:+1-418-656-9254;ext=102\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:4.0\nFN:B\nTEL:1111111\nTEL:2222222\nTEL;PREF=1:3333333\nEND:VCARD",
    )
    assert [h for h in inspect(path).best.headers if h.startswith("Phone")] == ["Phone 1", "Phone 2", "Phone 3"]
    assert [r["Phone 1"] for r in records(path)] == ["+1-418-656-9254 x102", "3333333"]
    assert {c.header: c.kind for c in inspect(path).best.columns}["Phone 1"] == "phone"


def test_card_without_an_end(write: Write) -> None:
    assert records(write("d.vcf", "BEGIN:VCARD\nFN:Ana\nTEL:1"))[0]["Full Name"] == "Ana"


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def test_an_event_with_a_zone(write: Write) -> None:
    path = write(
        "a.ics",
        event(
            "SUMMARY:Visita",
            "DTSTART;TZID=America/Sao_Paulo:20240310T090000",
            "DURATION:PT1H30M",
            "RRULE:FREQ=WEEKLY;BYDAY=SU",
            "EXDATE;TZID=America/Sao_Paulo:20240317T090000,",
            "DESCRIPTION:linha um\\nlinha",
            "  dois",
            "UID:1",
            "BEGIN:VALARM",
            "TRIGGER:-PT15M",
            "END:VALARM",
        ),
    )
    assert inspect(path).kind == ICS
    (row,) = records(path)
    assert (row["Start"], row["End"]) == (datetime(2024, 3, 10, 9), datetime(2024, 3, 10, 10, 30))
    assert (row["Time Zone"], row["All Day"], row["Reminder Minutes"]) == ("America/Sao_Paulo", False, 15)
    assert (row["RRULE"], row["EXDATE"]) == ("FREQ=WEEKLY;BYDAY=SU", "20240317T090000")
    assert row["Description"] == "linha um\nlinha dois"


@pytest.mark.parametrize(
    ("line", "start", "all_day"),
    [
        ("DTSTART;VALUE=DATE:20240310", date(2024, 3, 10), True),
        ("DTSTART;TZID=America/Los_Angeles:20041225", date(2004, 12, 25), True),
        ("DTSTART:20240310T120000Z", datetime(2024, 3, 10, 12, tzinfo=UTC), False),
        ("dtstart:20240310T120000", datetime(2024, 3, 10, 12), False),
    ],
)
def test_starts(write: Write, line: str, start: date, all_day: bool) -> None:
    (row,) = records(write("b.ics", event("SUMMARY:x", line)))
    assert (row["Start"], row["All Day"]) == (start, all_day)


@pytest.mark.parametrize(
    ("tzid", "rules", "zone"),
    [
        ("Pacific Standard Time", "", "America/Los_Angeles"),
        ("/softwarestudio.org/Tzfile/America/Chicago", "", "America/Chicago"),
        ("minha zona", "-0300 -0300 1", "America/Sao_Paulo"),
        ("Canberra, Melbourne, Sydney", "+1000 +1100 10", "Australia/Sydney"),
        ("nowhere", "", None),
    ],
)
def test_zones_that_programs_invent(write: Write, tzid: str, rules: str, zone: str | None) -> None:
    definition = ""
    if rules:
        standard, daylight, month = rules.split()
        definition = (
            f"BEGIN:VTIMEZONE\nTZID:{tzid}\n"
            f"BEGIN:STANDARD\nDTSTART:19700401T000000\nTZOFFSETTO:{standard}\nEND:STANDARD\n"
            f"BEGIN:DAYLIGHT\nDTSTART:19701001T000000\nRRULE:FREQ=YEARLY;BYMONTH={month}\nTZOFFSETTO:{daylight}\nEND:DAYLIGHT\n"
            "END:VTIMEZONE\n"
        )
    body = f"BEGIN:VCALENDAR\n{definition}"
    body += f'BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID="{tzid}":20240310T090000\nEND:VEVENT\nEND:VCALENDAR\n'
    (row,) = records(write("z.ics", body))
    assert row["TZID"] == tzid
    assert row.get("Time Zone") == zone


def test_what_has_no_column_is_kept_in_words(write: Write) -> None:
    path = write(
        "e.vcf",
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nTITLE:Chefe\nTITLE:Sócia\nORG:Ipê Ltda;Vendas;Sul\nORG:Lilás SA\n"
        "HOBBY:xadrez\nX-CPF:00000000191\nitem1.X-ABDATE:2010-05-04\nitem1.X-ABLabel:Formatura\n"
        "X-SOCIALPROFILE;TYPE=twitter:https://social.example/ana\nBDAY:--0203\nRELATED;TYPE=spouse:Bento\nEND:VCARD\n",
    )
    (card,) = records(path)
    assert card["Other Details"].split("\n") == [
        "Job Title: Sócia",
        "Company: Lilás SA",
        "Hobby: xadrez",
        "Cpf: 00000000191",
        "Formatura: 2010-05-04",
    ]
    assert (card["Department"], card["Birthday"], card["Related Person 1"]) == ("Vendas, Sul", "--0203", "Bento")
    assert (card["Website 1"], card["Website 1 Type"]) == ("https://social.example/ana", "twitter")


def test_a_photo_as_a_data_uri_and_a_logo(write: Write) -> None:
    path = write(
        "f.vcf",
        "BEGIN:VCARD\nVERSION:4.0\nFN:A\nPHOTO:data:image/jpeg;base64,/9j/4AAQ\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:B\nLOGO;ENCODING=b:/9j/4AAQ\nEND:VCARD\n",
    )
    assert [card["Photo"][:3] for card in records(path)] == [b"\xff\xd8\xff"] * 2


def test_the_person_inside_a_card(write: Write) -> None:
    path = write(
        "g.vcf",
        "BEGIN:VCARD\nVERSION:2.1\nFN:Ana\nAGENT:\nBEGIN:VCARD\nFN:Bento\nTEL:1\nEND:VCARD\nTEL:2\nEND:VCARD\n",
    )
    (card,) = records(path)
    assert (card["Full Name"], card["Phone 1"], card["Related Person 1"]) == ("Ana", "2", "Bento")


def test_everything_that_a_calendar_says(write: Write) -> None:
    path = write(
        "h.ics",
        "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:Ligar\nDUE;VALUE=DATE:20240315\nCOMMENT:sem pressa\nCONTACT:Ana\n"
        "ATTACH:https://x.example/1\nATTACH:https://x.example/2\nEND:VTODO\n"
        "BEGIN:VJOURNAL\nSUMMARY:Ata\nDESCRIPTION:um\nDESCRIPTION:dois\nEND:VJOURNAL\nEND:VCALENDAR\n",
    )
    task, journal = records(path)
    assert (task["Entry Type"], task["Due"]) == ("to-do", date(2024, 3, 15))
    assert task["Other Details"] == "Comment: sem pressa\nContact: Ana"
    assert task["Attachment"] == "https://x.example/1\nhttps://x.example/2"
    assert (journal["Entry Type"], journal["Description"]) == ("journal", "um\n\ndois")
