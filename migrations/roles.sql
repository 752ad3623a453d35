-- The roles of the house and what PUBLIC loses. Run by an administrator of the server in the house's own database,
-- before `coopmed migrate` and again after every server upgrade; running it twice changes nothing.
-- Passwords are not set here: `ALTER ROLE contractor_rw PASSWORD '…'` is the administrator's own act.

DO $$
DECLARE
    wanted text[] := ARRAY['contractor_rw', 'county_rw', 'finance_rw', 'claimant_rw', 'auditor_ro'];
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'owner') THEN
        CREATE ROLE owner NOLOGIN NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') THEN
        CREATE ROLE backup LOGIN REPLICATION CONNECTION LIMIT 4;
    END IF;
    FOREACH name IN ARRAY wanted LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 60', name);
        END IF;
        EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', name);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', name);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', name);
        EXECUTE format('ALTER ROLE %I SET search_path = pg_catalog', name);
        EXECUTE format('ALTER ROLE %I SET timezone = ''UTC''', name);
    END LOOP;
    ALTER ROLE auditor_ro SET default_transaction_read_only = on;
END
$$;

-- The database itself: nobody connects, makes temporary tables or creates schemas unless told so.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO contractor_rw, county_rw, finance_rw, claimant_rw, auditor_ro, backup',
        current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO owner', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Extensions live apart; their operators are reached through indexes and constraints only.
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO owner, contractor_rw, county_rw, finance_rw, claimant_rw, auditor_ro;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;

-- What a role with SELECT alone could still do to others: large objects, session locks, notifications, sleeping,
-- reading files, replication slots, statistics, ending its own role's other sessions. PostgreSQL marks everything that
-- acts as volatile, so every volatile function of its catalogue is closed but those named here, and those that a later
-- version adds start closed too. (Functions with an `internal` argument cannot be called from SQL.)
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure AS signature
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'pg_catalog'
          AND p.provolatile = 'v'
          AND NOT ('internal'::regtype = ANY (p.proargtypes))
          AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'language_handler'::regtype)
          AND p.proname NOT IN (
              'clock_timestamp', 'timeofday', 'random', 'random_normal', 'setseed', 'gen_random_uuid', 'uuidv4', 'uuidv7',
              'array_sample', 'array_shuffle', 'set_config', 'nextval', 'currval', 'lastval', 'setval',
              'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared', 'pg_try_advisory_xact_lock',
              'pg_try_advisory_xact_lock_shared', 'pg_is_in_recovery', 'txid_status', 'pg_xact_status',
              'plpgsql_validator')
        UNION
        SELECT p.oid::regprocedure
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'pg_catalog'
          AND p.proname ~ '^(lo_|loread|lowrite|pg_read_|pg_ls_|pg_stat_file|database_to_xml|schema_to_xml|table_to_xml)'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.signature);
    END LOOP;
END
$$;

-- The county reads what was published over several connections that must see one moment. The function names the caller's
-- own snapshot and gives nobody anything they could not read by themselves.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_export_snapshot() TO county_rw;

-- What the owner makes later starts closed.
ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE USAGE ON TYPES FROM PUBLIC;
