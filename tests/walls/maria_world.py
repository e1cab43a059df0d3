"""What stands in the attacked MariaDB, how its state is read, and how it is put right again."""

from pathlib import Path
from typing import Final

from tests.walls.world import CANARY

WORLD: Final = (
    "CREATE DATABASE app CHARACTER SET utf8mb4",
    "CREATE DATABASE other CHARACTER SET utf8mb4",
    "USE app",
    "CREATE TABLE t (id INT)",
    "INSERT INTO t VALUES (1), (2), (3)",
    "CREATE TABLE my (id INT) ENGINE = MyISAM",
    "INSERT INTO my VALUES (1)",
    "CREATE TABLE orders AS SELECT seq AS id, CONCAT('note ', seq) AS note FROM seq_1_to_40",
    "CREATE TABLE history (id INT) WITH SYSTEM VERSIONING",
    f"CREATE TABLE other.secret AS SELECT '{CANARY}' AS word",
    "CREATE TABLE numbers (n INT)",
    "CREATE SEQUENCE s",
    (
        "CREATE FUNCTION sneaky() RETURNS TEXT READS SQL DATA"
        " RETURN (SELECT word FROM other.secret LIMIT 1)"
    ),
    (
        "CREATE FUNCTION evil() RETURNS INT MODIFIES SQL DATA"
        " BEGIN INSERT INTO my VALUES (66); RETURN 1; END"
    ),
    # Named like a harmless function that both servers have.
    (
        "CREATE FUNCTION `upper`(x TEXT) RETURNS INT MODIFIES SQL DATA"
        " BEGIN INSERT INTO my VALUES (67); RETURN 1; END"
    ),
    "CREATE PROCEDURE evil_call() BEGIN INSERT INTO my VALUES (68); SELECT 1; END",
    "CREATE USER reader@'%'",
    "GRANT SELECT, SHOW VIEW ON app.* TO reader@'%'",
    "CREATE USER owner@'%'",
    "GRANT ALL ON *.* TO owner@'%' WITH GRANT OPTION",
    "CREATE ROLE writers",
    "GRANT INSERT, UPDATE ON app.* TO writers",
)
_NOISE: Final = (
    "TIMESTAMP|GTID|IDENTITY|INSERT_ID|RAND_SEED|^IN_TRANSACTION$|PSEUDO_THREAD|ERROR_COUNT"
    "|WARNING_COUNT|LAST_INSERT|SERVER_UID|^AUTOCOMMIT$"
)
GLOBALS: Final = (
    "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES"
    f" WHERE VARIABLE_NAME NOT RLIKE '{_NOISE}' ORDER BY 1"
)
_IN = "IN ('app', 'other')"
DIGEST: Final = {
    "tables": "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_OPTIONS, TABLE_COMMENT"
    f" FROM information_schema.TABLES WHERE TABLE_SCHEMA {_IN} ORDER BY 1, 2",
    "columns": "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT, COLUMN_COMMENT"
    f" FROM information_schema.COLUMNS WHERE TABLE_SCHEMA {_IN} ORDER BY 1, 2",
    "indexes": "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS"
    f" WHERE TABLE_SCHEMA {_IN} ORDER BY 1, 2, 3",
    "databases": "SHOW DATABASES",
    "views": "SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS"
    f" WHERE TABLE_SCHEMA {_IN} ORDER BY 1",
    "routines": "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION"
    f" FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA {_IN} ORDER BY 1, 2",
    "triggers": "SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS"
    f" WHERE TRIGGER_SCHEMA {_IN} ORDER BY 1",
    "events": "SELECT EVENT_NAME FROM information_schema.EVENTS",
    "users": "SELECT Host, User, JSON_REMOVE(Priv, '$.password_last_changed')"
    " FROM mysql.global_priv ORDER BY 1, 2",
    "grants": "SELECT GRANTEE, TABLE_SCHEMA, PRIVILEGE_TYPE"
    " FROM information_schema.SCHEMA_PRIVILEGES ORDER BY 1, 2, 3",
    "grants on tables": "SELECT GRANTEE, TABLE_NAME, PRIVILEGE_TYPE"
    " FROM information_schema.TABLE_PRIVILEGES ORDER BY 1, 2, 3",
    "roles": "SELECT * FROM mysql.roles_mapping ORDER BY 1, 2, 3",
    "servers": "SELECT * FROM mysql.servers",
    "loaded functions": "SELECT * FROM mysql.func",
    "plugins": "SELECT PLUGIN_NAME, PLUGIN_STATUS FROM information_schema.PLUGINS ORDER BY 1",
    "statistics": "SELECT * FROM mysql.table_stats ORDER BY 1, 2",
    "replication": "SHOW ALL SLAVES STATUS",
    "prepared transactions": "XA RECOVER",
    # Not the eyes' own session, and not the server's own threads, which look at tables as well.
    "locks": "SELECT LOCK_MODE, LOCK_TYPE, TABLE_SCHEMA, TABLE_NAME"
    " FROM information_schema.METADATA_LOCK_INFO JOIN information_schema.PROCESSLIST ON ID = THREAD_ID"
    " WHERE USER <> 'system user' AND ID <> CONNECTION_ID() ORDER BY 1, 2",
    "settings": GLOBALS,
}
SESSION: Final = {
    "session settings": "SELECT VARIABLE_NAME, VARIABLE_VALUE"
    " FROM information_schema.SESSION_VARIABLES"
    f" WHERE VARIABLE_NAME NOT RLIKE '{_NOISE}' ORDER BY 1",
    "user variables": "SELECT * FROM information_schema.USER_VARIABLES ORDER BY 1",
    "database and role": "SELECT DATABASE(), CURRENT_ROLE(), CURRENT_USER()",
    "last number": "SELECT LAST_INSERT_ID() > 0",
    "locks kept": "SELECT LOCK_MODE, LOCK_TYPE, TABLE_SCHEMA, TABLE_NAME"
    " FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID = CONNECTION_ID() ORDER BY 1, 2",
}
TEMPORARY: Final = ("x", "t", "orders")
"""Names that the attacks give to temporary tables; the server lists none."""

