"""The answers of the intake with a real broker: every accepted event is on its topic."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake import Limits, Tokens
from streams.intake.checks import MAX_EVENTS
from tests.streams.support.intake_service import (
    JSON,
    LINES,
    NOW,
    TOPIC_OF,
    Running,
    Service,
    Topic,
    dumps,
    lines_of,
    ticket,
    usage,
)

MAKERS = {"/v1/tickets": ticket, "/v1/usage-events": usage}
PATHS = list(MAKERS)
TOKEN = "correct-horse-battery-staple"


@pytest.mark.parametrize("path", PATHS)
def test_accepted_events_are_on_the_topic_byte_for_byte_under_their_account(
    service: Service, topics: dict[str, Topic], path: str
) -> None:
    events = [MAKERS[path](account_id=f"acme-{n % 7}/é", note={"kept": n}) for n in range(40)]
    for content, headers in (
        (dumps(events[0]), JSON),
        (dumps(events[1:20]), JSON),
        (lines_of(events[20:]), LINES),
    ):
        answer = service.post(path, content, headers)
        assert answer.status_code == 200, answer.text
    found = topics[path].new()
    assert sorted(record.value for record in found) == sorted(map(dumps, events))
    assert all(record.key.decode() == json.loads(record.value)["account_id"] for record in found)
    partition_of = {(record.key, record.partition) for record in found}
    assert len(partition_of) == 7
    assert service.counted(TOPIC_OF[path], "accepted") == 40


def test_an_accounts_events_keep_their_order(service: Service, topics: dict[str, Topic]) -> None:
    events = [usage(event_id=f"e{n}") for n in range(500)]
    assert service.post("/v1/usage-events", lines_of(events), LINES).json() == {"accepted": 500}
    assert [json.loads(record.value)["event_id"] for record in topics["/v1/usage-events"].new()] == [
        f"e{n}" for n in range(500)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_with_one_wrong_event_none_is_sent_and_each_wrong_event_is_named(
    service: Service, topics: dict[str, Topic], path: str
) -> None:
    make = MAKERS[path]
    future = (NOW + timedelta(minutes=6)).isoformat()
    events = [
        make(),
        make(occurred_at=future),
        make(),
        {**make(), "schema_version": 2},
        7,
        make(account_id=""),
    ]
    answer = service.post(path, dumps(events))
    assert answer.status_code == 422
    body = answer.json()
    assert [(event["index"], event["reason"]) for event in body["wrong"]] == [
        (1, "from_the_future"),
        (3, "unknown_version"),
        (4, "invalid_record"),
        (5, "invalid_record"),
    ]
    lines = service.post(path, lines_of([make()]) + b"\n\n{\n" + dumps(make()), LINES)
    assert [(event["line"], event["reason"]) for event in lines.json()["wrong"]] == [(3, "broken_json")]
    assert topics[path].new() == []
    assert service.counted(TOPIC_OF[path], "refused") == 9


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"channel": "Email"}, "channel: not one of 'email', 'web', 'chat' or 'forum'"),
        ({"kind": "note"}, "kind: not one of 'customer_message', 'human_reply', 'merged' or 'closed'"),
        ({"occurred_at": "2026-01-01T10:00:00"}, "occurred_at: Input should have timezone info"),
        ({"occurred_at": 1767261600}, "occurred_at: a time is a text in ISO 8601 with a zone"),
        ({"account_id": " acme "}, "account_id: blanks at its beginning or end"),
        ({"body": None}, "body: missing"),
    ],
)
def test_the_answer_names_the_allowed_values(service: Service, changes: dict[str, Any], detail: str) -> None:
    answer = service.post("/v1/tickets", dumps(ticket(**changes)))
    assert (answer.status_code, answer.json()["wrong"][0]["detail"]) == (422, detail)


def test_a_closed_event_without_a_body_and_usage_of_any_printable_kind_are_accepted(
    service: Service, topics: dict[str, Topic]
) -> None:
    closed = ticket(kind="closed")
    del closed["body"]
    named = [usage(kind=kind) for kind in ("$pageview", "Order Completed", "export:pdf")]
    assert service.post("/v1/tickets", dumps(closed)).status_code == 200
    assert service.post("/v1/usage-events", lines_of(named), LINES).json() == {"accepted": 3}
    assert [json.loads(record.value) for record in topics["/v1/tickets"].new()] == [closed]


def test_the_same_event_twice_in_a_request_is_accepted_but_not_with_another_content(
    service: Service, topics: dict[str, Topic]
) -> None:
    event = ticket()
    assert service.post("/v1/tickets", dumps([event, event])).json() == {"accepted": 2}
    answer = service.post("/v1/tickets", dumps([event, {**event, "body": "something else"}]))
    assert [(bad["index"], bad["reason"]) for bad in answer.json()["wrong"]] == [(1, "id_conflict")]
    assert len(topics["/v1/tickets"].new()) == 2


def test_a_long_list_of_faults_is_counted_in_full_and_listed_in_part(service: Service) -> None:
    body = service.post("/v1/tickets", dumps([{}] * 5_000)).json()
    assert (body["wrong_count"], len(body["wrong"])) == (5_000, 100)


BODIES: list[tuple[bytes, str, int, str]] = [
    (b"", "json", 400, "empty_body"),
    (b" \n", "json", 400, "empty_body"),
    (b"\n\n", "lines", 400, "empty_body"),
    (b"{", "json", 400, "broken_json"),
    (b"[{},]", "json", 400, "broken_json"),
    (b"{} {}", "json", 400, "broken_json"),
    (b"[NaN]", "json", 400, "broken_json"),
    (b"\xef\xbb\xbf{}", "json", 400, "broken_json"),
    ('{"a": 1}'.encode("utf-16"), "json", 400, "broken_json"),
    (b"[" * 100_000, "json", 400, "too_deep"),
    (b'{"a":' * 100_000, "json", 400, "too_deep"),
    (b'{"a":' * 100_000, "lines", 422, "invalid_events"),
    (b"null", "json", 422, "invalid_events"),
    (b'{"event_id": "\xff"}', "json", 422, "invalid_events"),
    (b'{"event_id": ' + b"9" * 5_000 + b"}", "lines", 422, "invalid_events"),
    (b"[" + b"{}," * MAX_EVENTS + b"{}]", "json", 413, "too_many_events"),
    (b"{}\n" * (MAX_EVENTS + 1), "lines", 413, "too_many_events"),
    (b" " * 1_000_001, "json", 413, "too_large"),
    (b"x" * 5_000_000, "lines", 413, "too_large"),
]


@pytest.mark.parametrize(("body", "form", "status", "error"), BODIES, ids=lambda value: str(value)[:12])
def test_a_body_that_cannot_be_accepted_is_refused_by_code(
    service: Service, body: bytes, form: str, status: int, error: str
) -> None:
    answer = service.post("/v1/usage-events", body, LINES if form == "lines" else JSON)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_numbers_that_json_does_not_know_and_ids_that_cannot_be_stored_are_refused(service: Service) -> None:
    good = dumps(usage(quantity=12345))
    for bad in (b"NaN", b"Infinity", b"1e400", b"-1", b"9" * 5_000):
        answer = service.post("/v1/usage-events", good.replace(b"12345", bad), LINES)
        assert answer.status_code == 422, bad
    for changes in (
        {"account_id": "a\x00b"},
        {"occurred_at": "1999-12-31T23:59:59Z"},
        {"kind": "no\nbreaks"},
    ):
        assert service.post("/v1/usage-events", dumps(usage(**changes))).status_code == 422


def test_a_record_too_large_for_the_consumers_is_refused(link: Running) -> None:
    roomy = link.service(limits=Limits(4_000_000, 32_000_000))
    answer = roomy.post("/v1/tickets", dumps([ticket(), ticket(note="x" * 1_000_000)]))
    assert answer.json()["wrong"] == [
        {"index": 1, "reason": "too_large", "detail": answer.json()["wrong"][0]["detail"]}
    ]


def test_a_record_too_large_for_the_broker_is_named_and_is_no_outage(
    link: Running, topics: dict[str, Topic]
) -> None:
    roomy = link.service(limits=Limits(4_000_000, 32_000_000), max_record_bytes=3_000_000)
    answer = roomy.post("/v1/tickets", dumps([ticket(), ticket(note="x" * 2_000_000), ticket()]))
    assert (answer.status_code, answer.json()["error"]) == (413, "record_too_large")
    assert answer.json()["unacknowledged"] == [1]
    assert link.link.checks().health().ready
    assert len(topics["/v1/tickets"].new()) == 2


@pytest.mark.parametrize("declared", ["5", "9" * 5_000, "-1", "many"])
def test_a_body_larger_than_declared_is_refused_before_it_is_complete(
    service: Service, declared: str
) -> None:
    given_out = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given_out
        for _ in range(1_000):
            given_out += 100_000
            yield b" " * 100_000

    answer = service.post("/v1/tickets", endless(), {**JSON, "content-length": declared})
    assert answer.status_code == 413
    assert given_out < 20_000_000


HEADERS: list[tuple[dict[str, str], int]] = [
    ({"content-type": "text/plain"}, 415),
    ({"content-type": "application/json; charset=latin-1"}, 415),
    ({"content-type": "application/jsonp"}, 415),
    ({"content-type": ""}, 415),
    ({**JSON, "content-encoding": "gzip"}, 415),
    ({**JSON, "content-encoding": "identity, br"}, 415),
    ({**JSON, "host": "attacker.example"}, 421),
    ({**JSON, "host": ""}, 421),
    ({"content-type": "Application/JSON ; Charset=UTF-8", "content-encoding": "Identity"}, 200),
]


@pytest.mark.parametrize(("headers", "status"), HEADERS, ids=str)
def test_headers_decide_before_the_body_is_read(
    service: Service, headers: dict[str, str], status: int
) -> None:
    assert service.post("/v1/tickets", dumps(ticket()), headers).status_code == status


def test_only_a_token_opens_the_intake(link: Running) -> None:
    service = link.service(tokens=Tokens([TOKEN, "its-successor-of-tomorrow"]))
    service.base_url = "http://intake.example"
    body = dumps(ticket())
    wrong = ["", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
    for header in wrong:
        answer = service.post("/v1/tickets", body, {**JSON, "authorization": header})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    for token in (f"Bearer {TOKEN}", "bearer its-successor-of-tomorrow"):
        assert (
            service.post("/v1/tickets", dumps(ticket()), {**JSON, "authorization": token}).status_code == 200
        )


def test_other_addresses_and_methods_are_refused_in_json_without_cors(service: Service) -> None:
    assert service.post("/v1/other", b"{}").json()["error"] == "not_found"

    async def ask(method: str) -> httpx.Response:
        async with service.client() as client:
            return await client.request(method, "/v1/tickets", headers={"origin": "http://a.example"})

    for method in ("GET", "OPTIONS", "PUT"):
        answer = service.run(ask(method))
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_many_requests_at_once_are_each_answered_for_their_own_events(
    service: Service, topics: dict[str, Topic]
) -> None:
    requests = []
    for n in range(60):
        events = [usage(event_id=f"{n}-{i}", account_id=f"a{n}") for i in range(n)]
        requests.append(("/v1/usage-events", dumps(events + ([{}] if n % 3 == 0 else [])), JSON))
    answers = service.post_all(requests)
    good = [n for n in range(60) if n % 3]
    assert [n for n, answer in enumerate(answers) if answer.status_code == 200] == good
    assert [answers[n].json()["accepted"] for n in good] == good
    sent = {json.loads(record.value)["event_id"] for record in topics["/v1/usage-events"].new()}
    assert sent == {f"{n}-{i}" for n in good for i in range(n)}


def test_with_too_much_in_flight_the_others_are_refused_until_there_is_room(link: Running) -> None:
    service = link.service(limits=Limits(1_000_000, 1_000_000))
    body = dumps([usage(note="x" * 1_000) for _ in range(300)])
    answers = service.post_all([("/v1/usage-events", body, JSON)] * 6)
    assert {answer.status_code for answer in answers} == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert (refused.json()["error"], refused.headers["retry-after"]) == ("busy", "1")
    assert service.post("/v1/usage-events", body).status_code == 200
    assert service.metrics.registry.get_sample_value("rapport_intake_in_flight_bytes") == 0


def test_requests_are_measured_by_address_and_status(service: Service) -> None:
    service.post("/v1/tickets", dumps(ticket()))
    service.post("/v1/tickets", b"{")
    service.post("/nowhere/else", b"{")
    value = service.metrics.registry.get_sample_value
    for route, status in (("/v1/tickets", "200"), ("/v1/tickets", "400"), ("unmatched", "404")):
        assert value("rapport_intake_request_seconds_count", {"route": route, "status": status}) == 1


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
FIELDS = st.sampled_from([*ticket(), *usage(), "schema_version", "subject", "channel", "failed"])


@st.composite
def nearly_right(draw: st.DrawFn) -> Any:
    base = draw(st.sampled_from([ticket, usage]))()
    return {**base, **draw(st.dictionaries(FIELDS, JSON_VALUES, max_size=3))}


BYTES = st.one_of(
    st.binary(max_size=200),
    st.one_of(JSON_VALUES, nearly_right(), st.lists(nearly_right(), max_size=5)).map(dumps),
)


@pytest.fixture(scope="module")
def steady(link: Running) -> Service:
    return link.service()


@settings(max_examples=150, deadline=None)
@given(BYTES, st.sampled_from(PATHS), st.sampled_from([JSON, LINES]))
def test_any_bytes_are_accepted_or_refused_with_their_reason(
    steady: Service, body: bytes, path: str, headers: dict[str, str]
) -> None:
    assert steady.post(path, body, headers).status_code in {200, 400, 413, 415, 422}
