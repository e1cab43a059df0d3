"""Charts: Vega-Lite without data, bound to stored results."""
