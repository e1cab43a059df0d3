"""The worker protocol: generated messages and the Arrow codec."""
