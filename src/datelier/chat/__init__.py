"""The built-in chat graph and the doors through which people talk to it."""
