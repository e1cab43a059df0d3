"""Which names a statement may use."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """What names a statement may use.

    `tables`: lower-case names that exist (None: any that is not a system table). `schemas`:
    schemas it may name (None: any but system schemas). `row_functions`: functions that take one
    row of a table; `t.name` would call them. `columns`: lower-case names of columns, where a name
    in quotes that is none of them would be read as a text (None: they would not).
    """

    tables: frozenset[str] | None = None
    schemas: frozenset[str] | None = None
    row_functions: frozenset[str] = frozenset()
    columns: frozenset[str] | None = None


ANYWHERE: Final = Scope()
