"""What the parser wall knows of single dialects, beyond what all of them have in common."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp
from sqlglot.expressions.core import Expr as Expression

from datelier.worker import guard_mysql, guard_sqlite
from datelier.worker.errors import SqlRefusedError
from datelier.worker.functions import Dialect

Refusal = tuple[str, str]
# A backslash escapes in texts of these: the words of a text must not be read as statements.
_ESCAPING: Final = re.compile(
    r"""[bBrRxXnN]{0,2}'(?:[^'\\]|''|\\.)*' | (?P<quoted>"(?:[^"\\]|""|\\.)*"|`(?:[^`\\]|``|\\.)*`)
      | (?P<word>[^\W\d]\w*) | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?
      | (?P<space>\s+) | (?P<mark>[^\w\s'"`;$\\@\#]) """,
    re.VERBOSE | re.DOTALL,
)
_BRACKETED: Final = re.compile(
    r"""[nN]?'(?:[^']|'')*' | (?P<quoted>"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])
      | (?P<word>[^\W\d]\w*) | 0[xX][\da-fA-F]* | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?
      | (?P<space>\s+) | (?P<mark>[^\w\s'"`;$\\@\#\[\]]) """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one dialect has of its own.

    Attributes:
        hints: What to write instead of a function, by its name in small letters.
        refusals: Message and hint of a node, by its name in capitals.
        words: Sequences of words, in capitals, that are refused before the text is read.
        nodes: Nodes that only this dialect has.
        lexeme: What the rendered text may consist of; None is the common one.
        denied: Calls that never run, whatever the allow-list says; None is the common list.
        system: Schemas of the system, in small letters.
        refuse: Says what is wrong with a node, if anything is.
        fold: How a name without quotes is read: in capitals, in small letters, or as it is.
    """

    hints: dict[str, str] = field(default_factory=dict[str, str])
    refusals: dict[str, Refusal] = field(default_factory=dict[str, Refusal])
    words: dict[tuple[str, ...], Refusal] = field(default_factory=dict[tuple[str, ...], Refusal])
    nodes: frozenset[str] = frozenset()
    lexeme: "re.Pattern[str] | None" = None
    denied: "re.Pattern[str] | None" = None
    system: frozenset[str] = frozenset()
    refuse: Callable[[Expression], Refusal | None] | None = None
    fold: Callable[[str], str] = str


def _clickhouse(node: Expression) -> Refusal | None:
    if isinstance(node, exp.Query):
        if node.args.get("settings"):
            return ("SETTINGS are fixed by the worker.", "Leave SETTINGS out.")
        if node.args.get("format"):
            return ("FORMAT is chosen by the worker.", "Leave FORMAT out.")
    if isinstance(node, exp.TableAlias) and node.columns and not node.name:
        # `FROM dictionary('x')`: a function whose name the parser takes for a table's.
        return ("This table function is not allowed.", "Select from tables of this source.")
    return None


def _snowflake(node: Expression) -> Refusal | None:
    if isinstance(node, exp.Column) and node.name.upper() in {"NEXTVAL", "CURRVAL"}:
        return ("A sequence changes when it is read.", "Select from tables only.")
    return None


def _trino(node: Expression) -> Refusal | None:
    if isinstance(node, exp.Table) and "$" in node.name:
        return (
            f"The table {node.name[:80]!r} describes files and partitions, and is not available.",
            "Use the table itself.",
        )
    return None


_TIME_TRAVEL: Final = ("Old versions of rows cannot be asked for here.", "Leave it out.")
_HINTED: Final = ("Hints to the database are not allowed.", "Leave the hint out.")
_VARIABLE: Final = (
    "Variables (@name) have no value here.",
    "Write the value into the query, or use WITH.",
)
_STAGE: Final = (
    "Stages, variables and positions ($1, @stage) are not available.",
    "Name a table and its columns.",
)
_INFORMATION: Final = frozenset({"information_schema"})

RULES: Final[dict[Dialect, Rules]] = {
    "mysql": Rules(
        hints=guard_mysql.HINTS,
        refusals=guard_mysql.REFUSALS,
        words=guard_mysql.WORDS,
        lexeme=guard_mysql.LEXEME,
        denied=guard_mysql.DENIED_CALL,
        system=guard_mysql.SYSTEM_SCHEMAS,
    ),
    "sqlite": Rules(hints=guard_sqlite.HINTS, refuse=guard_sqlite.lacks),
    "clickhouse": Rules(
        hints={
            "dictget": "Dictionaries may read other servers: select from tables.",
            "url": "Only tables of this source can be read.",
            "file": "Only tables of this source can be read.",
            "remote": "Only tables of this source can be read.",
            "s3": "Only tables of this source can be read.",
            "sleep": "Nothing may be made to wait.",
            "casttostrtype": "Use CAST(value AS Type).",
        },
        refusals={
            "CASTTOSTRTYPE": ("CAST(value, 'Type') is not read here.", "Use CAST(… AS Type).")
        },
        nodes=frozenset({"Final", "PreWhere", "VarMap", "CombinedAggFunc"}),
        lexeme=_ESCAPING,
        denied=re.compile(
            r"(dictget|joinget|getsetting|getmacro|getserver|sleep|catboost|ai(?!r)[a-z]+$"
            r"|(file|url|s3|gcs|hdfs|azureblobstorage|hudi|iceberg|deltalake|remote|remotesecure"
            r"|mysql|postgresql|mongodb|redis|sqlite|odbc|jdbc|executable|input|cluster"
            r"|clusterallreplicas|merge|dictionary|loop|view|viewifpermitted)(cluster)?$)"
        ),
        system=_INFORMATION | {"system"},
        refuse=_clickhouse,
    ),
    "trino": Rules(
        hints={"query": "Only tables of this source can be read."},
        refusals={"VERSION": _TIME_TRAVEL},
        system=_INFORMATION | {"system"},
        refuse=_trino,
        fold=str.lower,
    ),
    "bigquery": Rules(
        hints={
            "external_query": "Only tables of this source can be read.",
            "session_user": "Who asks is not part of the data.",
        },
        refusals={"VERSION": _TIME_TRAVEL, "PARAMETER": _VARIABLE},
        nodes=frozenset({"SafeFunc"}),
        lexeme=_ESCAPING,
        denied=re.compile(
            r"(external_query|appends|changes|vector_search|search$|session_user|ml)"
        ),
        system=_INFORMATION,
    ),
    "snowflake": Rules(
        hints={
            "identifier": "Write the name itself.",
            "result_scan": "Ask the question again: results are kept by name.",
        },
        refusals={"HISTORICALDATA": _TIME_TRAVEL, "PARAMETER": _STAGE},
        lexeme=_ESCAPING,
        denied=re.compile(
            r"(system|identifier|result_scan|get_ddl|infer_schema|directory|current_(?!d|t))"
        ),
        system=_INFORMATION | {"snowflake", "account_usage"},
        refuse=_snowflake,
        fold=str.upper,
    ),
    "tsql": Rules(
        hints={
            "openrowset": "Only tables of this source can be read.",
            "openquery": "Only tables of this source can be read.",
            "opendatasource": "Only tables of this source can be read.",
        },
        refusals={
            "WITHTABLEHINT": _HINTED,
            "QUERYOPTION": _HINTED,
            "PARAMETER": _VARIABLE,
            "FORCLAUSE": (
                "FOR JSON and FOR XML are not allowed.",
                "Select the columns themselves.",
            ),
            "EXECUTE": ("EXECUTE runs code and is not allowed.", "Write one SELECT."),
        },
        lexeme=_BRACKETED,
        denied=re.compile(r"(xp_|sp_|fn_|open(rowset|query|datasource|xml)|object_|suser_|user_)"),
        system=_INFORMATION | {"sys", "guest", "db_owner"},
        fold=str.lower,
    ),
}
COMMON: Final = Rules()


def rules_of(dialect: Dialect) -> Rules:
    """What a dialect has of its own."""
    return RULES.get(dialect, COMMON)


def check_words(words: Sequence[str], rules: Rules) -> None:
    """Name what the parser would only call unreadable. `words` are the tokens, in capitals."""
    for wanted, refusal in rules.words.items():
        for position in range(len(words) - len(wanted) + 1):
            if tuple(words[position : position + len(wanted)]) == wanted:
                raise SqlRefusedError(*refusal)
