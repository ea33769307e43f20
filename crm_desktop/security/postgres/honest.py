"""What nobody can claim on a locked server: who made something and when, what a file holds, which number was drawn.

Triggers put in place what a person could forge with a client of their own. Who leads the office restores and moves whole
offices, and is not held back; functions of the owner role put back what the history holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_desktop.db.base import BOOKKEEPING, Base
from crm_desktop.security.postgres.conditions import Conditions

MAKER = """
CREATE OR REPLACE FUNCTION crm_was_made(p_table text, p_id bigint, p_by bigint, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  -- as a row was before it was deleted or changed; or as one was that is merged into it now
  SELECT EXISTS (SELECT FROM change c WHERE c.record_id = p_id AND c.table_name = p_table AND (
      (c.op = 'D' AND (c.data->>'created_by')::bigint IS NOT DISTINCT FROM p_by AND (c.data->>'created_at')::timestamptz = p_at)
      OR (c.op = 'U' AND (c.data ? 'created_by' OR c.data ? 'created_at')
          AND (NOT c.data ? 'created_by' OR c.data->'created_by' @> jsonb_build_array(p_by))
          AND (NOT c.data ? 'created_at' OR p_at IN ((c.data->'created_at'->>0)::timestamptz, (c.data->'created_at'->>1)::timestamptz)))))
    OR EXISTS (SELECT FROM change_set s, change c WHERE s.id = NULLIF(current_setting('crm.change_set', true), '')::bigint
      AND s.kind = 'merge' AND s.last_change IS NULL AND c.id >= s.first_change AND c.change_set_id = s.id AND c.op = 'D'
      AND c.table_name = p_table AND (c.data->>'created_by')::bigint IS NOT DISTINCT FROM p_by
      AND (c.data->>'created_at')::timestamptz = p_at)
$$;

CREATE OR REPLACE FUNCTION crm_lock.guard_maker() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE me bigint; moment timestamptz := date_trunc('milliseconds', now());
BEGIN
  IF current_user = @owner_text@ THEN RETURN NEW; END IF;
  me := crm_me();
  IF me IS NULL OR crm_leads() THEN RETURN NEW; END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.created_by IS DISTINCT FROM me OR abs(extract(epoch FROM NEW.created_at - moment)) > 300 THEN
      IF NOT crm_was_made(TG_TABLE_NAME::text, NEW.id, NEW.created_by, NEW.created_at) THEN
        NEW.created_by := me;
        IF NEW.created_at > moment OR NOT crm_can('import') THEN NEW.created_at := moment; END IF;
      END IF;
    END IF;
    IF NEW.updated_by IS NOT NULL AND NEW.updated_by <> me THEN NEW.updated_by := me; END IF;
  ELSE
    IF NEW.created_by IS DISTINCT FROM OLD.created_by OR NEW.created_at IS DISTINCT FROM OLD.created_at THEN
      IF NOT crm_was_made(TG_TABLE_NAME::text, NEW.id, NEW.created_by, NEW.created_at) THEN
        NEW.created_by := OLD.created_by;
        IF NEW.created_at > OLD.created_at OR NOT crm_can('import') THEN NEW.created_at := OLD.created_at; END IF;
      END IF;
    END IF;
    NEW.updated_by := me;
  END IF;
  IF NEW.updated_at IS NULL AND TG_OP = 'UPDATE' OR abs(extract(epoch FROM NEW.updated_at - moment)) > 300 THEN
    NEW.updated_at := moment;
  END IF;
  RETURN NEW;
END $$;
"""

CONTENTS = """
CREATE TABLE crm_lock.proof (transaction xid8, sha256 text, salt bytea NOT NULL, proven boolean NOT NULL DEFAULT false,
  PRIMARY KEY (transaction, sha256));

CREATE OR REPLACE FUNCTION crm_lock.content(p_blob bigint) RETURNS bytea LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT b.content || coalesce((SELECT string_agg(p.content, ''::bytea ORDER BY p.number) FROM blob_part p
      WHERE p.blob_id = b.id), ''::bytea) FROM blob b WHERE b.id = p_blob $$;

CREATE OR REPLACE FUNCTION crm_lock.check_content() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE which bigint; told record; parts record; whole bytea;
BEGIN
  IF crm_me() IS NULL THEN RETURN NULL; END IF;
  IF TG_TABLE_NAME = 'blob' THEN
    which := NEW.id;
  ELSE
    which := NEW.blob_id;
    -- the last part speaks for all of them
    IF EXISTS (SELECT FROM blob_part p WHERE p.blob_id = which AND p.number > NEW.number) THEN RETURN NULL; END IF;
  END IF;
  SELECT b.sha256, b.size INTO told FROM blob b WHERE b.id = which;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT count(*) AS many, coalesce(min(p.number), 0) AS first, coalesce(max(p.number), -1) AS last INTO parts
    FROM blob_part p WHERE p.blob_id = which;
  IF TG_TABLE_NAME = 'blob' AND parts.many > 0 THEN RETURN NULL; END IF;
  whole := crm_lock.content(which);
  IF parts.first <> 0 OR parts.many <> parts.last + 1 OR told.size IS DISTINCT FROM length(whole)
      OR told.sha256 IS DISTINCT FROM encode(sha256(whole), 'hex') THEN
    RAISE EXCEPTION 'rights: the content of a file is not what it says' USING ERRCODE = 'CRM11';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION crm_knows_blob(p_sha256 text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM crm_lock.proof WHERE transaction = pg_current_xact_id() AND sha256 = p_sha256 AND proven) $$;

CREATE OR REPLACE FUNCTION crm_may_attach(p_table text, p_id bigint, p_sha256 text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT crm_me() IS NOT NULL AND (
    crm_knows_blob(p_sha256)
    OR EXISTS (SELECT FROM change_seen c WHERE c.record_id = p_id AND c.table_name = p_table AND (
      (c.op = 'D' AND c.data->>'sha256' = p_sha256) OR (c.op = 'U' AND c.data->'sha256' ? p_sha256))))
$$;

CREATE OR REPLACE FUNCTION crm_lock.guard_attached() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
  IF NEW.sha256 IS NULL OR current_user = @owner_text@ OR crm_me() IS NULL OR crm_leads() THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND NEW.sha256 IS NOT DISTINCT FROM OLD.sha256 THEN RETURN NEW; END IF;
  -- what a person sees by the server's own rules, as one of their files has it
  IF EXISTS (SELECT FROM blob b WHERE b.sha256 = NEW.sha256) THEN RETURN NEW; END IF;
  IF NOT crm_may_attach(TG_TABLE_NAME::text, NEW.id, NEW.sha256) THEN
    RAISE EXCEPTION 'rights: a content that was not shown' USING ERRCODE = 'CRM12';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.forget_proofs() RETURNS void LANGUAGE sql SET search_path = public, pg_temp
AS $$ DELETE FROM crm_lock.proof WHERE ctid IN (SELECT ctid FROM crm_lock.proof
      WHERE transaction < pg_snapshot_xmin(pg_current_snapshot()) LIMIT 1000 FOR UPDATE SKIP LOCKED) $$;

CREATE OR REPLACE FUNCTION crm_lock.note_content() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
  -- who stores a content has it; what it is worth is checked at the end
  PERFORM crm_lock.forget_proofs();
  INSERT INTO crm_lock.proof (transaction, sha256, salt, proven) VALUES (pg_current_xact_id(), NEW.sha256, '', true)
    ON CONFLICT (transaction, sha256) DO UPDATE SET proven = true;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION crm_blob_salt(p_sha256 text) RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
-- nothing where there is no such content; else what has to stand before it when who asks proves to have it
DECLARE made bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
BEGIN
  IF crm_me() IS NULL OR NOT EXISTS (SELECT FROM blob WHERE sha256 = p_sha256) THEN RETURN NULL; END IF;
  PERFORM crm_lock.forget_proofs();
  INSERT INTO crm_lock.proof AS p (transaction, sha256, salt) VALUES (pg_current_xact_id(), p_sha256, made)
    ON CONFLICT (transaction, sha256) DO UPDATE SET salt = excluded.salt;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION crm_prove_blob(p_sha256 text, p_proof text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE given bytea := (SELECT salt FROM crm_lock.proof WHERE transaction = pg_current_xact_id() AND sha256 = p_sha256);
BEGIN
  IF given IS NULL OR given = '' OR encode(sha256(given || crm_lock.content((SELECT id FROM blob WHERE sha256 = p_sha256))), 'hex')
      IS DISTINCT FROM p_proof THEN
    RETURN false;
  END IF;
  UPDATE crm_lock.proof SET proven = true WHERE transaction = pg_current_xact_id() AND sha256 = p_sha256;
  RETURN true;
END $$;

CREATE TRIGGER lock_stored AFTER INSERT ON blob FOR EACH ROW EXECUTE FUNCTION crm_lock.note_content();
CREATE CONSTRAINT TRIGGER lock_content AFTER INSERT OR UPDATE OF sha256, size, content ON blob DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION crm_lock.check_content();
CREATE CONSTRAINT TRIGGER lock_content AFTER INSERT OR UPDATE ON blob_part DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION crm_lock.check_content();
CREATE TRIGGER lock_attached BEFORE INSERT OR UPDATE OF sha256 ON attachment FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_attached();
CREATE TRIGGER lock_attached BEFORE INSERT OR UPDATE OF sha256 ON attachment_revision FOR EACH ROW
  EXECUTE FUNCTION crm_lock.guard_attached();
"""
"""A content is what its hash says; and a hash alone opens no content: who attaches a file has it, or sees it already."""

NUMBERS = """
CREATE OR REPLACE FUNCTION crm_take_series(p_series text, p_id bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE found bigint;
BEGIN
  IF crm_me() IS NULL OR p_series IS NULL OR p_series !~ '^[a-z][a-z_]{0,40}-[0-9]{1,9}$' THEN
    RAISE EXCEPTION 'rights: no series of numbers' USING ERRCODE = '42501';
  END IF;
  INSERT INTO number_series (id, series, last) VALUES (p_id, p_series, 0)
    ON CONFLICT (series) DO UPDATE SET last = number_series.last RETURNING last INTO found;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION crm_keep_series(p_series text, p_last bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE made bigint; now bigint := (SELECT last FROM number_series WHERE series = p_series);
BEGIN
  IF now IS NULL OR crm_me() IS NULL OR p_last <= now THEN RETURN; END IF;
  IF NOT crm_can('import') THEN  -- no more numbers than rows that were made in this transaction
    made := (SELECT count(*) FROM change_set s JOIN change c ON c.id >= s.first_change AND c.change_set_id = s.id AND c.op = 'I'
             WHERE s.id = NULLIF(current_setting('crm.change_set', true), '')::bigint AND s.last_change IS NULL);
    IF p_last - now > made THEN RAISE EXCEPTION 'rights: more numbers than records' USING ERRCODE = '42501'; END IF;
  ELSIF p_last > 999999999 THEN
    RAISE EXCEPTION 'rights: no such number' USING ERRCODE = '42501';
  END IF;
  UPDATE number_series SET last = p_last WHERE series = p_series;
END $$;
"""
"""Numbers are drawn one after the other, and nobody writes them."""

TURNS = """
CREATE OR REPLACE FUNCTION crm_take_turn(p_what text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN (crm_can(p_what) OR crm_leads()) AND pg_try_advisory_lock(72304119, hashtext(p_what)); END $$;

CREATE OR REPLACE FUNCTION crm_end_turn(p_what text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN pg_advisory_unlock(72304119, hashtext(p_what)); END $$;
"""
"""Locks of the server by name, for who has the power that the work needs; nobody takes others (``ground.ADVISORY``)."""

IMPORTED = """
CREATE OR REPLACE FUNCTION crm_imported(p_digest text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT CASE WHEN crm_can('import') THEN ARRAY(SELECT DISTINCT entity FROM import_batch
      WHERE digest = p_digest AND state = 'done') ELSE '{}'::text[] END $$;
"""
"""Which types of records came from a file already, whoever imported it: nobody imports it twice for not seeing that."""


def triggers(conditions: Conditions) -> Iterator[str]:
    """The statements that make who made and changed a row what it is, for every table that says so."""
    for name in made_tables(conditions):
        table = Base.metadata.tables[name]
        compared = [one.name for one in table.columns if one.name not in BOOKKEEPING or one.name.startswith("updated")]
        different = " OR ".join(f'OLD."{one}" IS DISTINCT FROM NEW."{one}"' for one in compared)
        yield (
            f'CREATE TRIGGER lock_maker BEFORE INSERT ON "{name}" FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_maker();\n'
            f'CREATE TRIGGER lock_maker_stays BEFORE UPDATE ON "{name}" FOR EACH ROW WHEN ({different}) '
            "EXECUTE FUNCTION crm_lock.guard_maker();"
        )


def made_tables(conditions: Conditions) -> list[str]:
    """The tables whose rows say who made and changed them, and when."""
    wanted = {"created_at", "created_by", "updated_at", "updated_by"}
    return [name for name in conditions.rules if wanted <= set(Base.metadata.tables[name].columns.keys())]
