"""All tests, and what they share: `support`."""

from datelier.kit.environment import keep_grpc_quiet_about_forks

# Tests start servers as another user, which is a fork; gRPC's own handlers break its child.
keep_grpc_quiet_about_forks()
