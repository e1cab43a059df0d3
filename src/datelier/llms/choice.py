"""Which model answers a thread, as part of a larger statement; :func:`resolve` in SQL."""

from collections.abc import Mapping
from typing import Any, LiteralString

from datelier.llms.config import ModelConfig

# Joined after a thread `t` and its agent `a`. A model that the caller named must exist;
# a preference for one that was deleted is skipped.
CHOSEN_MODEL: LiteralString = """
    left join lateral (
        select id, org_id, number, name, provider, model_name, endpoint_url, api_key, price_input,
            price_output, context_window, parameters, updated_at
        from model
        where org_id = %(org)s and deleted_at is null
            and case when cast(%(model)s as uuid) is null
                then id in (t.model_id, a.model_id) or is_active else id = %(model)s end
        order by case id when t.model_id then 0 when a.model_id then 1 else 2 end
        limit 1
    ) m on true
"""
MODEL_COLUMNS: LiteralString = """
    m.id as m_id, m.org_id as m_org_id, m.number as m_number, m.name as m_name,
    m.provider as m_provider, m.model_name as m_model_name, m.endpoint_url as m_endpoint_url,
    m.api_key as m_api_key, m.price_input as m_price_input, m.price_output as m_price_output,
    m.context_window as m_context_window, m.parameters as m_parameters,
    m.updated_at as m_updated_at
"""


def chosen_model(row: Mapping[str, Any]) -> ModelConfig | None:
    """Return the model that a row of such a statement names, or None when there is none."""
    if row["m_id"] is None:
        return None
    return ModelConfig(
        id=row["m_id"],
        org_id=row["m_org_id"],
        number=row["m_number"],
        name=row["m_name"],
        provider=row["m_provider"],
        model_name=row["m_model_name"],
        endpoint_url=row["m_endpoint_url"],
        sealed_key=row["m_api_key"],
        price_input=row["m_price_input"],
        price_output=row["m_price_output"],
        context_window=row["m_context_window"],
        parameters=row["m_parameters"],
        updated_at=row["m_updated_at"],
    )
