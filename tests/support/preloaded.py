"""What the processes of tests are forked with: everything that the product's processes import."""

import gc
from importlib import import_module

from datelier.kit.environment import keep_grpc_quiet_about_forks

keep_grpc_quiet_about_forks()
for name in (
    "datelier.cli.up",
    "datelier.cli.serve",
    "datelier.cli.runner",
    "datelier.cli.worker_start",
    "datelier.app.runner",
    "tests.chat.app",
    "tests.support.postgres_actor",
):
    import_module(name)
# Collections in the children would copy every page that they touch.
gc.freeze()
