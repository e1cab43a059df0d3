"""The migration to drafts and versions, from a database that already has agents and runs."""

from uuid import UUID

import psycopg
import pytest

from datelier.agents.definition import AgentDefinition, read_definition
from datelier.agents.prompts import STEWARD_INSTRUCTIONS, STEWARD_STARTERS
from datelier.kit.ids import uuid7
from tests.support.cluster import Cluster
from tests.support.earlier import bring_up_to_date, earlier_database, old_organization


@pytest.fixture(scope="module")
def before(cluster: Cluster, template_url: str) -> tuple[str, UUID, UUID]:
    """A database of one step before, with an organization, its analyst, a thread and a run."""
    assert template_url  # it has made the roles
    url = earlier_database(cluster, "0010_source_privacy")
    agent, model, thread = uuid7(), uuid7(), uuid7()
    with psycopg.connect(url) as connection:
        org, _other = old_organization(connection), old_organization(connection)
        connection.execute(
            "insert into model (id, org_id, number, name, provider, model_name) "
            "values (%s, %s, 1, 'M', 'generic', 'm')",
            (model, org),
        )
        connection.execute(
            "insert into agent (id, org_id, name, slug, instructions, model_id, builtin) "
            "values (%s, %s, 'Analyst', 'analyst', 'Answer in rhymes.', %s, true)",
            (agent, org, model),
        )
        connection.execute(
            "insert into thread (id, org_id, number, agent_id) values (%s, %s, 1, %s)",
            (thread, org, agent),
        )
        connection.execute(
            "insert into run (id, org_id, graph, thread_id, actor) values (%s, %s, 'plain', %s, '{}')",
            (uuid7(), org, thread),
        )
    bring_up_to_date(url)
    return url, org, agent


def test_what_an_agent_was_is_its_first_version(before: tuple[str, UUID, UUID]) -> None:
    url, org, agent = before
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select a.number, a.visibility, a.draft, a.published_version, v.definition "
            "from agent a join agent_version v on v.agent_id = a.id and v.version = 1 "
            "where a.org_id = %s and a.id = %s",
            (org, agent),
        ).fetchone()
        assert row is not None
        number, visibility, draft, published, definition = row
        assert (number, visibility, published) == (1, "organization", 1)
        assert draft == definition
        read = read_definition(definition)
        assert read.instructions == "Answer in rhymes."
        assert read.model_id is not None
        # Everything else is as in an agent about which nothing is said.
        plain = AgentDefinition(instructions=read.instructions, model_id=read.model_id)
        assert read == plain


def test_every_organization_gets_the_steward_once(before: tuple[str, UUID, UUID]) -> None:
    url, org, _ = before
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select a.org_id, a.number, v.definition from agent a "
            "join agent_version v on v.agent_id = a.id and v.version = a.published_version "
            "where a.slug = 'steward' and a.builtin"
        ).fetchall()
        assert len(found) == 2
        assert {row[0]: row[1] for row in found}[org] == 2
        for _, _, definition in found:
            # A new organization gets nearly the same from the product itself; its first starter
            # has changed since.
            expected = AgentDefinition(
                instructions=STEWARD_INSTRUCTIONS,
                starters=["Where are values missing?", *STEWARD_STARTERS[1:]],
                tools={"write_sql": "ask", "http_request": "never"},
            )
            assert read_definition(definition) == expected
        counted = connection.execute(
            "select value from counter where org_id = %s and kind = 'agent'", (org,)
        ).fetchone()
        assert counted == (2,)


def test_a_run_of_before_is_a_chat_of_no_version(before: tuple[str, UUID, UUID]) -> None:
    url, org, _ = before
    with psycopg.connect(url) as connection:
        run = connection.execute(
            "select kind, agent_id, agent_version, waited_seconds from run where org_id = %s",
            (org,),
        ).fetchone()
        assert run == ("chat", None, None, 0)
        thread = connection.execute("select kind from thread where org_id = %s", (org,)).fetchone()
        assert thread == ("chat",)


def test_a_version_cannot_be_changed_by_the_product(before: tuple[str, UUID, UUID]) -> None:
    url, _, _ = before
    for role in ("datelier_app", "datelier_system"):
        for statement in ("update agent_version set note = 'x'", "delete from agent_version"):
            with psycopg.connect(url) as connection:
                connection.execute(f"set role {role}")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
