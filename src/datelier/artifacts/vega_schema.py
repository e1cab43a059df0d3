"""The JSON schema of the pinned Vega-Lite, compiled once per kind of chart."""

import gzip
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs
import orjson

from datelier.artifacts.errors import Problem

_KINDS: Final = (
    ("layer", "TopLevelLayerSpec"),
    ("hconcat", "TopLevelHConcatSpec"),
    ("vconcat", "TopLevelVConcatSpec"),
    ("concat", "TopLevelConcatSpec"),
    ("repeat", "TopLevelRepeatSpec"),
    ("facet", "TopLevelFacetSpec"),
)


@cache
def _schema() -> dict[str, Any]:
    packed = files("datelier.artifacts").joinpath("vega_lite_schema.json.gz").read_bytes()
    return orjson.loads(gzip.decompress(packed))


@cache
def _validator(definition: str) -> Any:
    return jsonschema_rs.validator_for({**_schema(), "$ref": f"#/definitions/{definition}"})


def schema_problems(spec: dict[str, Any]) -> list[Problem]:
    """Return what the schema refuses in a spec; its data is left out of the question."""
    definition = next((name for key, name in _KINDS if key in spec), "TopLevelUnitSpec")
    whole = {**spec, "data": {"name": "result"}}
    return [_problem(_deepest(error)) for error in _validator(definition).iter_errors(whole)][:5]


def _deepest(error: Any) -> Any:
    """Follow `anyOf` into the branch that went furthest: it names the real fault."""
    branches: list[list[Any]] = getattr(error.kind, "context", None) or []
    inner = [_deepest(one) for branch in branches for one in branch]
    return max([error, *inner], key=lambda one: len(one.instance_path))


def _problem(error: Any) -> Problem:
    path = ""
    for part in error.instance_path:
        path = f"{path}[{part}]" if isinstance(part, int) else f"{path}.{part}" if path else part
    return Problem(path, str(error.message)[:300])
