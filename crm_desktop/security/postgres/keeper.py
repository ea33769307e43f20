"""The functions that make logins and groups on the server; ``@owner@`` and the like are filled in by ``lock``."""

from __future__ import annotations

KEEPER = """
CREATE FUNCTION crm_lock.ours(p_name text, p_kind text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$ SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = p_name AND NOT r.rolsuper AND NOT r.rolcreaterole
      AND NOT r.rolbypassrls AND NOT r.rolreplication
      AND shobj_description(r.oid, 'pg_authid') = 'CRM Desktop ' || p_kind || ': ' || @prefix@) $$;

CREATE FUNCTION crm_lock.keep_group(p_name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$ BEGIN
  IF crm_lock.ours(p_name, 'group') THEN RETURN; END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = p_name) THEN
    RAISE EXCEPTION 'rights: this role is there already' USING ERRCODE = 'CRM01', DETAIL = p_name;
  END IF;
  EXECUTE format('CREATE ROLE %I NOLOGIN', p_name);
  EXECUTE format('COMMENT ON ROLE %I IS %L', p_name, 'CRM Desktop group: ' || @prefix@);
END $$;

CREATE FUNCTION crm_lock.keep_login(p_login text, p_active boolean, p_groups text[], p_owner boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE wanted text[] := CASE WHEN p_active THEN p_groups ELSE '{}' END; one text; may boolean;
BEGIN
  IF p_login !~ '^[^[:space:]"'']+$' OR octet_length(p_login) > 63 OR p_login ~* '^(pg_|public$|none$|current_|session_user$)' THEN
    RAISE EXCEPTION 'rights: not a login' USING ERRCODE = 'CRM02', DETAIL = p_login;
  END IF;
  SELECT rolcanlogin INTO may FROM pg_roles WHERE rolname = p_login;
  IF NOT FOUND THEN
    EXECUTE format('CREATE ROLE %I %s', p_login, CASE WHEN p_active THEN 'LOGIN' ELSE 'NOLOGIN' END);
    EXECUTE format('COMMENT ON ROLE %I IS %L', p_login, 'CRM Desktop login: ' || @prefix@);
  ELSIF NOT crm_lock.ours(p_login, 'login') THEN
    RAISE EXCEPTION 'rights: this login is there already' USING ERRCODE = 'CRM01', DETAIL = p_login;
  ELSIF may <> p_active THEN
    EXECUTE format('ALTER ROLE %I %s', p_login, CASE WHEN p_active THEN 'LOGIN' ELSE 'NOLOGIN' END);
  END IF;
  IF p_owner AND p_active AND current_setting('server_version_num')::int >= 160000 THEN
    wanted := wanted || @owner_text@::text;
  ELSIF p_owner AND p_active THEN
    -- older servers know no membership that is not inherited: a role between them that inherits nothing stands for it
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = @owners_text@) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', @owners_text@);
      EXECUTE format('COMMENT ON ROLE %I IS %L', @owners_text@, 'CRM Desktop group: ' || @prefix@);
      EXECUTE format('GRANT %I TO %I', @owner_text@, @owners_text@);
    END IF;
    wanted := wanted || @owners_text@::text;
  END IF;
  FOR one IN SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
             WHERE u.rolname = p_login AND g.rolname <> ALL (wanted)
             AND (g.rolname = @owner_text@ OR crm_lock.ours(g.rolname, 'group')) LOOP
    EXECUTE format('REVOKE %I FROM %I', one, p_login);
  END LOOP;
  FOREACH one IN ARRAY wanted LOOP
    IF one <> @owner_text@ AND NOT crm_lock.ours(one, 'group') THEN
      RAISE EXCEPTION 'rights: not a role of the office' USING ERRCODE = 'CRM01', DETAIL = one;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
                   WHERE u.rolname = p_login AND g.rolname = one) THEN
      EXECUTE format('GRANT %I TO %I', one, p_login) ||
        CASE WHEN one = @owner_text@ AND current_setting('server_version_num')::int >= 160000
             THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION crm_lock.keep_rename(p_old text, p_new text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = p_new) THEN
    RAISE EXCEPTION 'rights: this login is there already' USING ERRCODE = 'CRM01', DETAIL = p_new;
  END IF;
  IF p_new !~ '^[^[:space:]"'']+$' OR octet_length(p_new) > 63 OR p_new ~* '^(pg_|public$|none$|current_|session_user$)' THEN
    RAISE EXCEPTION 'rights: not a login' USING ERRCODE = 'CRM02', DETAIL = p_new;
  END IF;
  IF p_old = session_user THEN  -- the server renames nobody who is signed in
    RAISE EXCEPTION 'rights: nobody changes their own' USING ERRCODE = 'CRM10';
  END IF;
  IF crm_lock.ours(p_old, 'login') THEN EXECUTE format('ALTER ROLE %I RENAME TO %I', p_old, p_new); END IF;
END $$;

CREATE FUNCTION crm_lock.keep_drop(p_login text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$ BEGIN
  IF NOT crm_lock.ours(p_login, 'login') THEN RETURN; END IF;
  PERFORM crm_lock.keep_login(p_login, false, '{}', false);
  BEGIN
    EXECUTE format('DROP ROLE %I', p_login);
  EXCEPTION WHEN dependent_objects_still_exist OR object_in_use THEN
    NULL;  -- it stays without rights and without a way in
  END;
END $$;

CREATE FUNCTION crm_lock.keep_only(p_groups text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE one text;
BEGIN
  FOR one IN SELECT rolname FROM pg_roles WHERE crm_lock.ours(rolname, 'group') AND rolname <> ALL (p_groups)
             AND rolname NOT IN (@people_text@, @owners_text@) LOOP
    BEGIN
      EXECUTE format('DROP ROLE %I', one);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      NULL;
    END;
  END LOOP;
END $$;

CREATE FUNCTION crm_lock.keep_password(p_login text, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$ BEGIN
  IF p_verifier IS NULL OR p_verifier !~ '^SCRAM-SHA-256\\$[0-9]+:[A-Za-z0-9+/]+={0,2}\\$[A-Za-z0-9+/]+={0,2}:[A-Za-z0-9+/]+={0,2}$'
      OR NOT crm_lock.ours(p_login, 'login') THEN
    RAISE EXCEPTION 'rights: not a verifier of a password, or not a login of the office' USING ERRCODE = 'CRM07';
  END IF;
  EXECUTE format('ALTER ROLE %I PASSWORD %L', p_login, p_verifier);
END $$;
"""
"""What makes roles of the server: its owner may create roles, nobody is a member of it, and it touches none but ours."""
