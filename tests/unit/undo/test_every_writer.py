"""Every function that writes is one of the actions whose undo is tested, or it is said here why it is not.

A new ``verb_noun(uow, ...)`` fails this test until somebody adds an action to ``tests/helpers/actions_of_*.py`` or a line here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.helpers import every_action

ROOT = Path(__file__).parents[3]
WITHOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "it is final, and the program says so before": {
        "insight.erasure": ("erase_person",),
        "records.deleted": ("delete_for_good",),
        "records.compaction": ("compact",),
        "records.blobs": ("delete_unused",),
        "backup.tidying": ("tidy", "tidy_if_due"),
        "security.accounts": ("give_password", "choose_password"),
        "security.passwords": ("give_password", "give_passwords", "choose_password", "take_password", "switch_off"),
    },
    "it is how things are taken back, which the tests of undo do all the time": {
        "records.history": ("undo_batch",),
        "records.undo_run": ("carry_out", "revert_all"),
        "records.undo_links": ("link_again",),
    },
    "it puts another file in the place of this one, which stays beside it": {
        "backup.replacing": ("prepare",),
        "backup.in_place": ("restore_in_place",),
        "backup.way_back": ("note_way_back",),
    },
    "it mends what is damaged, after a copy was made": {"doctor_repair": ("repair",)},
    "the program does it by itself": {
        "app": ("ensure_basics",),
        "calendar.times": ("refresh_link_times",),
        "importing.recipe_files": ("take_over",),
        "importing.recipes": ("count_use",),
        "importing.scheduled": ("count_use",),
        "insight.last_contact": ("refresh_last_contact",),
        "records.losses": ("tell_of_losses",),
        "records.notices": ("announce", "tell_colleagues", "tell_owners"),
        "sales.service": ("ensure_default_pipeline",),
        "security.service": ("ensure_first_user",),
        "demo.office": ("set_up_office",),
    },
    "it is a part of actions that are tested": {
        "contacts.merging": ("keep_companies", "join_companies"),
        "importing.needless": ("take_back_needless",),
        "importing.new_choices": ("add_choices",),
        "importing.pictures": ("store_pictures",),
        "importing.recipes": ("keep",),
        "importing.rehearsed": ("check_rows",),
        "importing.series_rows": ("link_to_series",),
        "importing.outcomes_count": ("newest_change", "counted", "compare"),
        "records.attach_service": ("ensure_tag",),
        "records.blobs": ("store_bytes", "store_parts"),
        "records.child_checks": ("settle_primary",),
        "records.custom": ("forget", "refuse_broken"),
        "records.field_service": ("replace_choices",),
        "records.mentions": ("keep_mentions",),
        "records.merge_children": ("move_children",),
        "records.numbers": ("draw_number", "reserve_number"),
        "records.service": ("set_child",),
        "records.settled": ("merged", "last_change"),
        "security.rules": ("keep_order",),
    },
    "it reads, or writes a file": {"cli_reports": ("write_report",)},
}


def writers() -> Iterator[str]:
    """Every public function that takes a unit of work first, or says who writes: ``records.service.create_record``."""
    for path in sorted((ROOT / "crm_desktop").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "crm_desktop").with_suffix("").parts)
        if module.startswith("db."):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
                if names[:1] == ["uow"] or "actor" in names:
                    yield f"{module}.{node.name}"


def acted() -> set[str]:
    """The functions of the program that the actions call."""
    found: set[str] = set()
    for part in every_action.PARTS:
        tree = ast.parse(Path(str(part.__file__)).read_text(encoding="utf-8"))
        known: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crm_desktop"):
                package = str(node.module).removeprefix("crm_desktop").removeprefix(".")
                known |= {one.asname or one.name: f"{package}.{one.name}".strip(".") for one in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name) and called.id in known:
                    found.add(known[called.id])
                elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                    found.add(f"{known.get(called.value.id, '?')}.{called.attr}")
    return found


def excused() -> set[str]:
    return {f"{module}.{name}" for reason in WITHOUT.values() for module, names in reason.items() for name in names}


def test_every_writer_has_an_action_whose_undo_is_tested() -> None:
    missing = set(writers()) - acted() - excused()
    assert not missing, f"add an action to tests/helpers/actions_of_*.py for {sorted(missing)}"


def test_nothing_is_excused_that_is_not_there_or_has_an_action() -> None:
    assert not excused() - set(writers()), "no such function"
    assert not excused() & acted(), "has an action: the excuse is not needed"
