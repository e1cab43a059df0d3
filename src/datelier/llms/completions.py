"""`POST /chat/completions` and nothing else: one request, straight to the guarded transport.

The SDK's client rewrites every field of a request, builds its headers anew and passes it through
four layers, which costs as much CPU as everything else on the way to a model. What it does about
failures is done here too: one more attempt where that can help, after as long as the endpoint asks.
"""

import asyncio
import math
import random
import re
from typing import Any, Final

import httpx
import orjson

_RETRIED: Final = frozenset({408, 409, 429})
_FIRST_DELAY: Final = 0.5
_LONGEST_DELAY: Final = 120.0
_MOST_READ: Final = 64 * 1024


class EndpointError(Exception):
    """The endpoint answered with an error.

    Its text holds what the endpoint said, so it is read to classify it and never shown.

    Attributes:
        response: The answer's head, when the request was answered with an error.
    """

    def __init__(self, status: int, said: str, response: httpx.Response | None = None) -> None:
        super().__init__(f"status {status}: {said}")
        self.status_code = status
        self.response = response


class Completions:
    """The completions of one endpoint.

    Args:
        transport: Where requests go.
        base_url: The endpoint, such as ``https://api.openai.com/v1``.
        key: Sent as a bearer token.
        timeout: Of connecting, sending and the first byte.
        attempts: How often a request is tried in all.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        base_url: str,
        key: str,
        timeout: httpx.Timeout,
        attempts: int,
    ) -> None:
        self._transport = transport
        self._url = httpx.URL(f"{base_url.rstrip('/')}/chat/completions")
        self._headers = [
            ("accept", "application/json"),
            ("accept-encoding", "identity"),
            ("content-type", "application/json"),
            ("authorization", f"Bearer {key}"),
            ("user-agent", "datelier"),
        ]
        self._extensions = {"timeout": timeout.as_dict()}
        self._attempts = attempts

    async def open(self, payload: dict[str, Any]) -> httpx.Response:
        """Send a request and return its answer, of which only the head has come; close it.

        Raises:
            EndpointError: The answer is not a success.
            httpx.TransportError: There was no answer.
        """
        body = orjson.dumps(payload)
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                response = await self._transport.handle_async_request(
                    httpx.Request(
                        "POST",
                        self._url,
                        headers=self._headers,
                        content=body,
                        extensions=dict(self._extensions),
                    )
                )
            except httpx.TransportError:
                if last:
                    raise
                delay = None
            else:
                if response.is_success:
                    return response
                delay = _asked_delay(response)
                if last or not _worth_another(response, delay):
                    raise await _refusal(response)
                await response.aclose()
            # Half a second, a little less for some, so that not all come back at once.
            await asyncio.sleep(delay or _FIRST_DELAY * random.uniform(0.75, 1))  # noqa: S311  # jitter
        raise AssertionError("at least one attempt is made")


def _worth_another(response: httpx.Response, delay: float | None) -> bool:
    status, said = response.status_code, response.headers.get("x-should-retry")
    worth = said == "true" if said in {"true", "false"} else status in _RETRIED or status >= 500
    return worth and (delay is None or delay <= _LONGEST_DELAY)


def _asked_delay(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", value):
        return None
    delay = float(value)
    return delay if math.isfinite(delay) and delay > 0 else None


async def _refusal(response: httpx.Response) -> EndpointError:
    said = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            said += chunk
            if len(said) > _MOST_READ:
                break
    except httpx.HTTPError:
        pass  # the status says enough
    finally:
        await response.aclose()
    text = bytes(said[:_MOST_READ]).decode(errors="replace")
    return EndpointError(response.status_code, text, response)
