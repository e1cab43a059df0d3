"""What ended a month ago is forgotten, all of it and in short transactions."""

import psycopg

from datelier.channels.held import PRUNED
from tests.channels.conftest import Town
from tests.runs.processes import until

COUNT_BATCHES = """
create table batch (size bigint);
create function count_batch() returns trigger security definer language plpgsql as
    $$ begin insert into batch select count(*) from gone; return null; end $$;
create trigger counted after delete on delivery referencing old table as gone
    for each statement execute function count_batch();
create trigger counted after delete on request_event referencing old table as gone
    for each statement execute function count_batch();
"""
OLD = """
with deliveries as (
    insert into delivery
        (id, org_id, event_key, once, channel, change, target, status, ended_at, next_at)
    select gen_random_uuid(), :org, 'evt', n::text, 'webhook', 'opened', :org,
        case when n = 1 then 'waiting' else 'delivered' end,
        case when n > 1 then now() - make_interval(days => case when n < 4 then 29 else 31 end) end,
        now() + interval '1 day'
    from generate_series(1, :deliveries) n
)
insert into request_event (id, org_id, request_id, change, spread_at)
select gen_random_uuid(), :org, :request, 'opened',
    now() - make_interval(days => case when n < 3 then 29 else 31 end)
from generate_series(1, :events) n
"""


async def test_all_that_is_old_is_forgotten_in_small_batches_and_nothing_else(town: Town) -> None:
    request_id = await town.ask()
    await town.sql("delete from request_event")
    counts = {"deliveries": 3 * PRUNED + 7, "events": 2 * PRUNED + 5}
    await town.sql(OLD, org=town.org_id, request=request_id, **counts)
    with psycopg.connect(town.resources.db.conninfo, autocommit=True) as connection:
        connection.execute(COUNT_BATCHES)

        async def forgotten() -> bool:
            await town.deliverer.look_once()
            left = "select (select count(*) from delivery), (select count(*) from request_event)"
            return await town.sql(left) == [(3, 2)]

        await until(forgotten, "only what is young or waits is left", 15)
        [(largest, batches)] = connection.execute(
            "select max(size), count(*) filter (where size > 0) from batch"
        ).fetchall()
    assert (largest, batches) == (PRUNED, 4 + 3)
