"""Cursor pages: `{data, next}`; a cursor is opaque to the caller."""

import base64
import binascii
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from datelier.kit.errors import Malformed

T = TypeVar("T")
MAX_LIMIT = 200


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is None on the last page."""

    data: list[T]
    next: str | None = None


def encode_cursor(last_id: UUID) -> str:
    """Return the cursor that continues after `last_id`."""
    return base64.urlsafe_b64encode(last_id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> UUID | None:
    """Return the id a cursor continues after; None for the first page.

    Raises:
        Malformed: The cursor was not made by us.
    """
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise Malformed("The cursor is not valid.", hint="Start from the first page.") from None
