"""An agent as YAML: what people keep beside their code, and edit in an editor of their own."""

from datelier.agents.definition import read_definition
from datelier.agents.models import Agent
from datelier.kit.yaml_text import yaml_text


def to_yaml(agent: Agent) -> str:
    """Return an agent's name, sharing and draft; what has its default is left out."""
    definition = read_definition(agent.draft).model_dump(mode="json", exclude_defaults=True)
    return yaml_text(
        {
            "name": agent.name,
            "description": agent.description,
            "visibility": agent.visibility,
            "definition": definition,
        }
    )
