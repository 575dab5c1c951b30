"""What generated code and the runtime agree on, written once.

`codegen generate` loads this module by its path, so it imports nothing of the package.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

# What an operation answers: pages of items, one model, free JSON, a Message, free JSON or nothing, text, bytes.
Kind: TypeAlias = Literal["list", "model", "plain", "message", "any", "text", "bytes"]

# How a body is encoded.
BodyType: TypeAlias = Literal["json", "form", "multipart", "text", "binary"]

# Arguments of every call.
CALL_ARGUMENTS: Final = ("timeout", "max_retries", "extra_query", "extra_headers")

# Arguments of calls that document a filter, an include or a sort.
QUERY_ARGUMENTS: Final = ("filter", "include", "sort", "query")

# Arguments of every list.
LIST_ARGUMENTS: Final = ("page", "per_page", "prefetch", "on_progress")

# The error class of each status that has one of its own; every 5xx is a ServerError.
ERROR_CLASSES: Final = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
