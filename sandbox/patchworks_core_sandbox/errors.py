"""Refusals, with the bodies Laravel gives them."""

from collections.abc import Mapping

Errors = Mapping[str, list[str]]


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Errors | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        if self.errors is None:
            return {"message": self.message}
        return {"message": self.message, "errors": self.errors}


def unauthenticated() -> Refusal:
    return Refusal(401, "Unauthenticated.")


def forbidden() -> Refusal:
    return Refusal(403, "This action is unauthorized.")


def no_such_row(model: str, identifier: str) -> Refusal:
    return Refusal(404, f"No query results for model [App\\Models\\{model}] {identifier}")


def conflict(message: str) -> Refusal:
    return Refusal(409, message)


def invalid(errors: Errors) -> Refusal:
    """A 422 whose message is the first error and the number of the others, as Laravel words it."""
    messages = [message for field in errors.values() for message in field]
    more = len(messages) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return Refusal(422, messages[0] + suffix, errors=errors)


def invalid_field(field: str, message: str) -> Refusal:
    return invalid({field: [message]})
