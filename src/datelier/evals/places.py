"""The sources of a suite: found, or made for the time of an evaluation."""

from pathlib import Path

from datelier.evals.api import Api, Json
from datelier.evals.errors import SuiteInvalid
from datelier.evals.generated import make_world
from datelier.evals.suite import SourceIn, Suite


class Places:
    """Finds and makes the sources of suites; usable once per server.

    Args:
        api: The server.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._made: list[str] = []

    def of(self, suite: Suite) -> dict[str, Json]:
        """Return the sources of a suite by the names that it uses.

        Raises:
            SuiteInvalid: A source that has to be there is not, or a file is missing.
        """
        return {name: self._find(suite, name, wanted) for name, wanted in suite.sources.items()}

    def remove(self) -> None:
        """Remove the sources that were made here."""
        while self._made:
            self._api.call("DELETE", f"/sources/{self._made.pop()}")

    def _find(self, suite: Suite, name: str, wanted: SourceIn) -> Json:
        if wanted.sample:
            return self._api.call("POST", "/sources/sample")
        if wanted.name is not None:
            for source in self._api.every("/sources"):
                if wanted.name.casefold() in {source["name"].casefold(), str(source["number"])}:
                    return source
            raise SuiteInvalid(
                f"Suite {suite.name} asks the source {wanted.name!r}, which is not here.",
                "Add it with `datelier source add`, or change the suite's `sources`.",
            )
        called = f"{suite.name}: {name}"
        if wanted.generated is not None:
            world = make_world(wanted.generated)
            return self._upload(called, [(f"{world.name}.csv", world.csv().encode())])
        return self._upload(called, _read([suite.folder / file for file in wanted.files]))

    def _upload(self, name: str, files: list[tuple[str, bytes]]) -> Json:
        parts = [("files", file) for file in files]
        made = self._api.call("POST", "/sources/upload", files=parts, data={"name": name[:120]})
        self._made.append(made["id"])
        return made


def _read(files: list[Path]) -> list[tuple[str, bytes]]:
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise SuiteInvalid(f"There is no file {', '.join(missing)}.")
    return [(file.name, file.read_bytes()) for file in files]
