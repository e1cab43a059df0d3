"""Why a question was not answered, in words: for documents and for the terminal.

Apart from the rest of the slice, which is slow to import.
"""

from typing import Final

REFUSAL_REASONS: Final = {
    "unanswerable": "This data cannot answer that",
    "ambiguous": "This can mean several things",
    "out_of_scope": "Outside of what this chat can do",
    "not_permitted": "Not permitted here",
    "untraced": "Held back: not every number could be traced",
}
