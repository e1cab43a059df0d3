"""The engine of the isolation matrix: where ids go in, and what must come out.

Read from the OpenAPI document, so that a new operation is in the matrix without anybody
remembering it. An id of another organization and an id of nothing must be answered alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import uuid4

from datelier.api.openapi import operations

Where = Literal["path", "query", "body"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """One place where an operation takes an id.

    Attributes:
        steps: Keys that lead to the field; ``[]`` steps into a list.
        noun: The object it names, such as ``member_id``: the key of a maker.
    """

    where: Where
    steps: tuple[str, ...]
    noun: str

    @property
    def label(self) -> str:
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation and every id it takes.

    Attributes:
        params: Its parameters, as the document describes them.
    """

    name: str
    method: str
    path: str
    positions: tuple[Position, ...]
    body_schema: dict[str, Any] | None
    body_type: str
    params: tuple[Json, ...]

    def takes(self, name: str) -> bool:
        """Whether it has a query parameter of that name."""
        return any(p["name"] == name and p["in"] == "query" for p in self.params)


def cells(described: dict[str, Any]) -> Iterator[tuple[Operation, Position]]:
    """Yield every (operation, id position) of an OpenAPI document."""
    for operation in id_operations(described):
        for position in operation.positions:
            yield operation, position


def id_operations(described: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation that takes at least one id."""
    for operation in all_operations(described):
        if operation.positions:
            yield operation


def all_operations(described: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation."""
    schemas = described.get("components", {}).get("schemas", {})
    for method, path, spec in operations(described):
        content: dict[str, Json] = spec.get("requestBody", {}).get("content", {})
        body_type = next(iter(content), "")
        schema: Json | None = content[body_type].get("schema") if body_type else None
        found = [
            Position(parameter["in"], (parameter["name"],), _noun(parameter["name"], path))
            for parameter in spec.get("parameters", [])
            if parameter["in"] in {"path", "query"}
            and _is_id(parameter["name"], parameter["schema"])
        ]
        if schema is not None:
            found += [
                Position("body", steps, _body_noun(steps, path))
                for steps in _id_fields(schema, schemas, ())
            ]
        yield Operation(
            spec["operationId"],
            method.upper(),
            path,
            tuple(dict.fromkeys(found)),
            _resolve(schema, schemas) if schema else None,
            body_type,
            tuple(spec.get("parameters", ())),
        )


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return the smallest value that a schema accepts; ids in it are random."""
    schema = _resolve(schema, schemas)
    if "default" in schema:
        return schema["default"]
    for key in ("const", "enum"):
        if key in schema:
            return schema[key] if key == "const" else schema[key][0]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return example(schema[union][0], schemas)
    return _example_of_type(schema, schemas)


def _example_of_type(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        return {name: example(schema["properties"][name], schemas) for name in wanted}
    if kind == "array":
        return [example(schema["items"], schemas) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        if schema.get("format") == "uuid":
            return str(uuid4())
        return "x" * max(1, schema.get("minLength", 0))
    plain: dict[Any, Any] = {
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": False,
    }
    return plain.get(kind)


def placed(body: Any, steps: tuple[str, ...], value: str) -> Any:
    """Return `body` with `value` at `steps`; missing objects and lists are made."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == "[]":
        first = cast("list[Any]", body)[0] if isinstance(body, list) and body else None
        return [placed(first, rest, value)]
    base = dict(cast("Json", body)) if isinstance(body, dict) else Json()
    base[step] = placed(base.get(step), rest, value)
    return base


def shape(value: Any) -> Any:
    """Return what a body looks like without its values: keys, types, codes."""
    if isinstance(value, dict):
        return {
            key: item if key in {"code", "title", "detail", "status", "hint"} else shape(item)
            for key, item in cast("Json", value).items()
        }
    if isinstance(value, list):
        return [shape(item) for item in cast("list[Any]", value)]
    return type(value).__name__


def present(body: Any, steps: tuple[str, ...]) -> bool:
    """Whether `body` has something at `steps`."""
    for step in steps:
        if step == "[]":
            if not isinstance(body, list) or not body:
                return False
            body = cast("list[Any]", body)[0]
        elif not isinstance(body, dict) or step not in body:
            return False
        else:
            body = cast("Json", body)[step]
    return True


def _names_id(name: str) -> bool:
    return name == "id" or name.endswith(("_id", "_ids", "Id", "Ids"))


# Names that callers give to things inside an object of theirs, or to a request of their own.
_LABELS = frozenset({"action_id", "correlation_id", "decision_id"})


def _is_id(name: str, schema: Json) -> bool:
    if name in _LABELS:
        return False
    options = (schema, *schema.get("anyOf", ()))
    return _names_id(name) or any(option.get("format") == "uuid" for option in options)


def _noun(name: str, path: str) -> str:
    if name == "id":
        # `/things/{id}` and the id in the body of `/things` both name a thing.
        segments = [part for part in path.split("/") if part and not part.startswith("{")]
        return f"{segments[-1].removesuffix('s')}_id"
    name = name.removesuffix("s")
    return f"{name.removesuffix('Id')}_id" if name.endswith("Id") else name


def _body_noun(steps: tuple[str, ...], path: str) -> str:
    """Return the noun of a field; the `id` of an object inside the body is that object's."""
    named = [step for step in steps if step != "[]"]
    if named[-1] == "id" and len(named) > 1:
        return f"{named[-2].removesuffix('s')}_id"
    return _noun(named[-1], path)


def _field(steps: tuple[str, ...]) -> str:
    return next(step for step in reversed(steps) if step != "[]")


def _id_fields(
    schema: dict[str, Any], schemas: dict[str, Any], steps: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    if len(steps) > 8:  # a schema that contains itself
        return
    schema = _resolve(schema, schemas)
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _id_fields(option, schemas, steps)
    if "items" in schema:
        yield from _id_fields(schema["items"], schemas, (*steps, "[]"))
    for name, field in schema.get("properties", {}).items():
        yield from _id_fields(field, schemas, (*steps, name))
    if steps and schema.get("type") == "string" and _is_id(_field(steps), schema):
        yield steps


def _resolve(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    return schema
