"""The reasons of a score in words: "same phone", "similar name 0.93", "different birthday"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_desktop.core.i18n import N_, translate
from crm_desktop.dedupe.compare import AREA, DIFFERENT, PART, SAME, SIMILAR
from crm_desktop.dedupe.engine import Reason

_WORDS: dict[tuple[str, str], str] = {
    ("name", SAME): N_("same name"), ("name", SIMILAR): N_("similar name {ratio}"), ("name", PART): N_("part of the name"),
    ("name", DIFFERENT): N_("different name"), ("phone", SAME): N_("same phone"), ("phone", DIFFERENT): N_("different phone"),
    ("email", SAME): N_("same e-mail"), ("email", SIMILAR): N_("similar e-mail"), ("email", DIFFERENT): N_("different e-mail"),
    ("tax_id", SAME): N_("same tax number"), ("tax_id", SIMILAR): N_("similar tax number"),
    ("tax_id", DIFFERENT): N_("different tax number"), ("tax_id", PART): N_("another branch of the same tax number"),
    ("birthday", SAME): N_("same birthday"), ("birthday", SIMILAR): N_("similar birthday"),
    ("birthday", DIFFERENT): N_("different birthday"), ("address", SAME): N_("same address"),
    ("address", SIMILAR): N_("similar address"), ("address", PART): N_("same street, another number"),
    ("address", AREA): N_("same town"), ("address", DIFFERENT): N_("different address"),
    ("company_id", SAME): N_("same company"), ("company_id", SIMILAR): N_("similar company"),
    ("company_id", DIFFERENT): N_("different company"), ("people", SAME): N_("same people"),
    ("website", SAME): N_("same website"), ("website", DIFFERENT): N_("different website"),
    ("number", SAME): N_("same customer number"), ("number", DIFFERENT): N_("different customer number"),
}  # fmt: skip
_ANY = {
    SAME: N_("{field}: the same"), SIMILAR: N_("{field}: similar {ratio}"), PART: N_("{field}: partly the same"),
    AREA: N_("{field}: nearby"), DIFFERENT: N_("{field}: different"),
}  # fmt: skip
_SILENT = {("people", DIFFERENT)}


def reason_words(reason: Reason, labels: Mapping[str, str]) -> str:
    """One reason as a person reads it, translated; "" where there is nothing to say.

    Args:
        labels: translated labels of fields by name, for those that have no words of their own.
    """
    field, how, ratio = reason
    if (field, how) in _SILENT or how not in _ANY:
        return ""
    known = _WORDS.get((field, how))
    if known is not None:
        return translate(known).format(ratio=f"{ratio:.2f}")
    return translate(_ANY[how]).format(field=labels.get(field, field), ratio=f"{ratio:.2f}")


def speaks_for(reason: Reason) -> bool:
    """Whether a reason speaks for being the same."""
    return reason[1] != DIFFERENT


def sentence(reasons: Sequence[Reason], labels: Mapping[str, str], most: int = 4) -> str:
    """The weightiest reasons in one line."""
    return ", ".join([text for text in (reason_words(one, labels) for one in reasons) if text][:most])
