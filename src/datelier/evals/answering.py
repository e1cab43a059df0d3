"""Which model answers: one that is configured, perhaps recorded, a recording, or a script."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from datelier.evals.api import Api, Json
from datelier.evals.endpoint import Answering, Endpoint
from datelier.evals.errors import EvaluationError
from datelier.evals.recording import Player, Recorder, Recording, load_recording, save_recording
from datelier.evals.scripting import Script
from datelier.evals.suite import Case

SCRIPTED: Final = "scripted"
RECORDED: Final = "recorded:"
_UPSTREAMS: Final = {"openai": "https://api.openai.com/v1", "ollama": "http://localhost:11434"}
_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Model:
    """The model that answers.

    Attributes:
        miss: Returns why a question was not answered as recorded or scripted; mostly empty.
    """

    id: str
    name: str
    miss: Callable[[str], str] = lambda _: ""


@contextmanager
def scripted(api: Api, server: str, cases: Sequence[Case]) -> Generator[Model]:
    """Make a model that does what the cases' scripts say.

    Raises:
        EvaluationError: The server is elsewhere.
    """
    script = Script(cases)
    with _served(api, server, script.answer, {"name": SCRIPTED}) as model_id:
        yield Model(model_id, SCRIPTED, script.miss)


@contextmanager
def recorded(api: Api, server: str, path: Path) -> Generator[Model]:
    """Make a model that says again what was recorded.

    Raises:
        EvaluationError: The file is no recording, or the server is elsewhere.
    """
    recording = load_recording(path)
    player = Player(recording)
    made: Json = {"name": recording.model}
    if recording.price:
        made["price"] = recording.price
    with _served(api, server, player.answer, made) as model_id:
        yield Model(model_id, f"{recording.model} (recorded)", player.miss)


@contextmanager
def recording_of(
    api: Api, server: str, model: Json, path: Path, key: str | None
) -> Generator[Model]:
    """Make a model that passes everything on to `model`, and save what was said in the end.

    Args:
        api: The server.
        server: Its address.
        model: A configured model.
        path: Where the recording goes.
        key: The model's key, which the server keeps to itself.

    Raises:
        EvaluationError: The model does not speak the protocol, or its key is needed.
    """
    upstream = _upstream(model, key)
    price = {name: value for name, value in model["price"].items() if value is not None}
    recording = Recording(model["name"], price)
    recorder = Recorder(recording, upstream)
    made: Json = {"name": model["name"], "model_name": model["model_name"]}
    made |= {"parameters": model["parameters"]}
    made |= ({"price": price} if price else {}) | ({"api_key": key} if key else {})
    try:
        with _served(api, server, recorder.answer, made) as model_id:
            yield Model(model_id, model["name"])
    finally:
        recorder.close()
        save_recording(recording, path)


@contextmanager
def _served(api: Api, server: str, answer: Answering, made: Json) -> Generator[str]:
    """Make a model of the installation for a while, answered here; return its id."""
    if urlsplit(server).hostname not in _HERE:
        raise EvaluationError(
            f"The server at {server} cannot reach a model on this machine.",
            "Run `datelier eval` where the server runs.",
        )
    with Endpoint(answer) as endpoint:
        body: Json = {
            "provider": "generic",
            "model_name": "evaluation",
            "endpoint_url": endpoint.url,
        }
        name = f"{made['name']} (evaluation {uuid4().hex[:6]})"
        model = api.call("POST", "/models", body | made | {"name": name[-120:]})
        try:
            yield model["id"]
        finally:
            api.call("DELETE", f"/models/{model['id']}")


def _upstream(model: Json, key: str | None) -> str:
    provider = model["provider"]
    if provider in {"demo", "anthropic"}:
        raise EvaluationError(
            f"Requests to {model['name']} cannot be recorded: it does not speak OpenAI's protocol.",
            "Record a model of the provider openai, ollama or generic.",
        )
    if model["key"]["configured"] and not key:
        raise EvaluationError(
            f"{model['name']} has a key, which the server gives to nobody.",
            "Give the key for the recording with --key-file; it is not stored.",
        )
    base = str(model["endpoint_url"] or _UPSTREAMS[provider]).rstrip("/")
    return f"{base}/v1" if provider == "ollama" and not base.endswith("/v1") else base
