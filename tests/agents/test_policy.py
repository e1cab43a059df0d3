"""Who decides about a tool call, and what a definition keeps."""

from dataclasses import replace

import pytest

from datelier.agents.definition import AgentDefinition, Policy, read_definition
from datelier.agents.policy import policy_of
from datelier.kit.tools import Effect
from tests.agents.conftest import tool


@pytest.mark.parametrize(
    ("effect", "chosen", "policy"),
    [
        ("read", None, "auto"),
        ("read", "ask", "ask"),
        ("read", "never", "never"),
        ("write", None, "ask"),
        ("write", "auto", "ask"),  # whatever is stored, data is not changed without a person
        ("write", "never", "never"),
        ("destructive", "auto", "ask"),
        ("external", None, "ask"),
        ("external", "auto", "auto"),
        ("spend", None, "ask"),
    ],
)
def test_a_policy_is_chosen_or_follows_from_the_effect(
    effect: Effect, chosen: Policy | None, policy: Policy
) -> None:
    definition = AgentDefinition(tools={"t": chosen} if chosen else {})
    assert policy_of(definition, tool("t", effect)) == policy


def test_a_definition_survives_storage_and_what_a_later_version_added() -> None:
    made = AgentDefinition.model_validate(
        {"limits": {"max_cost_usd": "0.50"}, "parameters": {"max_output_tokens": 5}}
    )
    assert read_definition(made.stored() | {"added_later": 1}) == made
    assert made.stored()["limits"]["max_cost_usd"] == "0.5"
    assert made.parameters.for_model() == {"max_tokens": 5}


def test_a_tools_hash_is_of_what_people_were_told() -> None:
    one = tool("t")
    assert tool("t").definition_hash == one.definition_hash
    assert replace(one, description="Something else.").definition_hash != one.definition_hash
    assert tool("t", "write").definition_hash != one.definition_hash
    assert replace(one, title="Another").definition_hash == one.definition_hash
