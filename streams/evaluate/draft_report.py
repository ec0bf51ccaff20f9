"""The figures of judged tickets: asks fully answered, right and wrong abstentions, routes and sources."""

from collections.abc import Sequence
from typing import Final

from streams.evaluate.drafts import AskJudged, TicketAnswer, TicketExample, TicketJudged, judge_tickets
from streams.evaluate.measured import EvaluationReport, Measured, MeasuredFigures, by_group

ANSWERABLE: Final = frozenset({"answer", "partial"})
_LEFT: Final = frozenset({"abstain", "route"})
_NOTHING: Final = TicketAnswer("abstain", "abstained", "always", "", (), "none")


def draft_figures(judged: Sequence[TicketJudged]) -> dict[str, Measured]:
    """Return the figures of judged tickets.

    `asks_fully_answered` is a share of the asks with a `must`, of tickets that can be answered at least in
    part; `must_not` is a share of the asks with a `must_not`, of tickets with a text. `right_sources` is the
    share of those answers that cite a right source. The other figures are shares of the tickets
    that expect them; a ticket that can be answered and is left to a person or to the agent is a wrong
    abstention.
    """
    answerable = [one for one in judged if one.example.expect in ANSWERABLE]
    sourced = [one for one in answerable if one.answer.outcome == "answer" and _has_sources(one)]
    asks = [ask for one in answerable for ask in one.asks if ask.ask.must]
    told = [ask for one in judged if one.answer.body for ask in one.asks if ask.ask.must_not]
    return {
        "asks_fully_answered": Measured.share(ask.is_answered for ask in asks),
        "must_not": Measured.share(bool(ask.forbidden) for ask in told),
        "right_abstentions": _right(judged, "abstain"),
        "wrong_abstentions": Measured.share(one.answer.outcome in _LEFT for one in answerable),
        "right_routes": _right(judged, "route"),
        "right_courtesies": _right(judged, "courtesy"),
        "right_sources": Measured.share(_is_sourced(one.asks) for one in sourced),
    }


def _right(judged: Sequence[TicketJudged], expected: str) -> Measured:
    return Measured.share(one.answer.outcome == expected for one in judged if one.example.expect == expected)


def _has_sources(one: TicketJudged) -> bool:
    return any(ask.ask.sources for ask in one.asks)


def _is_sourced(asks: Sequence[AskJudged]) -> bool:
    return any(ask.has_right_source for ask in asks)


def draft_report(judged: Sequence[TicketJudged], passages: Sequence[TicketAnswer]) -> EvaluationReport:
    """Return the figures of judged tickets by what was expected, kind, number of asks and generator.

    The baselines are the best passage word for word (`passages`, one per ticket), and to abstain always.
    """
    examples = [one.example for one in judged]
    nothing = judge_tickets(examples, [_NOTHING] * len(examples))
    return EvaluationReport(
        len(judged),
        draft_figures(judged),
        baselines={
            "best_passage": draft_figures(judge_tickets(examples, passages)),
            "always_abstain": draft_figures(nothing),
        },
        groups=_groups(judged),
    )


def _groups(judged: Sequence[TicketJudged]) -> dict[str, dict[str, MeasuredFigures]]:
    return {
        "expect": by_group(judged, lambda one: one.example.expect, draft_figures),
        "kind": by_group(judged, lambda one: one.example.kind, draft_figures),
        "asks": by_group(judged, lambda one: asks_of(one.example), draft_figures),
        "generator": by_group(judged, lambda one: one.answer.generator, draft_figures),
    }


def asks_of(example: TicketExample) -> str:
    """Return the number of asks of a ticket as the name of a group; "" without an ask.

    >>> asks_of(TicketExample(id="t", account_id="a", body="Hi", expect="courtesy"))
    ''
    """
    return str(len(example.asks)) if example.asks else ""