OTHERS: Final = (
    "SELECT ID FROM information_schema.PROCESSLIST WHERE USER NOT IN ('root', 'system user',"
    " 'event_scheduler')"
)
CLEANING: Final = (
    "SELECT 'STOP ALL SLAVES'",
    "SELECT 'RESET SLAVE ALL'",
    "SELECT CONCAT('XA ROLLBACK ', QUOTE('x'))",
    (
        "SELECT CONCAT('DROP DATABASE `', SCHEMA_NAME, '`') FROM information_schema.SCHEMATA"
        " WHERE SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
    ),
    (
        "SELECT CONCAT(IF(JSON_VALUE(Priv, '$.is_role') = 1, 'DROP ROLE ', 'DROP USER '), QUOTE(User),"
        " IF(JSON_VALUE(Priv, '$.is_role') = 1, '', CONCAT('@', QUOTE(Host)))) FROM mysql.global_priv"
        " WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC', 'nobody')"
    ),
    "SELECT CONCAT('DROP FUNCTION ', name) FROM mysql.func",
    "SELECT CONCAT('DROP SERVER ', Server_name) FROM mysql.servers",
    (
        "SELECT CONCAT('UNINSTALL SONAME ', QUOTE(PLUGIN_LIBRARY)) FROM information_schema.PLUGINS"
        " WHERE PLUGIN_LIBRARY IS NOT NULL AND PLUGIN_LIBRARY NOT LIKE 'metadata_lock_info%'"
    ),
    "SELECT 'DELETE FROM mysql.table_stats'",
)
"""Each answers with statements that undo one kind of change."""

# What the server itself writes while nobody asks it to.
_OWN_FILES: Final = (
    "aria_log", "ib_", "ibdata", "ibtmp", "undo", "ddl_recovery", "#", "s", "pid", "log",
    "multi-master", "tc.log", "relay", "master", "mysql_upgrade",
)  # fmt: skip


def setting(name: str, value: str | None) -> str:
    """The statement that gives a global variable its old value again."""
    text = (value or "").replace("\\", "\\\\").replace("'", "''")
    plain = text if text.lstrip("-").isdigit() else f"'{text}'"
    return f"SET GLOBAL {name} = {plain}"


def names_below(folder: Path) -> list[str]:
    """Files of the server that a statement could have made."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not any(path.name.startswith(one) for one in _OWN_FILES) and "#sql" not in path.name
    )
