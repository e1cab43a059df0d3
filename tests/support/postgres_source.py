"""What the tests' PostgreSQL source holds: data, a reader's role, a good role and traps."""

from typing import Final

ORDERS: Final = """
CREATE TABLE orders AS
SELECT i AS id, (ARRAY['north', 'south', 'east'])[1 + i % 3] AS region,
  (ARRAY['paid', 'open'])[1 + i % 2] AS status, (i * 7.25)::numeric(10, 2) AS total,
  timestamptz '2026-01-01 08:00:00+00' + i * interval '1 day 5 hours' AS placed,
  CASE WHEN i % 5 > 0 THEN 'note ' || i END AS note,
  jsonb_build_object('channel', 'web', 'n', i, 'tags', jsonb_build_array('a', i)) AS extra
FROM generate_series(1, 40) i
"""
SOURCE_SQL: Final = (
    ORDERS,
    "ALTER TABLE orders ADD PRIMARY KEY (id)",
    "COMMENT ON TABLE orders IS 'What was sold'",
    "CREATE TABLE t (id int)",
    "INSERT INTO t VALUES (1), (2), (3)",
    "CREATE TABLE secret (word text)",
    "INSERT INTO secret VALUES ('hidden')",
    "CREATE SEQUENCE s",
    (
        "CREATE FUNCTION sneaky(t) RETURNS text LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT word FROM secret'"
    ),
    (
        "CREATE FUNCTION evil_secdef() RETURNS int LANGUAGE sql SECURITY DEFINER"
        " AS 'INSERT INTO t VALUES (66) RETURNING id'"
    ),
    "CREATE ROLE reader LOGIN",
    "GRANT SELECT ON orders, t TO reader",
    "CREATE ROLE good LOGIN",
    "GRANT SELECT ON orders TO good",
    "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO reader",
    "ANALYZE",
)
# Everything a statement could leave behind, as rows.
DIGEST_SQL: Final = {
    "t": "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM t",
    "orders": "SELECT md5(string_agg(o::text, ',' ORDER BY o::text)) FROM orders o",
    "relations": "SELECT count(*), max(relname::text) FROM pg_class WHERE oid >= 16384",
    "functions": "SELECT count(*) FROM pg_proc WHERE oid >= 16384",
    "large objects": "SELECT count(*) FROM pg_largeobject_metadata",
    "sequence": "SELECT last_value, is_called FROM s",
    "role": "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = 'reader'",
    "advisory locks": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
    "prepared transactions": "SELECT count(*) FROM pg_prepared_xacts",
}
