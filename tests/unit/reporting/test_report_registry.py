"""Parameters of reports, from the command line and from forms: read, checked, and put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from crm_desktop.core import i18n
from crm_desktop.core.errors import UserError, ValidationFailed
from crm_desktop.reporting.document import Document, Organisation, Text
from crm_desktop.reporting.registry import (
    Option,
    Parameter,
    ReportContext,
    ReportSpec,
    checked_values,
    default_values,
    filter_line,
    find_report,
    parse_settings,
    run_report,
)


@dataclass(frozen=True)
class Person:
    """Who asks."""

    id: int = 7
    name: str = "Helena"


def build(context: ReportContext, values: dict[str, Any]) -> Document:
    """A document that shows its values."""
    return Document("Funil", (Text(str(context.span(values["period"]))),), author=context.user.name)


def stages(context: ReportContext) -> tuple[Option, ...]:
    """Choices that are looked up."""
    return (Option("new", "Nova"), Option(42, "Proposta"))


SPEC = ReportSpec(
    "sales.pipeline",
    "Pipeline",
    "What is open.",
    "funnel",
    build,
    (
        Parameter("period", "Period", "period", "this_month"),
        Parameter("stage", "Stage", "choice", choices=stages),
        Parameter("owner", "Owner", "user", default=lambda context: context.user.id),
        Parameter("company", "Company", "record", entity="company"),
        Parameter("day", "Day", "date"),
        Parameter("details", "Details", "bool", True),
        Parameter("limit", "Limit", "integer", 10, minimum=1, maximum=100),
    ),
    "Sales",
)


@pytest.fixture
def context() -> ReportContext:
    i18n.set_language("en")
    return ReportContext(None, Person(), Organisation("Clima"), date(2026, 3, 12))


def test_defaults(context: ReportContext) -> None:
    assert default_values(SPEC, context) == parse_settings(SPEC, [], context) == {
        "period": "this_month", "stage": None, "owner": 7, "company": None, "day": None, "details": True, "limit": 10,
    }  # fmt: skip


def test_texts_of_the_command_line(context: ReportContext) -> None:
    settings = [
        "period=2026-01-01..2026-03-31",
        "stage=proposta",
        "owner=me",
        "company=123",
        "day=today",
        "details=no",
        "limit=5",
    ]
    assert parse_settings(SPEC, settings, context) == {
        "period": "2026-01-01..2026-03-31", "stage": 42, "owner": 7, "company": 123, "day": date(2026, 3, 12),
        "details": False, "limit": 5,
    }  # fmt: skip
    assert parse_settings(SPEC, ["owner=all", "stage="], context)["owner"] is None


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("period=soon", "soon"),
        ("period=2026-05-01..2026-01-01", "Swap"),
        ("stage=gone", "new, 42"),
        ("owner=Helena", "me"),
        ("day=31/03/2026", "2026-03-31"),
        ("details=perhaps", "Details"),
        ("limit=ten", "whole number"),
        ("limit=0", "at least 1"),
        ("limit=1000", "at most 100"),
    ],
)
def test_a_wrong_value_is_named_with_a_way_out(setting: str, words: str, context: ReportContext) -> None:
    with pytest.raises(ValidationFailed, match=words) as caught:
        parse_settings(SPEC, [setting], context)
    assert [error.field for error in caught.value.errors] == [setting.split("=")[0]]


def test_every_wrong_value_is_told_at_once(context: ReportContext) -> None:
    with pytest.raises(ValidationFailed) as caught:
        checked_values(SPEC, {"limit": "x", "day": "y"}, context)
    assert [error.field for error in caught.value.errors] == ["day", "limit"]


def test_unknown_parameters_and_reports(context: ReportContext) -> None:
    with pytest.raises(UserError, match="period, stage"):
        parse_settings(SPEC, ["perid=all"], context)
    with pytest.raises(UserError, match="name=value"):
        parse_settings(SPEC, ["period"], context)
    assert find_report([SPEC], "sales.pipeline") is SPEC
    with pytest.raises(UserError, match=r"sales\.pipeline"):
        find_report([SPEC], "sales.pipline")


def test_a_required_parameter_must_be_given(context: ReportContext) -> None:
    spec = ReportSpec("x", "X", "", "x", build, (Parameter("who", "Company", "record", required=True),))
    with pytest.raises(ValidationFailed, match="Company is missing"):
        run_report(spec, context, {})


def test_a_report_is_built_from_checked_values(context: ReportContext) -> None:
    document = run_report(SPEC, context, {"period": "last_month"})
    assert document.author == "Helena"
    assert document.blocks == (Text(str((date(2026, 2, 1), date(2026, 2, 28)))),)


def test_the_filter_is_put_into_words(context: ReportContext) -> None:
    values = parse_settings(SPEC, ["stage=42"], context)
    line = filter_line(SPEC, values, context, owner="Helena Prates")
    assert line.startswith("Period: This month · Stage: Proposta · Owner: Helena Prates · Company: all")
