"""The garbage collector of our processes."""

import gc
from typing import Final

_YOUNG: Final = 10_000


def begin() -> None:
    """Let the collector look at new objects in larger portions; called before anything is imported.

    What a process imports stays, yet looking through it time and again took a fifth of a start.
    Nearly all of a request's objects have gone by the time it ends, and cost the collector nothing.
    """
    gc.set_threshold(_YOUNG, 20, 20)


def settle() -> None:
    """Tell the collector that everything there is now stays: it is not looked through again.

    Imported modules are hundreds of thousands of objects. A full collection that visits them
    stops every answer for a tenth of a second, to find nothing. Called when a process has
    started and when a large package was imported later.
    """
    gc.freeze()
