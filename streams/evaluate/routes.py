"""How well messages that a person must answer are found, and how many others are taken for them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import field_validator

from responders.drafting.said import said_in_body
from responders.policy.reasons import team_of
from responders.understanding.understand import ACTION
from schemas.reading.headers import without_reply_marks
from streams.evaluate.examples import LabelledExample
from streams.evaluate.measured import EvaluationReport, Measured, MeasuredFigures, by_group

ANSWERABLE: Final = frozenset({"answer", "partial"})
"""What a labelled ticket expects if an article answers it."""

TERSE_WORDS: Final = 7
"""Words of a terse message at most, subject included. Chosen by hand."""

SHORT_WORDS: Final = 25
"""Words of a short message at most. Chosen by hand."""


class RouteExample(LabelledExample):
    """A message and `route`, the reason why a person must answer it; None or "none" if there is none.

    `expect` is that of a labelled ticket: "route" needs a person for a reason that is not told.
    """

    body: str
    subject: str = ""
    route: str | None = None
    expect: str | None = None

    @field_validator("route")
    @classmethod
    def _none(cls, route: str | None) -> str | None:
        return None if route in {"none", ""} else route

    @property
    def text(self) -> str:
        """Return the newest words, as the drafter reads them."""
        return said_in_body(self.body)

    @property
    def topic(self) -> str:
        """Return the subject without its "Re:" marks."""
        return without_reply_marks(self.subject)

    @property
    def length(self) -> str:
        """Return the class of its length by words, subject included."""
        words = len(f"{self.topic} {self.text}".split())
        if words <= TERSE_WORDS:
            return f"1 to {TERSE_WORDS} words"
        return f"{TERSE_WORDS + 1} to {SHORT_WORDS} words" if words <= SHORT_WORDS else "more words"

    @property
    def for_a_person(self) -> bool:
        """Whether a person must answer."""
        return self.route is not None or self.expect == "route"

    @property
    def is_answerable(self) -> bool:
        """Whether a route would cost an answer."""
        return not self.for_a_person and (self.expect is None or self.expect in ANSWERABLE)


@dataclass(frozen=True, slots=True)
class RouteJudged:
    """A message and the reason that was found for it, or None."""

    example: RouteExample
    found: str | None

    @property
    def same_team(self) -> bool:
        """Whether the found reason brings the message to the team of the labelled one."""
        told = self.example.route
        return self.found is not None and told is not None and team_of(self.found) == team_of(told)

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        return {"id": self.example.id, "route": self.found}


FindRoutes = Callable[[Sequence[RouteExample]], list[str | None]]
"""Returns the reason of each message, or None, in order."""


def judge_routes(examples: Sequence[RouteExample], find: FindRoutes) -> list[RouteJudged]:
    """Find the reasons of messages; a wish for an action is none, because an article may answer it."""
    found = (None if route == ACTION else route for route in find(examples))
    return [RouteJudged(*pair) for pair in zip(examples, found, strict=True)]


def route_figures(judged: Sequence[RouteJudged]) -> MeasuredFigures:
    """Return recall, right teams, precision, and the share of answerable messages that are routed.

    >>> dispute = RouteExample(id=1, body="You billed us twice.", route="billing_dispute")
    >>> person = RouteJudged(dispute, "refund")
    >>> figures = route_figures([person, RouteJudged(RouteExample(id=2, body="Is it free?"), None)])
    >>> figures["recall"].value, figures["same_team"].value, figures["false_routes"].value
    (1.0, 1.0, 0.0)
    """
    person = [one for one in judged if one.example.for_a_person]
    routed = [one for one in judged if one.found is not None]
    return {
        "recall": Measured.share(one.found is not None for one in person),
        "same_team": Measured.share(one.same_team for one in person if one.example.route is not None),
        "precision": Measured.share(one.example.for_a_person for one in routed),
        "false_routes": Measured.share(one.found is not None for one in judged if one.example.is_answerable),
    }


def figures_by_team(judged: Sequence[RouteJudged]) -> dict[str, MeasuredFigures]:
    """Return recall and precision of each team, sorted by name.

    `recall` counts a message that is routed for any reason, `same_team` one that comes to its own team.
    `precision` is the share, of the messages that a team gets, that need a person at all.
    """
    labelled = _grouped((one.example.route, one) for one in judged)
    found = _grouped((one.found, one) for one in judged)
    return {
        team: {
            "recall": Measured.share(one.found is not None for one in labelled.get(team, ())),
            "same_team": Measured.share(one.same_team for one in labelled.get(team, ())),
            "precision": Measured.share(one.example.for_a_person for one in found.get(team, ())),
        }
        for team in sorted(labelled.keys() | found.keys())
    }


def _grouped(pairs: Iterable[tuple[str | None, RouteJudged]]) -> dict[str, list[RouteJudged]]:
    groups: dict[str, list[RouteJudged]] = {}
    for reason, one in pairs:
        if reason is not None:
            groups.setdefault(team_of(reason), []).append(one)
    return groups


def routes_report(judged: Sequence[RouteJudged], baselines: dict[str, list[RouteJudged]]) -> EvaluationReport:
    """Return the figures of the judged messages, by team and by length, beside those of the baselines."""
    return EvaluationReport(
        len(judged),
        route_figures(judged),
        baselines={name: route_figures(rows) for name, rows in baselines.items()},
        groups={
            "team": figures_by_team(judged),
            "length": by_group(judged, lambda one: one.example.length, route_figures),
        },
    )
