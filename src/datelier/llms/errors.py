"""What can go wrong with a model, in words that are safe to show.

    DatelierError
    ├── NoModel             409 no_model             none configured
    ├── ModelNotTested      409 model_not_tested
    ├── ModelKeyRefused     502 model_key_refused
    ├── ModelNotFound       502 model_not_found      the endpoint does not serve this name
    ├── ModelRateLimited    502 model_rate_limited   carries retry_after
    ├── ModelTimeout        504 model_timeout
    ├── ModelUnreachable    502 model_unreachable
    ├── ModelFailed         502 model_failed         the endpoint's own 5xx
    ├── ModelBadAnswer      502 model_bad_answer     garbage, cut off, or empty
    └── ContextTooLong      422 context_too_long

An upstream body is never quoted: it may hold the key, the prompt, or another tenant's data.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from datelier.kit.errors import BadGateway, Conflict, DatelierError, Invalid, UpstreamTimeout

SETTINGS_LINK = "/settings/models"
_MAX_RETRY_AFTER = 3600
_TITLES = {"openai": "OpenAI", "anthropic": "Anthropic", "ollama": "Ollama"}
_DEFAULT_URLS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://localhost:11434",
}


class NoModel(Conflict):
    """No model was asked for and the organization has none active."""

    code, title = "no_model", "No model selected"


class ModelNotTested(Conflict):
    """A model becomes active only after a test that passed."""

    code, title = "model_not_tested", "Model not tested"


class ModelKeyRefused(BadGateway):
    """The endpoint refused the key, or the key may not use this model."""

    code, title = "model_key_refused", "Model key refused"


class ModelNotFound(BadGateway):
    """The endpoint does not serve a model of this name."""

    code, title = "model_not_found", "Model not found"


class ModelRateLimited(BadGateway):
    """The endpoint asks to slow down, or its quota is used up."""

    code, title = "model_rate_limited", "Rate limited by the model"


class ModelTimeout(UpstreamTimeout):
    """The endpoint did not answer, or stopped answering, in time."""

    code, title = "model_timeout", "Model timed out"


class ModelUnreachable(BadGateway):
    """No connection to the endpoint."""

    code, title = "model_unreachable", "Model unreachable"


class ModelFailed(BadGateway):
    """The endpoint reported an error of its own."""

    code, title = "model_failed", "Model failed"


class ModelBadAnswer(BadGateway):
    """The endpoint answered with something that is not an answer."""

    code, title = "model_bad_answer", "Unusable answer"


class ContextTooLong(Invalid):
    """The conversation does not fit into the model's context window."""

    code, title = "context_too_long", "Context too long"


class Named(Protocol):
    """What an error needs to know about a model."""

    @property
    def name(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def model_name(self) -> str: ...
    @property
    def endpoint_url(self) -> str | None: ...


_CHECK_SETTINGS = f"Check the model under {SETTINGS_LINK}, or use another model."


def provider_error(error: BaseException, model: Named) -> DatelierError:
    """Return what a failed call means, without a word of what the endpoint said.

    Args:
        error: Whatever the provider's library raised.
        model: The model that was called; its name and endpoint may be shown, never its key.
    """
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, DatelierError):
            return cause
    status = next((code for code in map(_status, causes) if code is not None), None)
    if any("ContextOverflow" in type(cause).__name__ for cause in causes) or (
        status in {400, 413, 422} and any(_says_too_long(cause) for cause in causes)
    ):
        return ContextTooLong(
            f"The conversation is too long for {model.name}.",
            hint="Start a new chat, or use a model with a larger context window.",
            service=model.provider,
        )
    if status is not None:
        return _by_status(status, model, _retry_after(causes))
    return _by_kind(causes, model)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _status(error: BaseException) -> int | None:
    """Return the HTTP status an exception carries; the libraries agree on the attribute only."""
    status = getattr(error, "status_code", None)
    if status is None:
        status = getattr(getattr(error, "response", None), "status_code", None)
    # Ollama's client reports -1 for an error line inside a stream.
    return status if isinstance(status, int) and status >= 300 else None


