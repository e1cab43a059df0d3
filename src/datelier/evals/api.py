"""What an evaluation needs of a client of the public API."""

from collections.abc import Generator
from typing import Any, Protocol

Json = dict[str, Any]
_PAGE = 1000


class Api(Protocol):
    """Calls `/api/v1` of one server; failures are exceptions of the client's own."""

    def call(self, method: str, path: str, body: Json | None = None, **options: Any) -> Any:
        """Return the decoded JSON answer."""
        ...

    def every(self, path: str) -> list[Json]:
        """Return all items of a cursor-paged list."""
        ...

    def events(
        self, path: str, *, after: int = 0, timeout: float | None = None
    ) -> Generator[tuple[int, Json]]:
        """Yield `(seq, part)` of a run's log until it ends."""
        ...


def all_rows(api: Api, result_id: str, *, most: int = 100_000) -> Json:
    """Return a stored result as one columnar page; `truncated` when it has more than `most`."""
    page: Json = {}
    data: list[list[Any]] = []
    offset = 0
    while True:
        path = f"/results/{result_id}/rows"
        page = api.call("GET", path, params={"offset": offset, "limit": _PAGE})
        for place, column in enumerate(page["data"]):
            if offset == 0:
                data.append(list(column))
            else:
                data[place].extend(column)
        got = len(page["data"][0]) if page["data"] else 0
        offset += got
        if got < _PAGE or offset >= page["row_count"] or offset >= most:
            cut = page["truncated"] or offset < page["row_count"]
            return page | {"data": data, "offset": 0, "truncated": cut}
