"""An agent as YAML: what people keep beside their code, and edit in an editor of their own."""

from typing import Any

from yaml import SafeDumper, dump
from yaml.nodes import ScalarNode

from datelier.agents.definition import read_definition
from datelier.agents.models import Agent


class _Dumper(SafeDumper):
    """Writes longer texts as people do: line by line."""


def _text(dumper: SafeDumper, value: str) -> ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(agent: Agent) -> str:
    """Return an agent's name, sharing and draft; what has its default is left out."""
    definition = read_definition(agent.draft).model_dump(mode="json", exclude_defaults=True)
    body: dict[str, Any] = {
        "name": agent.name,
        "description": agent.description,
        "visibility": agent.visibility,
        "definition": definition,
    }
    return str(dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))
