"""The five measures of contract Q58, in Prometheus form. Labels are bounded."""

from prometheus_client import Counter, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

chat_request_seconds = Histogram(
    "datelier_chat_request_seconds", "From request to the end of the answer.", buckets=_SECONDS
)
stream_first_byte_seconds = Histogram(
    "datelier_stream_first_byte_seconds",
    "From request to the first part of the answer.",
    buckets=_SECONDS,
)
tool_execution_seconds = Histogram(
    "datelier_tool_execution_seconds", "One tool call.", ["tool"], buckets=_SECONDS
)
worker_response_seconds = Histogram(
    "datelier_worker_response_seconds",
    "One action on a worker, there and back.",
    ["action"],
    buckets=_SECONDS,
)
llm_tokens_total = Counter("datelier_llm_tokens_total", "Tokens used, by kind.", ["kind"])
