"""The functions of the server that know what the person who asks may do, and that turn rights into policies.

All belong to the owner role and look at ``session_user``, which nobody can claim. ``@owner@`` and the like are filled in
by ``lock``. Errors carry a code of :data:`CODES`, so that the program can say them in the user's language.
"""

from __future__ import annotations

ASKED = """
CREATE OR REPLACE FUNCTION crm_me() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT id FROM user_account WHERE login = session_user::text AND active);
END $$;

CREATE OR REPLACE FUNCTION crm_role() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT role FROM user_account WHERE login = session_user::text AND active);
END $$;

CREATE OR REPLACE FUNCTION crm_team() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT array_agg(u.id) FROM user_account me JOIN user_account u ON u.id = me.id OR u.team_id = me.team_id
          WHERE me.login = session_user::text AND me.active);
END $$;

CREATE OR REPLACE FUNCTION crm_leads() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_account WHERE login = session_user::text AND active AND role IN ('owner', 'admin'));
END $$;

CREATE OR REPLACE FUNCTION crm_lock.role_scope(p_role text, p_entity text, p_action text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN CASE WHEN p_role IN ('owner', 'admin') THEN 'all' ELSE coalesce(
    (SELECT scope FROM role_right WHERE role = p_role AND entity = p_entity AND action = p_action),
    (SELECT scope FROM crm_lock.right_default WHERE role = p_role AND entity = p_entity AND action = p_action), 'none') END;
END $$;

CREATE OR REPLACE FUNCTION crm_scope(p_entity text, p_action text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine text;
BEGIN
  mine := (SELECT role FROM user_account WHERE login = session_user::text AND active);
  IF mine IS NULL THEN RETURN NULL; END IF;
  RETURN crm_lock.role_scope(mine, p_entity, p_action);
END $$;

CREATE OR REPLACE FUNCTION crm_can(p_power text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN coalesce(crm_scope('', p_power) = 'all', false);
END $$;

CREATE OR REPLACE FUNCTION crm_open(p_action text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine text;
BEGIN
  mine := (SELECT role FROM user_account WHERE login = session_user::text AND active);
  RETURN ARRAY(SELECT e.entity FROM crm_lock.right_default e
    WHERE e.role = 'admin' AND e.action = p_action AND e.entity <> '' AND mine IS NOT NULL AND (mine IN ('owner', 'admin') OR coalesce(
      (SELECT r.scope FROM role_right r WHERE r.role = mine AND r.entity = e.entity AND r.action = p_action),
      (SELECT d.scope FROM crm_lock.right_default d WHERE d.role = mine AND d.entity = e.entity AND d.action = p_action)) = 'all'));
END $$;

CREATE OR REPLACE FUNCTION crm_all(p_entities text[], p_action text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN cardinality(p_entities) > 0 AND crm_open(p_action) @> p_entities;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.reaches(p_scope text, p_over text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$ SELECT array_position(ARRAY['none', 'own', 'team', 'all'], p_scope) >= array_position(ARRAY['none', 'own', 'team', 'all'], p_over) $$;

CREATE OR REPLACE FUNCTION crm_lock.role_reaches(p_role text, p_over text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM crm_lock.right_default d WHERE d.role = 'admin' AND NOT crm_lock.reaches(
    crm_lock.role_scope(p_role, d.entity, d.action), crm_lock.role_scope(p_over, d.entity, d.action)));
END $$;

CREATE OR REPLACE FUNCTION crm_lock.caller() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT CASE WHEN pg_has_role(session_user, @owner_text@, 'MEMBER') THEN 'owner' ELSE coalesce(crm_role(), '') END $$;
"""
"""Who asks, and how far their rights reach. Nothing at all for who does not work here (any more)."""

