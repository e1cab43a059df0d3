"""What exactly was approved: hashes over canonical JSON.

The order of keys means nothing; everything else does: `10` is not `10.0`, and a letter with an
accent is not the same letter with a combining one.
"""

import hashlib
import json
from typing import Any

from datelier.kit.errors import Invalid


def canonical(value: Any) -> bytes:
    """Return the one spelling of a JSON value.

    Raises:
        Invalid: NaN, an infinity, or something that is not JSON.
    """
    try:
        spelled = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid.field("args", "must be plain JSON without NaN or infinities") from error
    return spelled.encode()


def args_hash(name: str, args: Any) -> str:
    """Return the hash of one exact call."""
    return hashlib.sha256(canonical([name, args])).hexdigest()


def content_hash(decided: Any) -> bytes:
    """Return the hash of what a person decided."""
    return hashlib.sha256(canonical(decided)).digest()
