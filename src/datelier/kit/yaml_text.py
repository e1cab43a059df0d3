"""YAML as people write it: fields in the order they are given, longer texts line by line."""

from collections.abc import Mapping
from typing import Any

from yaml import SafeDumper, dump
from yaml.nodes import ScalarNode


class _Dumper(SafeDumper):
    """Writes longer texts as people do."""


def _text(dumper: SafeDumper, value: str) -> ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(body: Mapping[str, Any]) -> str:
    """Return `body`, plain JSON, as YAML; the same body has the same bytes."""
    return str(dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))