RIGHTS = """
CREATE OR REPLACE FUNCTION crm_lock.group_name(p_key text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$ SELECT CASE WHEN octet_length(@prefix@ || '_' || p_key) <= 63 THEN @prefix@ || '_' || p_key
             ELSE left(@prefix@, 20) || '_' || md5(p_key) END $$;

CREATE OR REPLACE FUNCTION crm_lock.keys() RETURNS SETOF text LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT role FROM crm_lock.right_default WHERE role <> 'owner' UNION SELECT key FROM public.role ORDER BY 1 $$;

CREATE OR REPLACE FUNCTION crm_lock.groups_of(p_role text) RETURNS text[] LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT ARRAY[@people_text@] || ARRAY(SELECT crm_lock.group_name(k) FROM crm_lock.keys() k
      WHERE k = CASE p_role WHEN 'owner' THEN 'admin' ELSE p_role END) $$;

CREATE OR REPLACE FUNCTION crm_lock.scopes() RETURNS TABLE (role text, entity text, reading text, sensitive boolean)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT k, e.entity, coalesce(max(s.scope) FILTER (WHERE s.action = 'read'), 'none'),
             coalesce(bool_or(s.scope = 'all') FILTER (WHERE s.action = 'sensitive'), false)
      FROM crm_lock.keys() k
      CROSS JOIN (SELECT DISTINCT d.entity FROM crm_lock.right_default d WHERE d.entity <> '') e
      LEFT JOIN (SELECT role, entity, action, coalesce(r.scope, d.scope) AS scope
                 FROM crm_lock.right_default d FULL JOIN (SELECT * FROM role_right r WHERE r.role NOT IN ('owner', 'admin')) r
                 USING (role, entity, action)) s
        ON s.role = k AND s.entity = e.entity
      GROUP BY k, e.entity $$;

CREATE OR REPLACE FUNCTION crm_lock.hold(p_tables text[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
-- all of the tables or none: who waits for one while holding another may wait for each other for ever
DECLARE names text := (SELECT string_agg(format('%I', t), ', ' ORDER BY t) FROM unnest(p_tables) t);
BEGIN
  FOR attempt IN 1..400 LOOP
    BEGIN
      EXECUTE 'LOCK TABLE ' || names || ' IN ACCESS EXCLUSIVE MODE NOWAIT';
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.005 + random() * 0.03);
    END;
  END LOOP;
  RAISE EXCEPTION 'rights: the tables are in use' USING ERRCODE = 'CRM08';
END $$;

CREATE OR REPLACE FUNCTION crm_lock.compile() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE one record; wanted jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(7230411906);
  PERFORM crm_lock.keep_group(crm_lock.group_name(k)) FROM crm_lock.keys() k;
  SELECT jsonb_agg(to_jsonb(d)) INTO wanted FROM (
    SELECT t.table_name, t.policy, coalesce(string_agg(format('%I', crm_lock.group_name(r.role)), ', '
      ORDER BY crm_lock.group_name(r.role)) FILTER (WHERE r.role IS NOT NULL), format('%I', @owner_text@)) AS roles
    FROM crm_lock.template t
    LEFT JOIN LATERAL (SELECT s.role FROM crm_lock.scopes() s WHERE s.entity = ANY (t.entities) GROUP BY s.role
                       HAVING bool_and(s.reading = t.reach AND (s.sensitive OR NOT t.sensitive))) r ON true
    GROUP BY t.table_name, t.policy
    EXCEPT
    SELECT c.relname, p.polname, string_agg(format('%I', a.rolname), ', ' ORDER BY a.rolname::text)
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid AND c.relnamespace = 'public'::regnamespace
    JOIN pg_roles a ON a.oid = ANY(p.polroles) GROUP BY c.relname, p.polname) d;
  IF wanted IS NOT NULL THEN
    PERFORM crm_lock.hold(ARRAY(SELECT DISTINCT w->>'table_name' FROM jsonb_array_elements(wanted) w));
    FOR one IN SELECT w->>'table_name' AS table_name, w->>'policy' AS policy, w->>'roles' AS roles
               FROM jsonb_array_elements(wanted) w LOOP
      EXECUTE format('ALTER POLICY %I ON public.%I TO %s', one.policy, one.table_name, one.roles);
    END LOOP;
  END IF;
  FOR one IN SELECT h.table_name, crm_lock.group_name(s.role) AS name, c AS col, s.sensitive AS may
             FROM crm_lock.hidden h JOIN crm_lock.scopes() s USING (entity), unnest(h.columns) c LOOP
    IF one.may IS DISTINCT FROM has_column_privilege(one.name, 'public.' || quote_ident(one.table_name), one.col, 'SELECT') THEN
      EXECUTE format(CASE WHEN one.may THEN 'GRANT SELECT (%1$I), INSERT (%1$I), UPDATE (%1$I) ON public.%2$I TO %3$I'
                     ELSE 'REVOKE SELECT (%1$I), INSERT (%1$I), UPDATE (%1$I) ON public.%2$I FROM %3$I' END,
                     one.col, one.table_name, one.name);
    END IF;
  END LOOP;
  FOR one IN SELECT o.table_name, crm_lock.group_name(s.role) AS name, s.sensitive OR NOT EXISTS (
               SELECT FROM custom_field f WHERE f.entity = o.entity AND f.sensitive) AS may
             FROM crm_lock.own o JOIN crm_lock.scopes() s USING (entity) LOOP
    IF one.may IS DISTINCT FROM has_column_privilege(one.name, 'public.' || quote_ident(one.table_name), 'custom', 'SELECT') THEN
      EXECUTE format(CASE WHEN one.may THEN 'GRANT SELECT (custom) ON public.%1$I TO %2$I'
                     ELSE 'REVOKE SELECT (custom) ON public.%1$I FROM %2$I' END, one.table_name, one.name);
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.sync_logins() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
  PERFORM crm_lock.keep_login(login, active, crm_lock.groups_of(role), role = 'owner') FROM user_account ORDER BY id;
END $$;
"""
"""Rights into policies: which roles stand in which of them, who sees which columns, and who belongs to which role."""

