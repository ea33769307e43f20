"""What people try who have the password of one login and a plain client: read, change, escalate. All is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from crm_desktop.db.unit_of_work import write
from crm_desktop.records import attach_service, blobs, service
from tests.helpers.locked import LockedOffice

SECRET = b"The price list of the stranger"
TAX = "536904399"
PEOPLE = ("manager", "sales", "service", "marketing", "readonly")
"""Those who neither own nor administer the office."""


@dataclass
class Records:
    """A deal each of "sales", "mate" (of the same team) and "stranger", with what hangs on the stranger's; a contact."""

    office: LockedOffice
    deals: dict[str, int]
    contact: int
    note: int
    attachment: int
    case: int


@pytest.fixture
def records(locked_office: LockedOffice) -> Iterator[Records]:
    with write(locked_office.root, "Records", actor=locked_office.actor("stranger")) as uow:
        people = locked_office.people
        deals = {
            key: service.create_record(uow, "deal", {"name": f"Whale of {key}", "owner_id": people[key], "amount": 5})
            for key in ("sales", "mate", "stranger")
        }
        given = {"first_name": "Ida", "last_name": "Blum", "tax_id": "536-90-4399", "owner_id": people["stranger"]}
        contact = service.create_record(uow, "contact", given)
        case = service.create_record(uow, "case", {"subject": "Leak", "owner_id": people["stranger"]})
        note = attach_service.add_note(uow, "deal", deals["stranger"], "Submarine code words")
        digest = blobs.store_bytes(uow, SECRET)
        values = {
            "entity": "deal",
            "record_id": deals["stranger"],
            "name": "prices.txt",
            "sha256": digest,
            "revision": 1,
        }
        attachment = uow.insert("attachment", values)
        uow.insert("attachment_revision", {"attachment_id": attachment, "revision": 1, "sha256": digest})
        uow.insert("identifier", {"owner_id": contact, "kind": "passport", "value": "ZX99887766"})
    yield Records(locked_office, deals, contact, note, attachment, case)


def test_rows_of_others_are_not_there(records: Records) -> None:
    office = records.office
    mine = {row[0] for row in office.asked("sales", "SELECT id FROM deal")}
    assert mine == {records.deals["sales"], records.deals["mate"]}
    secret = records.deals["stranger"]
    for table in ("note", "attachment", "attachment_revision", "blob"):
        assert office.asked("stranger", f"SELECT count(*) FROM {table}") == [(1,)]
        assert office.asked("sales", f"SELECT count(*) FROM {table}") == [(0,)]
    assert office.asked("marketing", "SELECT count(*) FROM case_file") == [(0,)]
    assert office.asked("sales", "SELECT * FROM crm_search('''^sub''', 10)") == []
    assert [row[1] for row in office.asked("sales", "SELECT * FROM crm_search('''whale'':*', 10)")].count(secret) == 0
    assert office.asked("sales", "SELECT * FROM crm_search_ids('!''nothing''')").count((secret,)) == 0
    office.refused("sales", "SELECT body FROM search_text")
    office.refused("manager", "COPY search_text TO STDOUT")
    for key in ("owner", "admin", "manager", "readonly"):
        assert len(office.asked(key, "SELECT id FROM deal")) == 3


def test_a_condition_that_talks_never_sees_what_is_hidden(records: Records) -> None:
    """A function of one's own in a condition is asked for rows that may be read, and for no others."""
    connection = records.office.connect("sales")
    heard: list[str] = []
    connection.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
    connection.execute(
        "CREATE FUNCTION pg_temp.leak(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$ BEGIN RAISE NOTICE '%', t; RETURN true; END $$"
    )
    connection.execute("SELECT count(*) FROM deal WHERE pg_temp.leak(name)")
    connection.execute("SELECT count(*) FROM note WHERE pg_temp.leak(body)")
    connection.execute("SELECT count(*) FROM change_seen WHERE pg_temp.leak(data::text)")
    connection.execute("SELECT count(*) FROM change_set WHERE pg_temp.leak(title)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / (id - id) FROM deal")
    assert heard and not any("stranger" in one or "Submarine" in one for one in heard)


def test_changing_and_deleting_what_others_own(records: Records) -> None:
    office, secret, mates = records.office, records.deals["stranger"], records.deals["mate"]
    for target in (secret, mates):
        assert office.asked("sales", "UPDATE deal SET name = 'mine' WHERE id = %s", target) == [0]
        assert office.asked("sales", "DELETE FROM deal WHERE id = %s", target) == [0]
    for key in ("sales", "service", "marketing", "readonly"):
        assert office.asked(key, "DELETE FROM contact WHERE id = %s", records.contact) == [0]
        assert office.asked(key, "UPDATE case_file SET subject = 'x' WHERE id = %s", records.case) == [
            1 if key == "service" else 0
        ]
    assert office.asked("readonly", "UPDATE deal SET name = 'x'") == [0]
    assert office.asked("sales", "SELECT crm_hand_over('deal', %s, %s)", [secret, mates], office.people["sales"]) == [
        (0,)
    ]
    assert office.ask("SELECT count(*) FROM deal WHERE name LIKE 'Whale of %%'") == 3


