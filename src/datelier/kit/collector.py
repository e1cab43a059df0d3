"""The garbage collector of a process that serves."""

import gc
from typing import Final

_YOUNG: Final = 10_000


def settle() -> None:
    """Tell the collector that everything there is now stays: it is not looked through again.

    Imported modules are hundreds of thousands of objects. A full collection that visits them
    stops every answer for a tenth of a second, to find nothing. Called when a process has
    started and when a large package was imported later.

    New objects are looked at in larger portions too: nearly all of a request's have gone by
    the time it ends, and cost the collector nothing then.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
