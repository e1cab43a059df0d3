"""Titles of threads: provisional from the first message."""

import re

MOST = 80
_NOISE = re.compile(r"[\"'`\u201c\u201d\u2018\u2019«»:*_#>\[\]{}|]+")


def provisional_title(text: str) -> str:
    """Return a title of at most 80 characters without quotes or colons.

    A longer text is cut at a word; an empty one gives "New thread".
    """
    words = _NOISE.sub(" ", text[: 4 * MOST]).split()
    title = " ".join(words)
    if len(title) > MOST:
        title = title[: MOST - 1].rsplit(" ", 1)[0].rstrip(" ,.;-") + "…"
    return title or "New thread"
