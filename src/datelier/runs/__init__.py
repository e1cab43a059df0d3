"""Run lifecycle, event log, streaming, resume, stop, checkpoints; executes any registered graph."""
