"""What the parser wall knows about MySQL and MariaDB: their dialect, their ways around a SELECT."""

import re
from typing import Any, Final, cast

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from typing_extensions import override

SYSTEM_SCHEMAS: Final = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
DENIED_CALL: Final = re.compile(
    r"(load_file|sleep|benchmark|get_lock|release_lock|release_all_locks|is_free_lock|is_used_lock"
    r"|master_pos_wait|master_gtid_wait|source_pos_wait|wait_for_executed_gtid_set"
    r"|wait_until_sql_thread_after_gtids|sys_exec|sys_eval|sys_get|sys_set|nextval|lastval|setval"
    r"|uuid_short|last_insert_id|row_count|found_rows|extractvalue|updatexml|name_const"
    r"|session_user|system_user|current_role|user|database|schema|connection_id)$"
)
# What the rendered text may consist of: no @variable, no comment of any kind, no "text".
LEXEME: Final = re.compile(
    r"""[bBxXnN]?'(?:[^'\\]|''|\\.)*' | (?P<quoted>`(?:[^`]|``)*`)
      | (?P<word>[^\W\d]\w*) | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?
      | (?P<space>\s+) | (?P<mark>[^\w\s'"`;$\\@\#]) """,
    re.VERBOSE | re.DOTALL,
)
_FILE_HINT: Final = "Leave INTO out: the result is kept, and can be downloaded."
_SEQUENCE: Final = ("Sequences change when they are read.", "Select from tables only.")
WORDS: Final[dict[tuple[str, ...], tuple[str, str]]] = {
    ("INTO", "OUTFILE"): ("SELECT … INTO OUTFILE writes a file and is not allowed.", _FILE_HINT),
    ("INTO", "DUMPFILE"): ("SELECT … INTO DUMPFILE writes a file and is not allowed.", _FILE_HINT),
    ("NEXT", "VALUE", "FOR"): _SEQUENCE,
    ("PREVIOUS", "VALUE", "FOR"): _SEQUENCE,
    ("PROCEDURE", "ANALYSE"): (
        "PROCEDURE ANALYSE is not allowed.",
        "Use the profile of the table.",
    ),
}
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "PARAMETER": (
        "User variables (@name) live in the session and are not allowed.",
        "Use WITH, or a window function for running values.",
    ),
    "SESSIONPARAMETER": (
        "System variables (@@name) are not allowed.",
        "Settings of the server are not part of this source.",
    ),
    "INTO": (
        "SELECT … INTO sets variables and is not allowed.",
        "Leave INTO out: the result is kept.",
    ),
    "VERSION": (
        "Old versions of rows (FOR SYSTEM_TIME) cannot be asked for here.",
        "Leave it out.",
    ),
}
HINTS: Final[dict[str, str]] = {
    "load_file": "Files of the server cannot be read: only tables of this source can.",
    "sleep": "Nothing may be made to wait.",
    "benchmark": "Nothing may be made to wait.",
    "get_lock": "Locks stay with the session: leave it out.",
    "release_lock": "Locks stay with the session: leave it out.",
    "last_insert_id": "It belongs to the session: use max() of the column.",
    "found_rows": "It belongs to the session: use COUNT(*) OVER ().",
    "row_count": "It belongs to the session: use COUNT(*).",
    "extractvalue": "XML functions are not allowed: select the text itself.",
    "updatexml": "XML functions are not allowed: select the text itself.",
    "values": "VALUES(column) has a meaning in INSERT only.",
}


class GuardedMySQL(MySQL):
    """Calls keep their names; what is rendered runs on MariaDB too."""

    class Parser(MySQL.Parser):
        """Without a catalogue of functions every call keeps its own name and spelling."""

        FUNCTIONS: Any = {}
        VALUES_FOLLOWED_BY_PAREN = True
        # VALUES () is a table here, and DECODE() was a cipher.
        FUNCTION_PARSERS: Any = {
            name: parser
            for name, parser in cast("dict[str, Any]", MySQL.Parser.FUNCTION_PARSERS).items()
            if name not in {"VALUES", "DECODE"}
        }

    class Generator(MySQL.Generator):
        """The spellings that both servers read."""

        def regexplike_sql(self, expression: exp.RegexpLike) -> str:
            """MariaDB has the operator only."""
            return self.binary(expression, "REGEXP")

        def jsonextractscalar_sql(self, expression: exp.JSONExtractScalar) -> str:
            """MariaDB has no ->>."""
            path = self.sql(expression, "expression")
            return f"JSON_UNQUOTE(JSON_EXTRACT({self.sql(expression, 'this')}, {path}))"

        @override
        def identifier_sql(self, expression: exp.Identifier) -> str:
            """DUAL is no table, though it stands in its place."""
            if not expression.args.get("quoted") and expression.name.upper() == "DUAL":
                return "DUAL"
            return super().identifier_sql(expression)

        @override
        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """TIME '…' comes as a CAST, which would drop its fractions."""
            if expression.to.sql().upper() == "TIME" and isinstance(expression.this, exp.Literal):
                return f"CAST({self.sql(expression, 'this')} AS TIME(6))"
            return super().cast_sql(expression, safe_prefix)

        TRANSFORMS: Any = {
            kind: transform
            for kind, transform in MySQL.Generator.TRANSFORMS.items()
            if kind not in {exp.RegexpLike, exp.JSONExtractScalar}
        }
