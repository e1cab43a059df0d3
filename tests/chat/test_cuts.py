"""A stream that is cut at random bytes, watched by two on two replicas: nothing lost or doubled."""

import asyncio
import random
from collections.abc import AsyncGenerator

import pytest

from datelier.runs.fold import fold
from tests.chat.app import resources_for
from tests.chat.conftest import Place, serving
from tests.support.cluster import Cluster
from tests.support.cut_viewer import CutViewer
from tests.support.scripted_openai import Turn

SEED = 20
CUTS = 80
WORDS = " ".join(f"größe{number}→東京{number}🚲" for number in range(120))


@pytest.fixture
async def replica(place: Place, cluster: Cluster) -> AsyncGenerator[str]:
    """The address of a second process, as it were: its own hub, its own ear, no runner."""
    resources = resources_for(cluster.url("chat"))
    async with serving(resources, runner=False) as url:
        yield url


@pytest.mark.contract("W1", "W5")
async def test_two_viewers_whose_lines_are_cut_anywhere_see_the_whole_log_once(
    place: Place, replica: str
) -> None:
    chance = random.Random(SEED)
    cuts = 0
    while cuts < CUTS:
        place.script(Turn.say(WORDS, pause=0.004))
        sent = await place.send(await place.thread(), "Say it.")
        viewers = [CutViewer(place.secret, random.Random(chance.random())) for _ in range(2)]
        follow = [v.follow([place.url, replica], sent["run_id"], CUTS) for v in viewers]
        await asyncio.gather(*follow)
        answer = (await place.messages(sent["thread_id"]))[-1]
        log = await place.parts(sent["run_id"])
        for viewer in viewers:
            assert viewer.refused == []
            assert viewer.seqs == list(range(1, len(log) + 1))
            assert viewer.parts == log
            assert fold(viewer.parts) == answer["parts"]
        cuts += sum(viewer.cuts for viewer in viewers)
