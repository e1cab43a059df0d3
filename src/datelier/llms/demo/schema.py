"""The schema the demo model plans on: what the chat graph attached, or what a tool described."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from langchain_core.messages import BaseMessage, SystemMessage, ToolMessage

from datelier.llms.demo.words import stems

Kind = Literal["number", "time", "text", "bool", "other"]

_NUMBER = re.compile(r"int|decimal|numeric|float|double|real|number|money|serial", re.IGNORECASE)
_TIME = re.compile(r"^(date|datetime|timestamp)", re.IGNORECASE)
_TEXT = re.compile(r"char|text|string|enum|uuid", re.IGNORECASE)
_SIMPLE = re.compile(r"[a-z_][a-z0-9_]*\Z")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_RESERVED_WORDS = (
    "all and any array as asc at between both by case cast check collate column constraint create "
    "cross current_date current_time current_user default desc describe distinct do else end except "
    "exists false fetch filter for foreign from full grant group having in inner intersect interval "
    "into is join lateral leading left like limit natural not null offset on only or order outer "
    "partition pivot position primary qualify references returning right row rows select set show "
    "similar some summarize table then to trailing true union unique unpivot user using values "
    "variadic when where window with"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())


def quoted(name: str) -> str:
    """Return a column name as SQL, in double quotes when it needs them."""
    if _SIMPLE.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `stems` are its words in the singular."""

    name: str
    kind: Kind
    stems: tuple[str, ...]

    @property
    def is_key(self) -> bool:
        """Whether the column identifies something rather than measuring it."""
        return self.stems[-1:] in {
            ("id",),
            ("key",),
            ("uuid",),
            ("code",),
            ("number",),
            ("zip",),
        } or (
            self.stems in {("id",), ("sku",), ("phone",), ("year",), ("latitude",), ("longitude",)}
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `name` is SQL as it stands, `stems` are the words of its bare name."""

    name: str
    label: str
    rows: int | None
    columns: tuple[Column, ...]
    stems: tuple[str, ...]

    def of_kind(self, *kinds: Kind) -> list[Column]:
        """Return the columns of some kinds, in order."""
        return [column for column in self.columns if column.kind in kinds]

    def named(self, name: str) -> Column | None:
        """Return the column of that name, if any."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Source:
    """A source with its tables; SQL is written in one dialect and translated at the end."""

    id: str
    name: str
    tables: tuple[Table, ...]
    dialect: str = ""


def read_sources(messages: Sequence[BaseMessage]) -> list[Source]:
    """Return the sources the conversation tells of; those without tables are left to a tool."""
    described = _described(messages)
    found: dict[str, Source] = {}
    for message in messages:
        if not isinstance(message, SystemMessage):
            continue
        attached = _mapping(message.additional_kwargs.get("datelier")).get("sources")
        for raw in _mappings(attached):
            found[str(raw["id"])] = _source(raw)
        for source_id in _UUID.findall(message.text) if not found else ():
            found.setdefault(source_id, Source(source_id, "", ()))
    for source_id, tables in described.items():
        known = found.get(source_id)
        if known is None or not known.tables:
            name, dialect = (known.name, known.dialect) if known else ("", "")
            found[source_id] = Source(source_id, name, tables, dialect)
    return list(found.values())


def _described(messages: Sequence[BaseMessage]) -> dict[str, tuple[Table, ...]]:
    """Return what ``describe_source`` answered, by source."""
    found: dict[str, tuple[Table, ...]] = {}
    for message in messages:
        if isinstance(message, ToolMessage) and message.name == "describe_source":
            output = _mapping(message.artifact) or _mapping(_parsed(message.text))
            if tables := tuple(_tables(_mappings(output.get("tables")))):
                found[str(output.get("source_id", ""))] = tables
    return found


def _parsed(text: str) -> object:
    try:
        return json.loads(text[text.index("{") : text.rindex("}") + 1])
    except ValueError:
        return None


def _source(raw: Mapping[str, Any]) -> Source:
    return Source(
        str(raw["id"]),
        str(raw.get("name", "")),
        tuple(_tables(_mappings(raw.get("tables")))),
        str(raw.get("dialect", "")),
    )


def _tables(raw_tables: Iterable[Mapping[str, Any]]) -> Iterable[Table]:
    for raw in raw_tables:
        name = _double_quoted(str(raw["name"]))
        schema = raw.get("schema")
        label = re.split(r"\.(?=[^.]+\Z)", name.replace('"', ""))[-1]
        columns = tuple(
            _column(str(column["name"]), str(column.get("type", "")))
            for column in _mappings(raw.get("columns"))
        )
        rows = raw.get("rows")
        sql_name = f"{quoted(str(schema))}.{quoted(name)}" if schema else name
        if columns:
            yield Table(
                sql_name, label, rows if isinstance(rows, int) else None, columns, stems(label)
            )


def _double_quoted(name: str) -> str:
    """A name in MySQL's quotes, in those of all other dialects."""
    if len(name) > 1 and name[0] == name[-1] == "`":
        return '"' + name[1:-1].replace("``", "`").replace('"', '""') + '"'
    return name


def _column(name: str, type_name: str) -> Column:
    name = _double_quoted(name)
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('""', '"')  # the prompt's facts hold names as SQL
    return Column(name, _kind(type_name), stems(name))


def _kind(type_name: str) -> Kind:
    if type_name.lower().startswith("bool"):
        return "bool"
    if _TIME.match(type_name):
        return "time"
    if type_name.lower().startswith("interval") or "[" in type_name:
        return "other"
    if _NUMBER.search(type_name):
        return "number"
    return "text" if _TEXT.search(type_name) else "other"


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    items = cast("Sequence[object]", value)
    return [found for found in map(_mapping, items) if found]