def test_adding_to_what_others_own(records: Records) -> None:
    office, secret = records.office, records.deals["stranger"]
    note = (
        "INSERT INTO note (id, entity, record_id, body, created_at, created_by) VALUES (%s, 'deal', %s, 'x', now(), %s)"
    )
    office.refused("sales", note, 1, secret, office.people["sales"])
    office.refused("sales", note.replace("'deal'", "'contact'"), 1, secret, office.people["sales"])
    assert office.asked("readonly", note, 1, secret, office.people["stranger"]) == [1]  # under one's own name
    assert office.ask("SELECT created_by FROM note WHERE id = 1") == office.people["readonly"]
    tag = "INSERT INTO contact_point (id, owner_id, kind, value) VALUES (1, %s, 'email', 'a@example.org')"
    office.refused("sales", tag, records.contact)
    office.refused("readonly", tag, records.contact)
    deal = "INSERT INTO deal (id, name, pipeline_id, stage_id, created_at) SELECT 5, 'x', pipeline_id, id, now() FROM stage LIMIT 1"
    for key in ("service", "marketing", "readonly"):
        office.refused(key, deal)
    part = "INSERT INTO blob_part (id, blob_id, number, content) SELECT 9, id, 5, 'x' FROM blob"
    office.refused("stranger", part)
    assert office.asked("stranger", "UPDATE blob SET content = 'x'") == [0]


def test_sensitive_fields(records: Records) -> None:
    """Not the column, not the row as a whole, not through what a write gives back, not by trying words in the search."""
    office, contact = records.office, records.contact
    for key in ("sales", "service", "marketing", "readonly"):
        for statement in (
            "SELECT tax_id FROM contact", "SELECT * FROM contact", "SELECT row_to_json(c) FROM contact c",
            "SELECT c FROM contact c", "SELECT c::text FROM contact c", "SELECT 1 FROM contact WHERE tax_id LIKE '5%%'",
            "SELECT count(tax_id) FROM contact", "SELECT 1 FROM contact ORDER BY tax_id", "TABLE contact",
            "SELECT id FROM contact GROUP BY id HAVING max(tax_id) > '5'", "COPY contact TO STDOUT",
            "UPDATE contact SET last_name = last_name RETURNING tax_id", "UPDATE contact SET last_name = tax_id",
            "UPDATE contact SET tax_id = NULL", "DELETE FROM contact RETURNING *",
            "INSERT INTO contact (id, tax_id, name) VALUES (1, '5', 'x')", "SELECT revenue FROM company",
            "SELECT cost FROM product", "COMMENT ON COLUMN contact.tax_id IS 'x'",
        ):  # fmt: skip
            office.refused(key, statement)
        assert office.asked(key, "SELECT count(*) FROM identifier") == [(0,)]
        for word in (
            f"''{TAX[:5]}'':*",
            "''^536''",
            "''zx998''",
            "''\ue002536904399''",
            "''\ue002536'':*",
            "''zx99887766'':*",
        ):
            assert office.asked(key, f"SELECT * FROM crm_search('{word}', 10)") == []
            assert office.asked(key, f"SELECT * FROM crm_search_ids('{word} | !''x''')").count((contact,)) <= 1
        assert not any(TAX in str(row) for row in office.asked(key, "SELECT data FROM change_seen"))
        assert office.asked(key, "SELECT count(*) FROM pg_stats WHERE attname = 'tax_id'") == [(0,)]
    assert office.asked("manager", "SELECT tax_id FROM contact") == [(TAX,)]
    assert office.asked("manager", "SELECT count(*) FROM identifier") == [(1,)]
    assert office.asked("admin", f"SELECT id FROM crm_search('''{TAX[:5]}'':*', 10)") == [(contact,)]


def test_nobody_reaches_the_ground(records: Records) -> None:
    """Not even owners and administrators, as they sign in: objects, triggers, policies, files of the server."""
    office = records.office
    owner = office.name.encode()[:40].decode() + "_owner"
    for key in ("owner", "admin", "manager", "sales", "readonly"):
        _tries(office, key, owner)
        with contextlib.suppress(
            psycopg.errors.InsufficientPrivilege
        ):  # a warning where something is one's own to read
            office.asked(key, "GRANT SELECT ON change, contact TO PUBLIC")
    everybody = (
        "SELECT count(*) FROM pg_class, aclexplode(relacl) a WHERE relname IN ('change', 'contact') AND a.grantee = 0"
    )
    assert office.ask(everybody) == 0


