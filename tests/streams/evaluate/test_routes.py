"""Found routes against labelled messages."""

from collections.abc import Sequence

from responders.understanding.understand import ACTION
from streams.evaluate.routes import RouteExample, judge_routes, routes_report

DISPUTE = RouteExample(id=1, body="Hi,\n\nthe May bill has a van twice.\n\nThanks!", route="billing_dispute")
PRESS = RouteExample(id=2, body="I write for the Kurir.", route="press")
PLAIN = RouteExample(id=3, body="Is it free?", route="none")
TICKET = RouteExample(id=4, body="Erase me.", expect="route")
UNKNOWN = RouteExample(id=5, body="Do you sell boats?", expect="abstain")
ALL = (DISPUTE, PRESS, PLAIN, TICKET, UNKNOWN)


def always(*reasons: str | None) -> "list[str | None]":
    return list(reasons)


def test_a_route_to_the_right_team_counts_whatever_its_reason() -> None:
    judged = judge_routes(ALL, lambda _: always("refund", "leaving", None, "personal_data", None))
    report = routes_report(judged, {})
    assert {name: figure.value for name, figure in report.figures.items()} == {
        "recall": 1.0,
        "same_team": 0.5,
        "precision": 1.0,
        "false_routes": 0.0,
    }
    assert report.groups["team"]["press"]["same_team"].value == 0.0
    assert report.groups["team"]["billing"]["same_team"].value == 1.0


def test_only_an_answerable_message_loses_its_answer_by_a_route() -> None:
    judged = judge_routes(ALL, lambda _: always(None, None, "press", None, "press"))
    figures = routes_report(judged, {}).figures
    assert (figures["false_routes"].value, figures["false_routes"].examples) == (1.0, 1)
    assert (figures["precision"].value, figures["precision"].examples) == (0.0, 2)


def test_a_wish_for_an_action_is_no_route_because_an_article_may_answer_it() -> None:
    judged = judge_routes([DISPUTE], lambda _: always(ACTION))
    assert routes_report(judged, {}).figures["recall"].value == 0.0


def test_the_newest_words_and_the_bare_subject_are_read() -> None:
    seen: list[tuple[str, str]] = []

    def find(examples: Sequence[RouteExample]) -> list[str | None]:
        seen.extend((one.topic, one.text) for one in examples)
        return [None] * len(examples)

    judge_routes([DISPUTE.model_copy(update={"subject": "Re: Bill"})], find)
    assert seen == [("Bill", "the May bill has a van twice.")]


def test_messages_are_counted_by_their_length_subject_included() -> None:
    terse, short = {"body": "Refund me now", "route": "refund"}, {"body": "word " * 25}
    told = [
        RouteExample(id=1, subject="Re: one two three four", **terse),
        RouteExample(id=2, subject="one two three four five", **terse),
        RouteExample(id=3, **short),
        RouteExample(id=4, subject="long", **short),
    ]
    judged = judge_routes(told, lambda _: always(None, "refund", None, None))
    groups = routes_report(judged, {}).groups["length"]
    assert {name: found["recall"].examples for name, found in groups.items()} == {
        "1 to 7 words": 1,
        "8 to 25 words": 1,
        "more words": 0,
    }
    assert groups["1 to 7 words"]["recall"].value == 0.0
