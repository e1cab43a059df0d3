"""Headers of mails that hold words of people and models: on the wire they are what was said.

The standard library reads the value of a header as a parser would. So ``=?utf-8?q?=0D=0ABcc:…?=``
within a title becomes a line of its own among the headers, and where a long value is encoded in
pieces, the space between two of them is lost, and so are the quotes around a name. Here a value is text and nothing else.
"""

import re
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from typing import Any, Final

# What needs no quotes in front of an address, and is nothing else than it looks like.
_PLAIN: Final = re.compile(r"[A-Za-z0-9 '+/_-]*")
_SHORT: Final = 60


def _encoded(words: str, name: str, linesep: str, *, exact: bool) -> str:
    """Return words as they are sent, in lines; exactly as they are where nothing reads them."""
    made = Header(words, "us-ascii" if exact else "utf-8", header_name=name)
    return made.encode(linesep=linesep)


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
        words, linesep = str(self), policy.linesep
        exact = words.isascii() and "=?" not in words
        return f"{self.name}: {_encoded(words, self.name, linesep, exact=exact)}{linesep}"


class Addressed:
    """A header of one address, made of an :class:`email.headerregistry.Address`."""

    max_count = 1
    name: str
    address: Address

    @classmethod
    def parse(cls, value: Address, kwds: dict[str, Any]) -> None:
        """Take the address as it is; programs read it quoted."""
        kwds["decoded"] = str(value)
        kwds["parse_tree"] = value

    def init(self, name: str, *, parse_tree: Address, defects: list[Any]) -> None:
        """Keep the address."""
        self.address = parse_tree
        base: Any = super()
        base.init(name, parse_tree=parse_tree, defects=defects)

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the header as it is sent, in lines."""
        words, linesep = self.address.display_name, policy.linesep
        exact = _PLAIN.fullmatch(words) is not None
        said = _encoded(words, self.name, linesep, exact=exact)
        gap = linesep if len(said) + len(self.address.addr_spec) > _SHORT else ""
        return f"{self.name}: {said}{gap} <{self.address.addr_spec}>{linesep}"


def new_message() -> EmailMessage:
    """Return an empty mail whose receiver, subject and links are sent as they were said."""
    registry = HeaderRegistry()
    for name, kind in (("to", Addressed), ("subject", Said), ("list-unsubscribe", Said)):
        registry.map_to_type(name, kind)  # pyright: ignore[reportArgumentType]  # a mixin, as theirs
    return EmailMessage(default.clone(header_factory=registry))
