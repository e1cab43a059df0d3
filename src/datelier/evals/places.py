"""The sources and agents of a suite: found, or made for the time of an evaluation."""

from pathlib import Path

from datelier.evals.api import Api, Json
from datelier.evals.errors import SuiteInvalid
from datelier.evals.generated import make_world
from datelier.evals.suite import SourceIn, Suite


class Places:
    """Finds and makes the sources and agents of suites.

    Args:
        api: The server.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._made: list[str] = []
        self._listed: list[Json] | None = None

    def of(self, suite: Suite) -> dict[str, Json]:
        """Return the sources of a suite by the names that it uses.

        Raises:
            SuiteInvalid: A source that has to be there is not, or a file is missing.
        """
        return {name: self._find(suite, name, wanted) for name, wanted in suite.sources.items()}

    def remove(self) -> None:
        """Remove what was made here."""
        while self._made:
            self._api.call("DELETE", self._made.pop())

    def agents(self, suite: Suite) -> dict[str, str]:
        """Return the ids of the agents that a suite's cases name.

        Raises:
            SuiteInvalid: There is no such agent.
        """
        wanted = {case.agent for case in suite.cases if case.agent is not None}
        return {name: self._agent(suite, name) for name in sorted(wanted)}

    def _agent(self, suite: Suite, name: str) -> str:
        if name in suite.agents:
            body: Json = {"name": f"{suite.name}: {name}"[:60], "definition": suite.agents[name]}
            made = self._api.call("POST", "/agents", body)
            self._made.append(f"/agents/{made['id']}")
            self._api.call("POST", f"/agents/{made['id']}/publish", {})
            return made["id"]
        if self._listed is None:
            self._listed = self._api.every("/agents")
        for agent in self._listed:
            if name.casefold() in {str(agent[key]).casefold() for key in ("name", "slug", "id")}:
                return agent["id"]
        raise SuiteInvalid(f"Suite {suite.name} asks the agent {name!r}, which is not here.")

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
        self._made.append(f"/sources/{made['id']}")
        return made


def _read(files: list[Path]) -> list[tuple[str, bytes]]:
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise SuiteInvalid(f"There is no file {', '.join(missing)}.")
    return [(file.name, file.read_bytes()) for file in files]