def _tries(office: LockedOffice, key: str, owner: str) -> None:
    for statement in (
        "ALTER TABLE change DISABLE TRIGGER ALL", "ALTER TABLE contact DISABLE TRIGGER USER",
        "ALTER TABLE contact DISABLE ROW LEVEL SECURITY", "ALTER TABLE contact NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY read_all ON contact", "CREATE POLICY mine ON contact USING (true)",
        "DROP TRIGGER history_contact_update ON contact", "DROP TABLE change CASCADE", "TRUNCATE change",
        "TRUNCATE contact CASCADE", "DELETE FROM change", "UPDATE change SET data = NULL",
        "INSERT INTO change (table_name, record_id, op) VALUES ('contact', 1, 'I')",
        "CREATE TRIGGER mine AFTER INSERT ON contact FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE public.mine (id int)", "CREATE SCHEMA mine", "CREATE VIEW public.mine AS SELECT 1",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE RULE mine AS ON INSERT TO contact DO NOTHING",
        "DROP VIEW change_seen", "CREATE OR REPLACE FUNCTION public.crm_me() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "ALTER FUNCTION crm_me() SET search_path = pg_temp", "SET session_replication_role = replica",
        "SELECT * FROM crm_lock.right_default", "SELECT crm_lock.keep_login('x', true, '{}', true)",
        "SELECT crm_lock.keep_password('x', 'y')", "SELECT crm_lock.compile()", "SELECT crm_lock.role_scope('a', 'b', 'c')",
        "SELECT pg_read_file('postgresql.conf')", "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')",
        "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "COPY contact FROM PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/x'", "SELECT rolpassword FROM pg_authid", "ALTER SYSTEM SET log_statement = 'all'",
        "SET log_statement = 'none'", "ALTER DATABASE postgres SET work_mem = '1MB'",
        "CREATE DATABASE mine", "DO $$ BEGIN LOCK TABLE change IN ACCESS EXCLUSIVE MODE; END $$",
        "REINDEX TABLE change", "CREATE PUBLICATION mine FOR TABLE contact", "CREATE ROLE mine LOGIN",
        f"ALTER ROLE \"{owner}\" LOGIN", f"ALTER ROLE \"{office.server.user}\" PASSWORD 'x'",
        f"SET ROLE \"{owner.replace('_owner', '_keeper')}\"", f"SET ROLE \"{office.server.user}\"",
        f"SET SESSION AUTHORIZATION \"{office.server.user}\"", f"ALTER ROLE \"{office.logins[key]}\" SUPERUSER",
        f"ALTER ROLE \"{office.logins[key]}\" BYPASSRLS",
        f"GRANT pg_read_all_data TO \"{office.logins[key]}\"",
    ):  # fmt: skip
        office.refused(key, statement)
    if key != "owner":
        for role in (owner, *(("_".join((owner.removesuffix("_owner"), "admin")),) if key != "admin" else ())):
            office.refused(key, f'SET ROLE "{role}"')
            office.refused(key, f'GRANT "{role}" TO "{office.logins[key]}"')


def test_nobody_makes_themselves_more_than_they_are(records: Records) -> None:
    for key in PEOPLE:
        _climbs(records.office, key, records.office.people[key])


def _climbs(office: LockedOffice, key: str, me: int) -> None:
    assert office.asked(key, "UPDATE user_account SET role = 'admin' WHERE id = %s", me) == [0]
    assert office.asked(key, "UPDATE user_account SET login = 'x', active = false") == [0]
    assert office.asked(key, "DELETE FROM user_account") == [0]
    office.refused(
        key,
        "INSERT INTO user_account (id, name, login, role, created_at) VALUES (1, 'x', 'x.y', 'admin', now())",
    )
    office.refused(
        key,
        "INSERT INTO role_right (id, role, entity, action, scope) VALUES (1, %s, 'deal', 'read', 'all')",
        key,
    )
    office.refused(key, "INSERT INTO role (id, key, name, created_at) VALUES (1, 'boss', 'Boss', now())")
    office.refused(key, "INSERT INTO team (id, name, created_at) VALUES (1, 'x', now())")
    office.refused(key, "INSERT INTO office_setting (id, key, created_at) VALUES (1, 'x', now())")
    office.refused(
        key,
        "INSERT INTO custom_field (id, entity, key, label, kind, created_at) VALUES (1,'deal','x','x','text',now())",
    )
    assert office.asked(key, "UPDATE stage SET name = 'x'") == [0]
    for login in (office.logins["owner"], office.logins["admin"], office.server.user):
        office.refused(key, "SELECT crm_set_verifier(%s, 'SCRAM-SHA-256$4096:YWJj$YWJj:YWJj')", login)
    assert office.asked(key, "SELECT count(*) FROM user_secret") == [(0,)]
    office.refused(key, "INSERT INTO user_secret (id, user_id, password_hash) VALUES (1, %s, 'x')", me)