_TOO_LONG = re.compile(
    r"context.?(length|window|size)|too long|maximum context|exceeds? the context", re.IGNORECASE
)


def _says_too_long(error: BaseException) -> bool:
    # The text is read to classify the failure, never to show it.
    return _TOO_LONG.search(str(error)) is not None


def _retry_after(causes: list[BaseException]) -> int | None:
    for cause in causes:
        headers = getattr(getattr(cause, "response", None), "headers", None)
        value = headers.get("retry-after") if headers is not None else None
        if isinstance(value, str) and re.fullmatch(r"\d{1,6}(\.\d+)?", value):
            return min(max(1, round(float(value))), _MAX_RETRY_AFTER)
    return None


def _by_status(status: int, model: Named, retry_after: int | None) -> DatelierError:
    kind, detail, hint = _STATUSES.get(status, _STATUSES[500 if status >= 500 else 400])
    return kind(
        detail.format(name=model.name, model=model.model_name, where=_title(model), status=status),
        hint=hint,
        service=model.provider,
        retry_after=retry_after if status in {429, 503, 529} else None,
    )


_KEY = (
    ModelKeyRefused,
    "{where} refused the key of {name}.",
    f"Enter the key again under {SETTINGS_LINK}, or use another model.",
)
_LIMIT = (
    ModelRateLimited,
    "{where} asks to slow down, or the quota is used up.",
    "Wait and retry, or use another model.",
)
_LATE = (ModelTimeout, "{where} did not answer in time.", "Retry, or use another model.")
_STATUSES: dict[int, tuple[type[DatelierError], str, str]] = {
    401: _KEY,
    403: _KEY,
    404: (ModelNotFound, "{where} does not serve a model named {model}.", "Check the model name and the address; for Ollama, pull the model first."),
    408: _LATE,
    429: _LIMIT,
    504: _LATE,
    529: _LIMIT,
    400: (ModelBadAnswer, "{where} did not accept the request (status {status}).", "The model may lack tools or streaming. Test it under " + SETTINGS_LINK + "."),
    500: (ModelFailed, "{where} failed (status {status}).", "Retry, or use another model."),
}  # fmt: skip


def _by_kind(causes: list[BaseException], model: Named) -> DatelierError:
    names = [name for cause in causes for name in _type_names(cause)]
    where = _title(model)
    if any("Timeout" in name for name in names):
        return ModelTimeout(
            f"{where} did not answer in time.",
            hint="Retry, or use another model.",
            service=model.provider,
        )
    if "RemoteProtocolError" in names or "ReadError" in names or "DecodingError" in names:
        return ModelBadAnswer(
            f"{where} broke off in the middle of the answer.",
            hint="Retry, or use another model.",
            service=model.provider,
        )
    if "ConnectError" in names or "ConnectionError" in names or "APIConnectionError" in names:
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        outcome = f"Connection to {where} refused" if refused else f"No connection to {where}"
        return ModelUnreachable(
            f"{outcome} at {endpoint_of(model)}", hint=_CHECK_SETTINGS, service=model.provider
        )
    return ModelBadAnswer(
        f"{where} answered with something unusable.", hint=_CHECK_SETTINGS, service=model.provider
    )


def _type_names(error: BaseException) -> list[str]:
    return [kind.__name__ for kind in type(error).__mro__]


def _title(model: Named) -> str:
    return _TITLES.get(model.provider, model.name)


_USERINFO = re.compile(r"//[^/@]*@")


def endpoint_of(model: Named) -> str:
    """Return the address of a model's endpoint, without credentials or query."""
    url = model.endpoint_url or _DEFAULT_URLS.get(model.provider, "")
    return _USERINFO.sub("//", url).split("?", 1)[0].split("#", 1)[0]
