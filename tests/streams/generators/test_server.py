"""A language model behind a real HTTP server: its answers, its failures, and what a failing one costs."""

import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from responders.drafting.model_writer import ModelGenerator, WriterLimits
from responders.generation import Composer
from responders.generation.models.chat import ChatPrompt, ModelFailureError
from streams.generators.breaker import (
    FAILURES_TO_OPEN,
    OPEN_SECONDS,
    CircuitBreaker,
    DailyTokens,
    RetryBudget,
)
from streams.generators.guarding import GuardedModel, Guards
from streams.generators.observing import GeneratorMetrics, Prices
from streams.generators.server import ServerModel, ServerOptions
from streams.process.metrics import Metrics
from tests.responders.support.scripted_model import TWO_ASKS, answers
from tests.streams.support.language_server import LanguageServer, Response, completion, language_server

PROMPT = ChatPrompt("Answer.", '{"asks": []}', '{"type": "object"}', max_tokens=50, seed=77, account_id="a")
GOOD = answers([("We keep exports for 30 days.", ["S1"])], [("Your plan Team has 25 seats.", ["S2"])])
SECRET = "sk-canary-1234567890"


class Hand:
    """A clock that moves only when somebody sleeps or a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def server() -> Iterator[LanguageServer]:
    with language_server() as found:
        yield found


@pytest.fixture
def client(server: LanguageServer) -> Iterator[ServerModel]:
    model = ServerModel(ServerOptions(server.url, "qwen", SECRET))
    yield model
    model.close()


class Guarded:
    """A guarded client with its metrics."""

    def __init__(self, client: ServerModel, *, daily: int | None = None) -> None:
        self.hand, self.metrics = Hand(), Metrics()
        self.today = date(2026, 1, 31)
        self.observer = GeneratorMetrics(self.metrics, "server", Prices(1.0, 10.0))
        self.breaker = CircuitBreaker(self.hand)
        tokens = DailyTokens(daily, lambda: self.today)
        guards = Guards(self.breaker, RetryBudget(), tokens, self.observer, self.hand, self.hand.sleep)
        self.model = GuardedModel(client, guards)

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"generator": "server", **labels})

    def outcome(self, prompt: ChatPrompt = PROMPT) -> str:
        try:
            return self.model.reply(prompt, seconds=30.0).text
        except ModelFailureError as error:
            return error.reason


def failing(status: int, **headers: str) -> Response:
    return Response(
        status, b'{"error": {"message": "no"}}', {k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_the_request_keeps_data_apart_and_asks_for_the_schema(
    server: LanguageServer, client: ServerModel
) -> None:
    reply = client.reply(PROMPT, seconds=10.0)
    assert (reply.text, reply.prompt_tokens, reply.answer_tokens) == ("hello", 100, 20)
    (asked,) = server.asked
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert [message["content"] for message in asked["messages"]] == [PROMPT.instructions, PROMPT.data]
    assert asked["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (asked["model"], asked["seed"], asked["temperature"], asked["max_tokens"]) == ("qwen", 77, 0.0, 50)
    assert server.keys == [f"Bearer {SECRET}"]
    assert "a" not in asked


@pytest.mark.parametrize(
    ("given", "expected"), [("json_object", {"response_format": {"type": "json_object"}}), ("text", {})]
)
def test_an_older_server_is_asked_in_its_own_way(
    server: LanguageServer, given: Any, expected: object
) -> None:
    model = ServerModel(ServerOptions(server.url, "qwen", None, given))
    model.reply(PROMPT, seconds=10.0)
    model.close()
    assert {key: value for key, value in server.asked[0].items() if key == "response_format"} == expected


@pytest.mark.parametrize(
    "response",
    [Response(body=GOOD.encode(), wait=30.0), Response(body=completion(GOOD).body, between=0.2)],
    ids=["slow", "byte by byte"],
)
def test_a_server_that_takes_too_long_is_left_at_the_deadline(
    server: LanguageServer, client: ServerModel, response: Response
) -> None:
    server.behaviour = lambda _: response
    guarded = Guarded(client)
    writer = ModelGenerator(
        guarded.model, Composer(), WriterLimits(1.0, 50), observer=guarded.observer, clock=time.monotonic
    )
    started = time.monotonic()
    composed = writer.compose(TWO_ASKS)
    assert time.monotonic() - started < 15.0
    assert composed.parts == Composer().compose(TWO_ASKS).parts
    assert (composed.model or "").endswith(": timeout)")
    assert guarded.value("rapport_generator_answers_total", outcome="timeout") == 2
    assert guarded.value("rapport_generator_requests_total", outcome="timeout") == 1


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (failing(401), "refused"),
        (failing(400), "refused"),
        (failing(500), "server_error"),
        (failing(503), "server_error"),
        (failing(504), "timeout"),
        (failing(429), "rate_limited"),
        (Response(body=b"<html>"), "malformed"),
        (Response(body=b'{"choices": []}'), "malformed"),
        (Response(body=b'{"choices": [{"message": {"content": null}}]}'), "malformed"),
        (Response(body=b"[" * 5_000), "malformed"),
        (Response(body=b'{"choices": [{"message": {"content": "' + b"x" * 1_000_001 + b'"}}]}'), "malformed"),
    ],
)
def test_each_failure_has_its_reason(
    server: LanguageServer, client: ServerModel, response: Response, reason: str
) -> None:
    server.behaviour = lambda _: response
    with pytest.raises(ModelFailureError) as caught:
        client.reply(PROMPT, seconds=20.0)
    assert caught.value.reason == reason
    assert SECRET not in str(caught.value)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with language_server() as gone:
        url = gone.url
    model = ServerModel(ServerOptions(url, "qwen"))
    with pytest.raises(ModelFailureError, match="unreachable"):
        model.reply(PROMPT, seconds=20.0)
    model.close()


def test_a_brief_overload_is_waited_out_as_long_as_the_server_asks(
    server: LanguageServer, client: ServerModel
) -> None:
    responses = iter([failing(429, Retry_After="3"), failing(500), completion("at last")])
    server.behaviour = lambda _: next(responses)
    guarded = Guarded(client)
    assert guarded.outcome() == "at last"
    assert guarded.hand.now >= 3.0
    assert guarded.value("rapport_generator_requests_total", outcome="rate_limited") == 1
    assert guarded.value("rapport_generator_requests_total", outcome="answered") == 1


def test_a_wait_beyond_the_deadline_is_not_waited(server: LanguageServer, client: ServerModel) -> None:
    server.behaviour = lambda _: failing(429, Retry_After="600")
    guarded = Guarded(client)
    assert guarded.outcome() == "rate_limited"
    assert (guarded.hand.now, len(server.asked)) == (0.0, 1)


def test_a_server_that_fails_for_a_while_opens_the_breaker_and_one_success_closes_it(
    server: LanguageServer, client: ServerModel
) -> None:
    server.behaviour = lambda _: failing(500)
    guarded = Guarded(client)
    outcomes = [guarded.outcome() for _ in range(20)]
    assert outcomes[-1] == "breaker_open"
    assert guarded.value("rapport_generator_paused") == 1
    asked = len(server.asked)
    assert asked == FAILURES_TO_OPEN
    guarded.hand.sleep(OPEN_SECONDS + 1)
    assert guarded.outcome() in {"server_error", "breaker_open"}
    assert len(server.asked) == asked + 1
    server.behaviour = lambda _: completion("well again")
    assert guarded.outcome() == "breaker_open"
    guarded.hand.sleep(OPEN_SECONDS + 1)
    assert [guarded.outcome(), guarded.outcome()] == ["well again"] * 2
    assert guarded.value("rapport_generator_paused") == 0


def test_retries_are_a_tenth_of_the_requests_so_an_overload_is_not_made_worse(
    server: LanguageServer, client: ServerModel
) -> None:
    turns = iter(range(10_000))
    server.behaviour = lambda _: failing(500) if next(turns) % 2 else completion("yes")
    guarded = Guarded(client)
    outcomes = [guarded.outcome() for _ in range(120)]
    retries = len(server.asked) - len(outcomes)
    assert retries <= 10 + 0.1 * len(server.asked)
    assert "server_error" in outcomes


def test_the_budget_of_an_account_ends_with_the_day_and_costs_are_counted(
    server: LanguageServer, client: ServerModel
) -> None:
    guarded = Guarded(client, daily=170)
    other = ChatPrompt("Answer.", "{}", "{}", max_tokens=50, account_id="b")
    assert [guarded.outcome() for _ in range(3)] == ["hello", "budget", "budget"]
    assert guarded.outcome(other) == "hello"
    guarded.today = date(2026, 2, 1)
    assert guarded.outcome() == "hello"
    assert len(server.asked) == 3
    assert guarded.value("rapport_generator_requests_total", outcome="budget") == 2
    assert guarded.value("rapport_generator_tokens_total", kind="prompt") == 300
    assert guarded.value("rapport_generator_tokens_total", kind="answer") == 60
    assert guarded.value("rapport_generator_cost_total") == pytest.approx((300 * 1.0 + 60 * 10.0) / 1e6)


def test_a_failed_request_gives_its_reserved_tokens_back(server: LanguageServer, client: ServerModel) -> None:
    guarded = Guarded(client, daily=60)
    server.behaviour = lambda _: failing(400)
    assert guarded.outcome() == "refused"
    server.behaviour = lambda _: completion("yes", 1, 1)
    assert guarded.outcome() == "yes"


def test_the_answer_of_a_server_becomes_the_draft_and_no_personal_value_is_sent(
    server: LanguageServer, client: ServerModel
) -> None:
    server.behaviour = lambda _: completion(GOOD)
    guarded = Guarded(client)
    writer = ModelGenerator(
        guarded.model, Composer(), WriterLimits(20.0, 300), observer=guarded.observer, clock=time.monotonic
    )
    composed = writer.compose(TWO_ASKS)
    assert composed.model == "qwen by server, temperature 0, prompt 1, seed 77"
    assert [part.text for part in composed.parts if part.ask == 0] == ["We keep exports for 30 days."]
    assert guarded.value("rapport_generator_sentences_total", result="passed") == 2
    sent = json.dumps(server.asked)
    assert not any(canary in sent for canary in ("help@example.com", "Byron", "Zoe", "account:a", "t-1"))
    assert SECRET not in sent
    assert SECRET not in repr(ServerOptions(server.url, "qwen", SECRET))