TRIGGERS = """
CREATE OR REPLACE FUNCTION crm_lock.on_rights() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE gone text;
BEGIN
  PERFORM crm_lock.compile();
  IF TG_TABLE_NAME = 'role' AND TG_OP <> 'INSERT' THEN
    FOR gone IN SELECT rolname FROM pg_roles WHERE crm_lock.ours(rolname, 'group') AND rolname NOT IN (@people_text@, @owners_text@)
        AND rolname NOT IN (SELECT crm_lock.group_name(k) FROM crm_lock.keys() k) LOOP
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', gone);  -- what it was granted would keep it
    END LOOP;
  END IF;
  IF TG_TABLE_NAME = 'role' THEN PERFORM crm_lock.sync_logins(); END IF;
  IF TG_TABLE_NAME = 'role' AND TG_OP <> 'INSERT' THEN PERFORM crm_lock.keep_only(ARRAY(SELECT crm_lock.group_name(k) FROM crm_lock.keys() k)); END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_rights() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE who text := crm_lock.caller(); subject text; given text; mine text;
BEGIN
  IF TG_TABLE_NAME = 'role' THEN
    subject := CASE WHEN TG_OP = 'DELETE' THEN OLD.key ELSE NEW.key END;
    IF TG_OP <> 'DELETE' AND (NEW.key IN ('owner', 'owners', 'people', 'keeper') OR NEW.key = ''
        OR EXISTS (SELECT FROM crm_lock.right_default d WHERE d.role = NEW.key)) THEN
      RAISE EXCEPTION 'rights: reserved key of a role' USING ERRCODE = 'CRM09', DETAIL = NEW.key;
    END IF;
  ELSE
    subject := CASE WHEN TG_OP = 'DELETE' THEN OLD.role ELSE NEW.role END;
    IF TG_OP = 'UPDATE' AND OLD.role = who THEN subject := who; END IF;
  END IF;
  IF who NOT IN ('owner', 'admin') AND subject = who THEN
    RAISE EXCEPTION 'rights: nobody changes their own' USING ERRCODE = 'CRM10';
  END IF;
  IF TG_TABLE_NAME = 'role_right' AND who NOT IN ('owner', 'admin') THEN
    IF TG_OP = 'DELETE' THEN
      given := coalesce((SELECT d.scope FROM crm_lock.right_default d
        WHERE d.role = OLD.role AND d.entity = OLD.entity AND d.action = OLD.action), 'none');
      mine := crm_lock.role_scope(who, OLD.entity, OLD.action);
    ELSE
      given := NEW.scope;
      mine := crm_lock.role_scope(who, NEW.entity, NEW.action);
    END IF;
    IF NOT crm_lock.reaches(mine, given) OR NOT crm_lock.role_reaches(who, subject) THEN
      RAISE EXCEPTION 'rights: nobody gives more than they have' USING ERRCODE = 'CRM13';
    END IF;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE who text := crm_lock.caller(); old_role text := ''; new_role text := ''; told boolean := true;
BEGIN
  IF TG_OP <> 'INSERT' THEN old_role := OLD.role; END IF;
  IF TG_OP <> 'DELETE' THEN new_role := NEW.role; END IF;
  IF TG_OP = 'UPDATE' THEN
    told := (OLD.id, OLD.login, OLD.role, OLD.active) IS DISTINCT FROM (NEW.id, NEW.login, NEW.role, NEW.active);
  END IF;
  IF told AND who <> 'owner' AND 'owner' IN (old_role, new_role) THEN
    RAISE EXCEPTION 'rights: only an owner makes or changes owners' USING ERRCODE = 'CRM03';
  END IF;
  IF told AND who NOT IN ('owner', 'admin') THEN
    IF old_role IN ('owner', 'admin') OR new_role IN ('owner', 'admin') THEN
      RAISE EXCEPTION 'rights: only who leads the office makes administrators' USING ERRCODE = 'CRM03';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.login = session_user THEN
      RAISE EXCEPTION 'rights: nobody changes their own' USING ERRCODE = 'CRM10';
    END IF;
    IF (old_role <> '' AND NOT crm_lock.role_reaches(who, old_role)) OR (new_role <> '' AND NOT crm_lock.role_reaches(who, new_role)) THEN
      RAISE EXCEPTION 'rights: nobody manages who may do more' USING ERRCODE = 'CRM13';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND who NOT IN ('owner', 'admin') THEN
    IF OLD.login = session_user AND OLD.team_id IS DISTINCT FROM NEW.team_id THEN
      RAISE EXCEPTION 'rights: nobody changes their own' USING ERRCODE = 'CRM10';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
    RAISE EXCEPTION 'rights: the number of a user stays' USING ERRCODE = 'CRM10';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.on_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
  PERFORM pg_advisory_xact_lock(7230411906);
  IF TG_OP = 'DELETE' THEN
    PERFORM crm_lock.keep_drop(OLD.login);
  ELSE
    IF TG_OP = 'UPDATE' AND OLD.login <> NEW.login THEN PERFORM crm_lock.keep_rename(OLD.login, NEW.login); END IF;
    PERFORM crm_lock.keep_group(g) FROM unnest(crm_lock.groups_of(NEW.role)) g;
    PERFORM crm_lock.keep_login(NEW.login, NEW.active, crm_lock.groups_of(NEW.role), NEW.role = 'owner');
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.role = 'owner' AND OLD.active
      AND NOT EXISTS (SELECT FROM user_account WHERE role = 'owner' AND active) THEN
    RAISE EXCEPTION 'rights: the last owner stays' USING ERRCODE = 'CRM04';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_set() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE me bigint := crm_me();
BEGIN
  IF me IS NULL OR current_user = @owner_text@ THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.user_id := me;
    NEW.user_name := (SELECT name FROM user_account WHERE id = me);
    NEW.at := date_trunc('milliseconds', now());
    NEW.first_change := crm_newest_change() + 1;
    NEW.last_change := NULL;
    NEW.touched := NULL;
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' THEN
    NEW.user_id := OLD.user_id; NEW.user_name := OLD.user_name; NEW.at := OLD.at; NEW.first_change := OLD.first_change;
    NEW.kind := OLD.kind; NEW.undoes := OLD.undoes; NEW.id := OLD.id; NEW.compacted_at := OLD.compacted_at;
    NEW.touched := OLD.touched;
    IF OLD.user_id IS DISTINCT FROM me THEN
      NEW.title := OLD.title; NEW.params := OLD.params; NEW.last_change := OLD.last_change;
    END IF;
    IF OLD.last_change IS NOT NULL THEN NEW.last_change := OLD.last_change; END IF;
    IF NEW.last_change IS NOT NULL AND OLD.last_change IS NULL THEN
      NEW.last_change := crm_newest_change(); NEW.touched := crm_set_touched(OLD.id, OLD.first_change);
    END IF;
    RETURN NEW;
  END IF;
  IF crm_set_used(OLD.id, OLD.first_change) THEN
    RAISE EXCEPTION 'history: a change set with changes stays' USING ERRCODE = 'CRM05';
  END IF;
  RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE mine bigint := NULLIF(current_setting('crm.change_set', true), '')::bigint; me bigint := crm_me();
BEGIN
  IF mine IS NOT NULL AND me IS NOT NULL AND NOT EXISTS (
      SELECT FROM change_set s WHERE s.id = mine AND s.user_id = me AND s.last_change IS NULL) THEN
    RAISE EXCEPTION 'history: not a change set of yours' USING ERRCODE = 'CRM05';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_words() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
  IF OLD.created_by IS DISTINCT FROM crm_me() AND OLD.created_by IS NOT NULL AND current_user <> @owner_text@
      AND (OLD.body, OLD.created_by) IS DISTINCT FROM (NEW.body, NEW.created_by) AND NOT crm_leads() AND crm_me() IS NOT NULL THEN
    RAISE EXCEPTION 'rights: words of a colleague stay' USING ERRCODE = 'CRM06';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_view() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE me bigint := crm_me(); aside text[] := ARRAY['layout', 'version', 'updated_at', 'updated_by'];
  before jsonb := '{}'; given jsonb := coalesce(NEW.layout, '{}');
BEGIN
  IF me IS NULL OR current_user = @owner_text@ OR crm_leads() THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' THEN before := coalesce(OLD.layout, '{}'); END IF;
  -- nobody gives a view to a colleague, or opens a colleague's list with it: not even who may change shared ones
  IF (TG_OP = 'INSERT' AND NEW.owner_id IS DISTINCT FROM me AND NOT crm_was_made('saved_view', NEW.id, NEW.created_by, NEW.created_at))
      OR (TG_OP = 'UPDATE' AND NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NOT (
        crm_can('users') AND EXISTS (SELECT FROM user_account u WHERE u.id = OLD.owner_id AND NOT u.active))) THEN
    RAISE EXCEPTION 'rights: a view stays with who made it' USING ERRCODE = '42501';
  END IF;
  IF ARRAY(SELECT u FROM jsonb_array_elements(coalesce(before->'default_for', '[]')) u WHERE u <> to_jsonb(me) ORDER BY u)
      <> ARRAY(SELECT u FROM jsonb_array_elements(coalesce(given->'default_for', '[]')) u WHERE u <> to_jsonb(me) ORDER BY u)
      AND NOT (TG_OP = 'INSERT' AND crm_was_made('saved_view', NEW.id, NEW.created_by, NEW.created_at)) THEN
    RAISE EXCEPTION 'rights: whose list opens with a view is theirs' USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
  IF OLD.owner_id = me OR (OLD.scope <> 'private' AND crm_can('views')) THEN RETURN NEW; END IF;
  -- whose list opens with a view is theirs, whoever's view it is; nothing else of it
  IF to_jsonb(OLD) - aside <> to_jsonb(NEW) - aside
      OR before - 'default_for' <> given - 'default_for' THEN
    RAISE EXCEPTION 'rights: the view of a colleague stays' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION crm_lock.guard_numbers() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
  IF crm_me() IS NOT NULL AND NOT crm_leads() AND (TG_OP = 'DELETE' OR NEW.last < OLD.last OR NEW.series <> OLD.series) THEN
    RAISE EXCEPTION 'rights: numbers that were drawn stay drawn' USING ERRCODE = '42501';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE CONSTRAINT TRIGGER lock_rights AFTER INSERT OR UPDATE OR DELETE ON role_right DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION crm_lock.on_rights();
CREATE CONSTRAINT TRIGGER lock_role AFTER INSERT OR UPDATE OR DELETE ON role DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION crm_lock.on_rights();
CREATE CONSTRAINT TRIGGER lock_own_rights AFTER INSERT OR UPDATE OF sensitive, entity, key OR DELETE ON custom_field
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_lock.on_rights();
CREATE TRIGGER lock_guard BEFORE INSERT OR UPDATE OR DELETE ON role_right FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_rights();
CREATE TRIGGER lock_guard BEFORE INSERT OR UPDATE OR DELETE ON role FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_rights();
CREATE TRIGGER lock_guard BEFORE INSERT OR UPDATE OR DELETE ON user_account FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_user();
CREATE TRIGGER lock_user AFTER INSERT OR UPDATE OF login, role, active OR DELETE ON user_account
  FOR EACH ROW EXECUTE FUNCTION crm_lock.on_user();
CREATE TRIGGER lock_guard BEFORE INSERT OR UPDATE OR DELETE ON change_set FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_set();
CREATE TRIGGER lock_guard AFTER INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION crm_lock.guard_change();
CREATE TRIGGER lock_guard BEFORE UPDATE OR DELETE ON number_series FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_numbers();
CREATE TRIGGER lock_guard BEFORE INSERT OR UPDATE ON saved_view FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_view();
CREATE TRIGGER lock_guard BEFORE UPDATE OF body, created_by ON note FOR EACH ROW EXECUTE FUNCTION crm_lock.guard_words();
"""
"""Rights stay data: whoever writes the rows, the policies follow in the same transaction: at its end and all at once, since
tables are closed to everybody for that moment."""

CODES = (
    "CRM01",
    "CRM02",
    "CRM03",
    "CRM04",
    "CRM05",
    "CRM06",
    "CRM07",
    "CRM08",
    "CRM09",
    "CRM10",
    "CRM11",
    "CRM12",
    "CRM13",
)
"""The errors of these functions; ``db.database.explain`` has the sentences."""
