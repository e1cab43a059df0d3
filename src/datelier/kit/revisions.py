"""Which revision an edit was made from, as `If-Match` names it.

Whoever read an older one is refused instead of undoing what somebody else has written since.
"""

import re
from typing import Final

from datelier.kit.errors import DatelierError, Malformed

_ETAG: Final = re.compile(r'(?:W/)?"?([1-9][0-9]{0,8})"?')


def named_revision(if_match: str | None, missing: DatelierError, what: str) -> int:
    """Return the number in an `If-Match`: as it is, in quotes, or weak.

    Args:
        if_match: The header; None when the request has none.
        missing: Raised then.
        what: What the number is, such as "a version of the document".

    Raises:
        Malformed: It names no number from 1.
    """
    if if_match is None:
        raise missing
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Malformed(f"If-Match must be {what}.")
    return int(found.group(1))