def test_what_an_administrator_may_not(records: Records) -> None:
    """Every row, but no ownership: owners are made by owners, and the last of them stays."""
    office = records.office
    admin, owner = office.people["admin"], office.people["owner"]
    office.refused("admin", "UPDATE user_account SET role = 'owner' WHERE id = %s", admin)
    office.refused("admin", "UPDATE user_account SET active = false WHERE id = %s", owner)
    office.refused("admin", "UPDATE user_account SET role = 'sales' WHERE id = %s", owner)
    office.refused("admin", "UPDATE user_account SET login = 'me.too' WHERE id = %s", owner)
    office.refused("admin", "DELETE FROM user_account WHERE id = %s", owner)
    office.refused(
        "admin",
        "INSERT INTO user_account (id, name, login, role, created_at) VALUES (1, 'x', 'x.y', 'owner', now())",
    )
    office.refused("admin", "SELECT crm_set_verifier(%s, 'SCRAM-SHA-256$4096:YWJj$YWJj:YWJj')", office.logins["owner"])
    office.refused("owner", "UPDATE user_account SET active = false WHERE id = %s", owner)
    office.refused("owner", "UPDATE user_account SET role = 'admin' WHERE id = %s", owner)
    office.refused("admin", "INSERT INTO role (id, key, name, created_at) VALUES (1, 'keeper', 'x', now())")
    office.refused("admin", "INSERT INTO role (id, key, name, created_at) VALUES (1, 'manager', 'x', now())")
    assert office.asked("owner", "UPDATE user_account SET role = 'owner' WHERE id = %s", admin) == [1]
    assert office.asked("owner", "UPDATE user_account SET active = false WHERE id = %s", owner) == [1]


def test_numbers_that_were_drawn_stay_drawn(records: Records) -> None:
    office = records.office
    drawn = office.ask("SELECT last FROM number_series")
    for statement in (
        "UPDATE number_series SET last = 3",
        "DELETE FROM number_series",
        "UPDATE number_series SET series = 'y'",
    ):
        assert office.asked("sales", statement) == [0]
    assert office.ask("SELECT last FROM number_series") == drawn == 1


def test_an_owner_acts_as_the_owner_role_on_purpose_only(records: Records) -> None:
    office = records.office
    role = office.name.encode()[:40].decode() + "_owner"
    connection = office.connect("owner")
    connection.execute(f'SET ROLE "{role}"')
    assert connection.execute("SELECT count(*) > 0 FROM change").fetchone() == (True,)
    connection.execute("ALTER TABLE contact ADD COLUMN shoe_size int")


def test_names_of_ones_own_do_not_stand_in_for_those_of_the_office(records: Records) -> None:
    """A temporary table or function of the same name is not what the functions of the lock read."""
    office = records.office
    connection = office.connect("sales")
    connection.execute(
        "CREATE TEMPORARY TABLE user_account (id bigint, login text, active boolean, role text, team_id bigint)"
    )
    connection.execute("INSERT INTO pg_temp.user_account VALUES (1, session_user, true, 'owner', 1)")
    connection.execute("CREATE TEMPORARY TABLE role_right (role text, entity text, action text, scope text)")
    connection.execute("CREATE FUNCTION pg_temp.crm_me() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'")
    connection.execute("SET search_path = pg_temp, public")
    assert connection.execute("SELECT public.crm_me(), public.crm_leads()").fetchone() == (
        office.people["sales"],
        False,
    )
    assert connection.execute("SELECT count(*) FROM public.deal").fetchone() == (2,)
    connection.execute("SET search_path = pg_temp, public")
    connection.execute("UPDATE public.deal SET name = 'Renamed' WHERE id = %s", (records.deals["sales"],))
    assert office.ask("SELECT count(*) FROM change WHERE record_id = %s AND op = 'U'", records.deals["sales"]) == 1


def test_who_is_no_login_of_the_office_does_not_even_connect(records: Records) -> None:
    server = records.office.server
    login = f"visitor_{records.office.logins['sales'][-6:]}"
    server.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="CONNECT"):
        psycopg.connect(server.url(records.office.name, login, "x"))
