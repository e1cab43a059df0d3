from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JoinRequest(_message.Message):
    __slots__ = ("protocol", "version", "host")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    version: str
    host: str
    def __init__(self, protocol: _Optional[int] = ..., version: _Optional[str] = ..., host: _Optional[str] = ...) -> None: ...

class JoinReply(_message.Message):
    __slots__ = ("worker_id", "worker_name", "token")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_NAME_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    worker_name: str
    token: str
    def __init__(self, worker_id: _Optional[str] = ..., worker_name: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class WorkerMessage(_message.Message):
    __slots__ = ("hello", "response", "batch", "preview", "heartbeat", "draining")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    response: AgentActionResponse
    batch: ResultBatch
    preview: DataPreviewResponse
    heartbeat: Heartbeat
    draining: Draining
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., response: _Optional[_Union[AgentActionResponse, _Mapping]] = ..., batch: _Optional[_Union[ResultBatch, _Mapping]] = ..., preview: _Optional[_Union[DataPreviewResponse, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., draining: _Optional[_Union[Draining, _Mapping]] = ...) -> None: ...

class Draining(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Hello(_message.Message):
    __slots__ = ("worker_name", "version", "protocol", "engines", "slots", "modes", "sources", "host")
    WORKER_NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    worker_name: str
    version: str
    protocol: int
    engines: _containers.RepeatedScalarFieldContainer[str]
    slots: int
    modes: _containers.RepeatedScalarFieldContainer[str]
    sources: _containers.RepeatedCompositeFieldContainer[HeldSource]
    host: str
    def __init__(self, worker_name: _Optional[str] = ..., version: _Optional[str] = ..., protocol: _Optional[int] = ..., engines: _Optional[_Iterable[str]] = ..., slots: _Optional[int] = ..., modes: _Optional[_Iterable[str]] = ..., sources: _Optional[_Iterable[_Union[HeldSource, _Mapping]]] = ..., host: _Optional[str] = ...) -> None: ...

class HeldSource(_message.Message):
    __slots__ = ("name", "engine")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    name: str
    engine: str
    def __init__(self, name: _Optional[str] = ..., engine: _Optional[str] = ...) -> None: ...

class AgentActionResponse(_message.Message):
    __slots__ = ("request_id", "ok", "action_type", "error", "result_json", "data", "execution_time_ms", "trailer")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OK_FIELD_NUMBER: _ClassVar[int]
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RESULT_JSON_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    TRAILER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    ok: bool
    action_type: str
    error: str
    result_json: str
    data: DataPreview
    execution_time_ms: int
    trailer: Trailer
    def __init__(self, request_id: _Optional[str] = ..., ok: _Optional[bool] = ..., action_type: _Optional[str] = ..., error: _Optional[str] = ..., result_json: _Optional[str] = ..., data: _Optional[_Union[DataPreview, _Mapping]] = ..., execution_time_ms: _Optional[int] = ..., trailer: _Optional[_Union[Trailer, _Mapping]] = ...) -> None: ...

class Trailer(_message.Message):
    __slots__ = ("batches", "rows", "crc32")
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CRC32_FIELD_NUMBER: _ClassVar[int]
    batches: int
    rows: int
    crc32: int
    def __init__(self, batches: _Optional[int] = ..., rows: _Optional[int] = ..., crc32: _Optional[int] = ...) -> None: ...

class ResultBatch(_message.Message):
    __slots__ = ("request_id", "seq", "arrow_ipc", "last", "rows")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    ARROW_IPC_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    seq: int
    arrow_ipc: bytes
    last: bool
    rows: int
    def __init__(self, request_id: _Optional[str] = ..., seq: _Optional[int] = ..., arrow_ipc: _Optional[bytes] = ..., last: _Optional[bool] = ..., rows: _Optional[int] = ...) -> None: ...

class DataPreviewResponse(_message.Message):
    __slots__ = ("request_id", "ok", "error", "data")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    ok: bool
    error: str
    data: DataPreview
    def __init__(self, request_id: _Optional[str] = ..., ok: _Optional[bool] = ..., error: _Optional[str] = ..., data: _Optional[_Union[DataPreview, _Mapping]] = ...) -> None: ...

class DataPreview(_message.Message):
    __slots__ = ("data_type", "headers", "rows", "total_rows", "content")
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    data_type: str
    headers: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[PreviewRow]
    total_rows: int
    content: str
    def __init__(self, data_type: _Optional[str] = ..., headers: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[PreviewRow, _Mapping]]] = ..., total_rows: _Optional[int] = ..., content: _Optional[str] = ...) -> None: ...

class PreviewRow(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[PreviewValue]
    def __init__(self, values: _Optional[_Iterable[_Union[PreviewValue, _Mapping]]] = ...) -> None: ...

class PreviewValue(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("load",)
    LOAD_FIELD_NUMBER: _ClassVar[int]
    load: int
    def __init__(self, load: _Optional[int] = ...) -> None: ...

class ServerMessage(_message.Message):
    __slots__ = ("welcome", "action", "preview", "cancel", "credit", "drain", "commit")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    action: AgentActionRequest
    preview: DataPreviewRequest
    cancel: Cancel
    credit: Credit
    drain: Drain
    commit: Commit
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., action: _Optional[_Union[AgentActionRequest, _Mapping]] = ..., preview: _Optional[_Union[DataPreviewRequest, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ..., commit: _Optional[_Union[Commit, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("worker_id", "heartbeat_seconds", "protocol")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    heartbeat_seconds: int
    protocol: int
    def __init__(self, worker_id: _Optional[str] = ..., heartbeat_seconds: _Optional[int] = ..., protocol: _Optional[int] = ...) -> None: ...

class AgentActionRequest(_message.Message):
    __slots__ = ("request_id", "action_type", "source_id", "parameters_json", "timeout_seconds", "source_json", "limits_json")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_JSON_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_JSON_FIELD_NUMBER: _ClassVar[int]
    LIMITS_JSON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    action_type: str
    source_id: str
    parameters_json: str
    timeout_seconds: int
    source_json: str
    limits_json: str
    def __init__(self, request_id: _Optional[str] = ..., action_type: _Optional[str] = ..., source_id: _Optional[str] = ..., parameters_json: _Optional[str] = ..., timeout_seconds: _Optional[int] = ..., source_json: _Optional[str] = ..., limits_json: _Optional[str] = ...) -> None: ...

class DataPreviewRequest(_message.Message):
    __slots__ = ("request_id", "source_id", "source_json", "table", "query", "limit", "offset", "timeout_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_JSON_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    source_id: str
    source_json: str
    table: str
    query: str
    limit: int
    offset: int
    timeout_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., source_id: _Optional[str] = ..., source_json: _Optional[str] = ..., table: _Optional[str] = ..., query: _Optional[str] = ..., limit: _Optional[int] = ..., offset: _Optional[int] = ..., timeout_seconds: _Optional[int] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("request_id", "batches")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    batches: int
    def __init__(self, request_id: _Optional[str] = ..., batches: _Optional[int] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Commit(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class PerformRequest(_message.Message):
    __slots__ = ("org_id", "action", "worker_id")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    action: AgentActionRequest
    worker_id: str
    def __init__(self, org_id: _Optional[str] = ..., action: _Optional[_Union[AgentActionRequest, _Mapping]] = ..., worker_id: _Optional[str] = ...) -> None: ...

class PerformEvent(_message.Message):
    __slots__ = ("batch", "response")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    batch: ResultBatch
    response: AgentActionResponse
    def __init__(self, batch: _Optional[_Union[ResultBatch, _Mapping]] = ..., response: _Optional[_Union[AgentActionResponse, _Mapping]] = ...) -> None: ...

class ConfirmRequest(_message.Message):
    __slots__ = ("org_id", "request_id")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    request_id: str
    def __init__(self, org_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ConfirmReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
