"""The office's own fields that are sensitive: nobody reads or overwrites them without that right to their record type.

All own fields of a record are in one JSON column, which nobody is granted who may not see all of them; these people read
the others by ``crm_own_fields``. What they write into the column leaves the hidden ones as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_desktop.security.postgres.conditions import Conditions, literal

_HEAD = "LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$"

ASKED = f"""
CREATE OR REPLACE FUNCTION crm_own_veiled() RETURNS text[] {_HEAD}
-- the record types with own fields that the person may not see
BEGIN
  RETURN ARRAY(SELECT DISTINCT f.entity FROM custom_field f WHERE f.sensitive AND NOT crm_all(ARRAY[f.entity], 'sensitive'));
END $$;

CREATE OR REPLACE FUNCTION crm_lock.own_keys(p_entity text) RETURNS text[] {_HEAD}
BEGIN
  RETURN ARRAY(SELECT f.key FROM custom_field f WHERE f.entity = p_entity AND f.sensitive
               AND NOT crm_all(ARRAY[p_entity], 'sensitive'));
END $$;

CREATE OR REPLACE FUNCTION crm_bare_own(p_entity text, p_data jsonb) RETURNS jsonb {_HEAD}
-- what a change tells: of an edit [before, after], of a deletion what was
DECLARE keys text[] := crm_lock.own_keys(p_entity); was jsonb := p_data->'custom'; a jsonb; b jsonb;
BEGIN
  IF was IS NULL OR cardinality(keys) = 0 THEN RETURN p_data; END IF;
  IF jsonb_typeof(was) = 'object' THEN RETURN jsonb_set(p_data, '{{custom}}', was - keys); END IF;
  IF jsonb_typeof(was) <> 'array' THEN RETURN p_data; END IF;
  a := CASE jsonb_typeof(was->0) WHEN 'object' THEN (was->0) - keys ELSE was->0 END;
  b := CASE jsonb_typeof(was->1) WHEN 'object' THEN (was->1) - keys ELSE was->1 END;
  IF coalesce(nullif(a, 'null'), '{{}}') = coalesce(nullif(b, 'null'), '{{}}') THEN RETURN p_data - 'custom'; END IF;
  RETURN jsonb_set(p_data, '{{custom}}', jsonb_build_array(a, b));
END $$;

CREATE OR REPLACE FUNCTION crm_own_kept(p_entity text, p_old jsonb, p_new jsonb) RETURNS jsonb {_HEAD}
-- what is stored where somebody writes who does not see all of it
DECLARE keys text[] := crm_lock.own_keys(p_entity); made jsonb; kept jsonb;
BEGIN
  IF crm_me() IS NULL OR cardinality(keys) = 0 THEN RETURN p_new; END IF;
  kept := (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(CASE jsonb_typeof(p_old) WHEN 'object' THEN p_old ELSE '{{}}' END) e
           WHERE e.key = ANY (keys));
  made := (CASE jsonb_typeof(p_new) WHEN 'object' THEN p_new ELSE '{{}}' END - keys) || coalesce(kept, '{{}}');
  RETURN nullif(made, '{{}}');
END $$;
"""

GUARD = """
CREATE OR REPLACE FUNCTION crm_lock.guard_own() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
  IF current_user = @owner_text@ THEN RETURN NEW; END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.custom IS NOT NULL THEN NEW.custom := crm_own_kept(TG_ARGV[0], NULL, NEW.custom); END IF;
  ELSIF NEW.custom IS DISTINCT FROM OLD.custom THEN
    NEW.custom := crm_own_kept(TG_ARGV[0], OLD.custom, NEW.custom);
  END IF;
  RETURN NEW;
END $$;
"""


def functions(conditions: Conditions) -> Iterator[str]:
    """The function that gives the own fields of a record, and what keeps the hidden ones; :data:`ASKED` comes first."""
    branches = []
    for rule in conditions.rules.values():
        if rule.rule != "record":
            continue
        branches.append(
            f'WHEN {literal(rule.entity)} THEN RETURN (SELECT p.custom - crm_lock.own_keys(p_entity) FROM "{rule.table}" p '
            f"WHERE p.id = p_id AND {conditions.seen(rule, 'p')});"
        )
        yield (
            f'CREATE TRIGGER lock_own BEFORE INSERT OR UPDATE OF custom ON "{rule.table}" FOR EACH ROW '
            f"EXECUTE FUNCTION crm_lock.guard_own({literal(rule.entity)});"
        )
    yield (
        f"CREATE OR REPLACE FUNCTION crm_own_fields(p_entity text, p_id bigint) RETURNS jsonb {_HEAD} "
        f"BEGIN CASE p_entity {' '.join(branches)} ELSE RETURN NULL; END CASE; END $$;"
    )
