"""Where the walls are tried: one subject per engine, with a world that can be damaged and remade.

A subject runs an attack through the real engine with only the walls that are asked for. Switching
a wall off is done here, by subclasses of the engine; the product has no switch for it.
"""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

from datelier.worker.functions import Dialect
from tests.walls.attacks import Attack, Wall
from tests.walls.attacks_files import FILES
from tests.walls.attacks_mysql import MYSQL
from tests.walls.attacks_postgres import POSTGRES
from tests.walls.attacks_sqlite import SQLITE
from tests.walls.files_subject import files_walls
from tests.walls.maria_subject import maria_walls
from tests.walls.postgres_subject import postgres_walls
from tests.walls.sqlite_subject import sqlite_walls
from tests.walls.tried import Tried


class Walled(Protocol):
    """One engine and its walls."""

    engine: str
    dialect: Dialect
    lacks: dict[Wall, str]
    """Walls this engine has no such thing as, and why."""

    async def attempt(self, sql: str, walls: Collection[Wall], longest_s: float = 1.0) -> Tried:
        """Run a statement with these walls and no other; stop it after a while."""
        ...

    def digest(self) -> dict[str, Any]:
        """Everything that the last attempts could have left behind."""
        ...

    def remake(self) -> None:
        """Undo whatever was done."""
        ...

    def written(self, sql: str) -> str:
        """The statement with folder, port and neighbour filled in."""
        ...


SUBJECTS: Final[dict[str, Callable[[Path], AbstractContextManager[Walled]]]] = {
    "postgresql": postgres_walls,
    "mysql": maria_walls,
    "sqlite": sqlite_walls,
    "files": files_walls,
}
ATTACKS: Final[dict[str, tuple[Attack, ...]]] = {
    "postgresql": POSTGRES,
    "mysql": MYSQL,
    "sqlite": SQLITE,
    "files": FILES,
}
"""By engine. An engine that lands adds its subject and its attacks here."""
