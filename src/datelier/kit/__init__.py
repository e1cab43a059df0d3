"""Business-free primitives that every slice may use."""
