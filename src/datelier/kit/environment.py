"""Variables that are not ours, or that are needed before settings can be imported.

Importing the settings costs a validation library; the command line's help must not.
"""

import os


def environment(name: str) -> str | None:
    """Return a variable, such as a provider's key offered at first run; empty means unset."""
    return os.environ.get(name) or None


def keep_grpc_quiet_about_forks() -> None:
    """Set up gRPC for processes that start others: they exec at once, so it has nothing to do.

    Without this it writes a warning for each; it looks when it is imported.
    """
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
