"""The sources of a suite: found, or made for the time of an evaluation."""

from pathlib import Path

from datelier.evals.api import Api, Json
from datelier.evals.errors import SuiteInvalid
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
        return self._upload(f"{suite.name}: {name}", [suite.folder / file for file in wanted.files])

    def _upload(self, name: str, files: list[Path]) -> Json:
        missing = [str(file) for file in files if not file.is_file()]
        if missing:
            raise SuiteInvalid(f"There is no file {', '.join(missing)}.")
        handles = [file.open("rb") for file in files]
        try:
            parts = [
                ("files", (file.name, handle)) for file, handle in zip(files, handles, strict=True)
            ]
            made = self._api.call("POST", "/sources/upload", files=parts, data={"name": name[:120]})
        finally:
            for handle in handles:
                handle.close()
        self._made.append(made["id"])
        return made
