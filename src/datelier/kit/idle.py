"""Giving way to whatever else a process has to do; its event loop knows no priorities."""

import asyncio
from typing import Final

_MOMENT: Final = 0.001
_MOMENTS: Final = 3
_ON_TIME: Final = 0.0004  # seconds that a timer may come late to a loop that has nothing to do


async def until_idle(most: float) -> None:
    """Wait until the event loop has had nothing to do for three moments in a row.

    Args:
        most: Seconds after which it is not waited for any longer.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + most
    idle = 0
    while idle < _MOMENTS and (before := clock()) < until:
        await asyncio.sleep(_MOMENT)
        on_time = clock() - before < _MOMENT + _ON_TIME
        idle = idle + 1 if on_time else 0
