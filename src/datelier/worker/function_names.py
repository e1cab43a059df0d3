"""How the lists of functions are written down."""


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
