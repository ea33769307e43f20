"""A case on paper."""

from __future__ import annotations

from crm_desktop.cases import service as cases
from crm_desktop.cases.documents import case_document
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.reporting.document import Heading, Text


def test_a_case_is_printed_with_its_conversation(database: Database) -> None:
    with write(database, "Case", actor=Actor(None, "Renata")) as uow:
        case_id = cases.create_case(uow, {"subject": "No cooling", "priority": "high"}, message="It stopped.")
        cases.add_message(uow, case_id, "internal", "The same batch.")
        cases.add_message(uow, case_id, "out", "A relay, we come today.", channel="email")
        cases.change_status(uow, case_id, "solved", solution="Relay changed")
    with database.read() as connection:
        whole = case_document(database, connection, case_id, author="Renata", office="Clima")
        outside = case_document(database, connection, case_id, author="Renata", office="Clima", internal=False)
    words = [block.text for block in whole.blocks if isinstance(block, Text)]
    assert [word for word in words if word.endswith(".")] == [
        "It stopped.",
        "The same batch.",
        "A relay, we come today.",
    ]
    assert "The same batch." not in str(outside.blocks)
    assert any(isinstance(block, Heading) and block.text == "Solution" for block in whole.blocks)
    assert "Relay changed" in words
    assert whole.subtitle.endswith("-000001")
