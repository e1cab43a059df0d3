"""The composition root: what exists, and how the processes are put together."""
