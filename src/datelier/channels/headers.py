"""Headers of mails that hold words of people and models: on the wire they are what was said.

The standard library reads the value of a header as a parser would. So ``=?utf-8?q?=0D=0ABcc:…?=``
within a title becomes a line of its own among the headers, and where a long value is encoded in
pieces, the space between two of them is lost. Here a value is text and nothing else.
"""

from email.header import Header
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from typing import Any


class Said:
    """A header whose value is never parsed: plain where it can be, else encoded as a whole."""

    max_count = 1
    name: str

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take the value as it is."""
        kwds["decoded"] = value
        kwds["parse_tree"] = None

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the header as it is sent, in lines."""
        words = str(self)
        exact = words.isascii() and "=?" not in words
        made = Header(words, "us-ascii" if exact else "utf-8", header_name=self.name)
        return f"{self.name}: {made.encode(linesep=policy.linesep)}{policy.linesep}"


def new_message() -> EmailMessage:
    """Return an empty mail whose subject and links are sent as they were said."""
    registry = HeaderRegistry()
    for name in ("subject", "list-unsubscribe"):
        registry.map_to_type(name, Said)  # pyright: ignore[reportArgumentType]  # a mixin, as theirs
    return EmailMessage(default.clone(header_factory=registry))


def display_name(words: str) -> str:
    """Return a name that is read as it is written, before an address."""
    return words.replace("=?", "= ?")
