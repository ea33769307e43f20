"""Recently deleted in the window: found, looked at, restored with all that hung on it, let go for good."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, merging, queries, service
from crm_desktop.records.retention import Policy, read_policy, save_policy
from tests.helpers.windows import settle, wait_for
from ui.framework import dialogs
from ui.history.deleted_page import DeletedPage
from ui.history.deleted_peek import DeletedPeek
from ui.main_window import MainWindow
from ui.records.unmerge_dialog import UnmergeDialog
from ui.widgets.toast import Toast

BEA = Actor(None, "Bea")


def gone(window: MainWindow, count: int) -> list[Any]:
    """Delete some contacts; returns the records as they were."""
    database = window.office.database
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", limit=count)
        records = [queries.get_record(database, connection, "contact", one) for one in ids]
    with write(database, "Delete contacts", actor=BEA) as uow:
        service.delete_records(uow, "contact", ids)
    return records


def opened(window: MainWindow) -> DeletedPage:
    window.activateWindow()
    window.open_page("deleted")
    settle()
    page = window.current_page
    assert isinstance(page, DeletedPage)
    return page


def there(window: MainWindow, identity: int) -> bool:
    table = window.office.database.schema.table("contact")
    with window.office.database.read() as connection:
        return connection.execute(table.select().where(table.c.id == identity)).first() is not None


def test_a_record_is_found_looked_at_and_restored_with_its_phones(window: MainWindow) -> None:
    first, _second = gone(window, 2)
    page = opened(window)
    QTest.keyClicks(page.search, fold(first.title).split()[0])
    wait_for(lambda: first.title in [one.title for one in page.model.rows()])
    settle()
    page.table.set_current_row(next(at for at, one in enumerate(page.model.rows()) if one.title == first.title))
    seen: list[str] = []

    def look(dialog: DeletedPeek) -> bool:
        seen.extend(line.text for line in dialog.lines)
        QTest.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)
        return True

    dialogs.answers.give(look)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    settle()
    assert first.title in seen
    database = window.office.database
    with database.read() as connection:
        after = queries.get_record(database, connection, "contact", first.id)
    assert after.children == first.children and after.tags == first.tags and after.values["name"] == first.title


def test_checked_records_come_back_together_and_undo_takes_them_away_again(window: MainWindow) -> None:
    records = gone(window, 4)
    page = opened(window)
    listed = len(page.model.rows())
    page.who.choose("Bea")
    settle()
    assert {one.title for one in page.model.rows()} == {one.title for one in records}
    page.table.setFocus()
    page.table.set_current_row(0)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    page.table.set_current_row(2)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.restore_button.text() == "Restore 2 records"
    QTest.mouseClick(page.restore_button, Qt.MouseButton.LeftButton)
    settle()
    assert sum(there(window, one.id) for one in records) == 2
    window.undo()
    settle()
    assert not any(there(window, one.id) for one in records)
    page.clear_filters()
    settle()
    assert len(page.model.rows()) == listed
    page.table.set_current_row(0)
    assert page.went_together()
    page.restore_all()
    settle()
    assert sum(there(window, one.id) for one in records) == 2


def test_letting_go_for_good_asks_and_says_that_it_is_final(window: MainWindow) -> None:
    [record] = gone(window, 1)
    page = opened(window)
    at = next(at for at, one in enumerate(page.model.rows()) if one.record_id == record.id)
    page.table.set_current_row(at)
    page.table.setFocus()
    dialogs.answers.give("no")
    page.purge()
    settle()
    assert "final" in dialogs.answers.asked[-1].text
    assert record.id in [one.record_id for one in page.model.rows()]
    dialogs.answers.give("yes")
    page.purge()
    settle()
    assert record.id not in [one.record_id for one in page.model.rows()]
    assert not there(window, record.id)


def test_how_long_they_are_kept_is_a_setting_of_the_office(window: MainWindow) -> None:
    gone(window, 1)
    page = opened(window)
    assert "90 days" in page.kept.text()
    dialogs.answers.give("30")
    QTest.mouseClick(page.days_button, Qt.MouseButton.LeftButton)
    settle()
    assert "30 days" in page.kept.text()
    [toast] = [one for one in window.findChildren(Toast) if one.isVisible()]
    foot = page.kept.mapTo(window, QPoint(0, 0)).y()
    assert toast.isVisible() and toast.geometry().bottom() < foot, "what it says can be read at once"
    with window.office.database.read() as connection:
        assert read_policy(connection).deleted_days == 30
    window.undo()
    settle()
    wait_for(lambda: "90 days" in page.kept.text())


def test_days_are_counted_down_only_where_deleted_records_go_by_themselves(window: MainWindow) -> None:
    gone(window, 1)
    page = opened(window)
    left = 1 + next(at for at, column in enumerate(page.model.columns) if column.key == "left")
    assert page.table.isColumnHidden(left) and "by itself" in page.kept.text()
    with write(window.office.database, "Weekly", actor=BEA) as uow:
        save_policy(uow, Policy(weekly=True))
    page.reload()
    wait_for(lambda: not page.table.isColumnHidden(left))
    assert page.model.index(0, left).data() == "in 90 days"
    assert page.kept.text() == "Deleted records are kept for 90 days, then they may be let go for good."
    with write(window.office.database, "Not by itself", actor=BEA) as uow:
        save_policy(uow, Policy())
    page.reload()
    wait_for(lambda: page.table.isColumnHidden(left))


def test_who_looks_for_a_record_that_was_merged_is_led_to_it_and_takes_the_merge_apart(window: MainWindow) -> None:
    database = window.office.database
    with write(database, "New", actor=BEA) as uow:
        stays, goes = (service.create_record(uow, "contact", {"name": name}) for name in ("Zoé Quirino", "Zoe Quirina"))
    merging.merge(database, BEA, "contact", stays, [goes])
    page = opened(window)
    QTest.keyClicks(page.search, "quirina")
    wait_for(lambda: not page.model.rows() and page.empty.isVisible() and "merged" in page.empty.text.text())
    page.empty.action.emit()
    wait_for(lambda: [one.title for one in page.model.rows()] == ["Zoe Quirina"])
    assert page.model.index(0, 3).data() == "merged, now in Zoé Quirino" and not page.can_purge()
    seen: list[Any] = []
    dialogs.answers.give(lambda dialog: bool(seen.append(dialog) or True))
    QTest.mouseClick(page.restore_button, Qt.MouseButton.LeftButton)
    wait_for(lambda: there(window, goes))
    assert isinstance(seen[0], UnmergeDialog) and there(window, stays)
    settle()


def test_more_that_was_undone_is_told_beside_what_was_deleted(window: MainWindow) -> None:
    database = window.office.database
    with write(database, "New", actor=window.office.actor) as uow:
        kept = service.create_record(uow, "contact", {"name": "Xênia Primeira"})
    with write(database, "New", actor=window.office.actor) as uow:
        service.create_record(uow, "contact", {"name": "Xenia Segunda"})
        made = uow.change_set_id
    history.undo(database, made, BEA)
    with write(database, "Delete", actor=BEA) as uow:
        service.delete_records(uow, "contact", [kept])
    page = opened(window)
    assert page.others.isHidden()
    QTest.keyClicks(page.search, "xenia")
    wait_for(lambda: page.others.isVisible())
    assert [one.title for one in page.model.rows()] == ["Xênia Primeira"] and page.others.text().startswith("1 more")
    QTest.mouseClick(page.others, Qt.MouseButton.LeftButton)
    wait_for(lambda: len(page.model.rows()) == 2)
    assert page.others.isHidden()
    page.clear_filters()
    wait_for(lambda: page.how.value == "" and not page.filtered)
    settle()
