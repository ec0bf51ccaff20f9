"""The answers of the intake: one JSON object each, with a code for programs and a sentence for people."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from responders.web.proxies import UNTRUSTED

BUSY_RETRY_SECONDS: Final = 1
AWAY_RETRY_SECONDS: Final = 5
"""Retry-After of the answers, in seconds: when there is too much in flight, and when the broker is away."""

_SAID: Final[Mapping[str, tuple[int, str]]] = {
    "broken_json": (400, "The body is not JSON in UTF-8; nothing was sent."),
    "too_deep": (400, "The body is nested too deeply; nothing was sent."),
    "empty_body": (400, "The body contains no event."),
    "incomplete_body": (400, "The request ended before its body did; nothing was sent."),
    "forwarded_headers": (400, "The forwarded headers are too long or contradict each other."),
    "unauthorized": (401, "A bearer token is needed."),
    "untrusted_proxy": (403, UNTRUSTED),
    "not_local": (
        403,
        "Without RAPPORT_INTAKE_TOKENS the intake answers only this machine.",
    ),
    "other_user": (
        403,
        "Without RAPPORT_INTAKE_TOKENS the intake answers only the user who runs it.",
    ),
    "not_found": (404, "There is no such address."),
    "method_not_allowed": (405, "Events are sent by POST."),
    "slow_body": (408, "The body took too long to arrive; nothing was sent."),
    "too_large": (413, "The body is larger than this service accepts; nothing was sent."),
    "too_many_events": (413, "The request contains more events than this service accepts; nothing was sent."),
    "record_too_large": (413, "The broker does not accept records this large; see unacknowledged."),
    "content_type": (415, "Send application/json or application/x-ndjson in UTF-8; nothing was sent."),
    "content_encoding": (415, "Compressed bodies are not accepted; nothing was sent."),
    "wrong_host": (421, "The intake does not answer under this host name."),
    "invalid_events": (422, "Some events are wrong; nothing was sent. Correct them and send all again."),
    "internal": (500, "Something went wrong; treat every event as not sent and send all again."),
    "busy": (503, "Too many requests are in flight; nothing was sent. Send it again."),
    "broker_away": (503, "The broker does not answer; nothing was sent. Send it again."),
    "not_acknowledged": (503, "The broker did not acknowledge every event in time. Send all again."),
}
_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "unauthorized": {"WWW-Authenticate": "Bearer"},
    "method_not_allowed": {"Allow": "POST"},
    "content_type": {"Accept-Post": "application/json, application/x-ndjson"},
    "content_encoding": {"Accept-Encoding": "identity"},
    "busy": {"Retry-After": str(BUSY_RETRY_SECONDS)},
    "broker_away": {"Retry-After": str(AWAY_RETRY_SECONDS)},
    "not_acknowledged": {"Retry-After": str(AWAY_RETRY_SECONDS)},
}


class Refusal(Exception):
    """A refused request: `error` is a code of this module, `more` goes into the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


def refused(refusal: Refusal) -> Response:
    """Return the answer to a refused request.

    >>> answer = refused(Refusal("busy"))
    >>> answer.status_code, answer.headers["retry-after"]
    (503, '1')
    """
    status, message = _SAID[refusal.error]
    content = {"error": refusal.error, "message": message, **refusal.more}
    return JSONResponse(content, status, headers=dict(_HEADERS.get(refusal.error, {})))


def accepted(count: int) -> Response:
    """Return the answer to a request whose `count` events the broker has all acknowledged."""
    return JSONResponse({"accepted": count})
