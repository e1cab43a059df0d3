"""The schema's own promises, asked of the catalog: each query must find nothing.

A tenant table is one with an `org_id`, plus `organization` itself.
"""

import psycopg
import pytest

from datelier.kit.db import APP_ROLE, SYSTEM_ROLE

# `worker` and `worker_session` serve every organization when org_id is null (the local worker),
# are written by the system role only, and no tenant row refers to them.
_SHARED = "('worker', 'worker_session')"
# Read by run only, and a run belongs to one organization by the composite foreign key.
_BY_RUN = "('run_event')"
_TENANT = """
    select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and (c.relname = 'organization' or exists (
        select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id'))
"""
_ALL = """
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p')
"""
LINTS = {
    "table the request role may touch without forced row-level security": f"""
        select relname from ({_ALL}) t where not (relrowsecurity and relforcerowsecurity)
        and (has_table_privilege('{APP_ROLE}', oid, 'select, insert, update, delete')
             or has_any_column_privilege('{APP_ROLE}', oid, 'select, insert, update'))""",
    "tenant table without forced row-level security": f"""
        select t.relname from ({_TENANT}) t join pg_class c using (oid)
        where not (c.relrowsecurity and c.relforcerowsecurity)""",
    "tenant table without a policy for the request role": f"""
        select relname from ({_TENANT}) t where not exists (
            select 1 from pg_policy p where p.polrelid = t.oid and p.polpermissive
            and '{APP_ROLE}'::regrole = any (p.polroles))""",
    "policy of the request role that does not compare the organization": f"""
        select p.polrelid::regclass::text from pg_policy p
        where ('{APP_ROLE}'::regrole = any (p.polroles) or 0 = any (p.polroles))
        and coalesce(pg_get_expr(p.polqual, p.polrelid), '') not like '%datelier.org%'""",
    "policy of the request role that is simply true": f"""
        select p.polrelid::regclass::text from pg_policy p
        where ('{APP_ROLE}'::regrole = any (p.polroles) or 0 = any (p.polroles))
        and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))""",
    "policy that lets the request role write unchecked rows": f"""
        select p.polrelid::regclass::text from pg_policy p
        where '{APP_ROLE}'::regrole = any (p.polroles) and p.polcmd in ('*', 'a', 'w')
        and p.polwithcheck is null and p.polqual is null""",
    "policy granted to everybody": """
        select p.polrelid::regclass::text from pg_policy p where 0 = any (p.polroles)""",
    "foreign key between tenant tables that leaves out the organization": f"""
        select k.conname from pg_constraint k
        where k.contype = 'f' and k.conrelid in (select oid from ({_TENANT}) a)
        and k.confrelid in (select oid from ({_TENANT}) b)
        and k.confrelid <> 'organization'::regclass
        and not (k.conrelid::regclass::text in {_SHARED})
        and not exists (select 1 from pg_attribute a where a.attrelid = k.conrelid
                        and a.attname = 'org_id' and a.attnum = any (k.conkey))""",
    "unique index of a tenant table without the organization, but for keys nobody chooses": f"""
        select i.indexrelid::regclass::text from pg_index i
        where i.indisunique and i.indrelid in (select oid from ({_TENANT}) t)
        and not exists (select 1 from pg_attribute a where a.attrelid = i.indrelid
                        and a.attname = 'org_id' and a.attnum = any (i.indkey))
        and not exists (select 1 from pg_attribute a where a.attrelid = i.indrelid
                        and a.attnum = any (i.indkey)
                        and (a.attname = 'id' or a.attname like '%\\_hash' or a.attname = 'run_id'))
        and i.indexrelid::regclass::text <> 'organization_slug_key'""",
    "tenant table whose organization may be empty": f"""
        select t.relname from ({_TENANT}) t join pg_attribute a on a.attrelid = t.oid
        where a.attname = 'org_id' and not a.attnotnull and t.relname not in {_SHARED}""",
    "tenant table without an index that begins with the organization": f"""
        select relname from ({_TENANT}) t where relname <> 'organization'
        and relname not in {_SHARED} and relname not in {_BY_RUN} and not exists (
            select 1 from pg_index i join pg_attribute a
            on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = t.oid and a.attname = 'org_id')""",
    "view that runs with its owner's rights": """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('v', 'm')
        and not coalesce(c.reloptions::text like '%security_invoker=true%', false)""",
    "function with its owner's rights that callers can steer: no trigger, or a free search_path": """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.prosecdef and (p.prorettype <> 'trigger'::regtype
            or not coalesce(p.proconfig::text like '%search_path=%', false))""",
    "role of the product that could go round the policies": f"""
        select rolname from pg_roles where rolname in ('{APP_ROLE}', '{SYSTEM_ROLE}')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin)""",
    "role of the product that is a member of another role": f"""
        select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.member
        where r.rolname in ('{APP_ROLE}', '{SYSTEM_ROLE}')""",
    "table owned by a role that serves requests": f"""
        select relname from ({_ALL}) t
        where relowner in ('{APP_ROLE}'::regrole, '{SYSTEM_ROLE}'::regrole)""",
    "password or token hash the request role can read, where it has no need to": f"""
        select a.attrelid::regclass::text || '.' || a.attname from pg_attribute a
        where a.attrelid in (select oid from ({_ALL}) t) and a.attnum > 0
        and a.attname like '%password_hash%'
        and has_column_privilege('{APP_ROLE}', a.attrelid, a.attname, 'select')""",
    "audit entries that can be altered": f"""
        select 'audit_entry' where has_table_privilege('{APP_ROLE}', 'audit_entry', 'update')
        or has_table_privilege('{APP_ROLE}', 'audit_entry', 'delete')""",
}


@pytest.mark.parametrize("lint", LINTS)
def test_schema_has_no(template_url: str, lint: str) -> None:
    with psycopg.connect(template_url) as connection:
        found = connection.execute(LINTS[lint].encode()).fetchall()
    assert found == [], lint


BROKEN = {
    "tenant table without forced row-level security": "create table leak (org_id uuid not null)",
    "tenant table without a policy for the request role": "drop policy tenant on membership",
    "policy of the request role that is simply true": (
        f"create policy open on membership to {APP_ROLE} using (true)"
    ),
    "policy granted to everybody": "create policy open on membership using (true)",
    "foreign key between tenant tables that leaves out the organization": (
        "alter table thread add foreign key (agent_id) references agent (id)"
    ),
    "unique index of a tenant table without the organization, but for keys nobody chooses": (
        "create unique index bad on agent (slug)"
    ),
    "tenant table whose organization may be empty": (
        "alter table agent alter column org_id drop not null"
    ),
    "view that runs with its owner's rights": "create view all_members as table membership",
    "function with its owner's rights that callers can steer: no trigger, or a free search_path": (
        "create function peek() returns bigint language sql security definer "
        "as 'select count(*) from membership'"
    ),
    "audit entries that can be altered": f"grant update on audit_entry to {APP_ROLE}",
}


@pytest.mark.parametrize("lint", BROKEN)
def test_lint_sees_a_planted(fresh_url: str, lint: str) -> None:
    with psycopg.connect(fresh_url) as connection:
        connection.execute(BROKEN[lint].encode())
        assert connection.execute(LINTS[lint].encode()).fetchall() != []
