"""The built-in graphs, and the doors through which people talk to them."""
