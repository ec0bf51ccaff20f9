"""The page that says what people did with drafts, what that changed, and whether drafts help."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from responders.desk.pages import desk_of
from responders.desk.uplift import Difference, Uplift, uplift_of
from responders.drafting.lessons import moved
from responders.store.desk.holdout import handled_tickets
from responders.store.lessons import desk_lessons, lessons_of
from responders.urgency import span
from schemas.lessons import Lessons

EVEN: Final = 0.5
"""The probability whose change tells what an offset does."""


def learning_page(request: Request) -> Response:
    """Serve `GET /learning`; with `fragment` only the part that changes."""
    desk = desk_of(request)
    now = desk.now()
    with desk.session() as session:
        row = desk_lessons(session)
        tickets = handled_tickets(session, now=now)
    lessons, figures = lessons_of(row), row.figures if row is not None else {}
    uplift = uplift_of(tickets)
    values: dict[str, Any] = {"figures": figures if figures.get("decisions") else None, "uplift": uplift}
    values |= {"updated_at": row.updated_at if row is not None else None}
    values |= {"confidence": confidence_said(lessons, figures), "ranking": ranking_said(lessons)}
    values |= {"helps": uplift_said(uplift) if uplift else ()}
    name = "learning_body.html" if "fragment" in request.query_params else "learning.html"
    return desk.page(request, name, **values)


def confidence_said(lessons: Lessons, figures: dict[str, Any]) -> str:
    """Return what decisions do to the probability that a draft answers, in a sentence.

    >>> confidence_said(Lessons(offset=0.5), {})
    'People keep more of the drafts than the search expects: a draft at 50 % now counts as 62 %.'
    """
    if not lessons.offset:
        pointed = figures.get("offset", 0.0)
        so_far = f" So far decisions point from 50 % to {_at(pointed)}." if pointed else ""
        return f"Nothing is changed: the search's own probabilities have not been beaten yet.{so_far}"
    more = "more" if lessons.offset > 0 else "less"
    told = f"a draft at 50 % now counts as {_at(lessons.offset)}"
    return f"People keep {more} of the drafts than the search expects: {told}."


def ranking_said(lessons: Lessons) -> str:
    """Return what decisions do to the order of sources, in a sentence.

    >>> ranking_said(Lessons())
    'Nothing is changed: it is not shown that people treat drafts of some sources differently.'
    """
    if not lessons.bonuses:
        return "Nothing is changed: it is not shown that people treat drafts of some sources differently."
    up = sum(bonus > 0 for bonus in lessons.bonuses.values())
    down = len(lessons.bonuses) - up
    return f"Sources whose drafts people keep come a little earlier ({up}), others a little later ({down})."


def uplift_said(uplift: Uplift) -> tuple[str, ...]:
    """Return what drafts change, in sentences; each tells its interval."""
    if uplift.waited is None or uplift.answered is None:
        return ("There are too few tickets to compare yet.",)
    return (_waited_said(uplift.waited), _answered_said(uplift.answered))


def _waited_said(waited: Difference) -> str:
    sooner = "sooner" if waited.value <= 0 else "later"
    ends = sorted((-waited.low, -waited.high)) if waited.value <= 0 else [waited.low, waited.high]
    between = " and ".join(_time(seconds) for seconds in ends)
    told = f"With a draft customers are answered {_time(abs(waited.value))} {sooner} on average"
    return f"{told} (95 %: between {between}){_unclear(waited)}."


def _answered_said(answered: Difference) -> str:
    points = round(abs(answered.value) * 100)
    more = "more" if answered.value >= 0 else "less"
    low, high = (f"{end * 100:+.0f}" for end in (answered.low, answered.high))
    told = f"Within a day {points} points {more} of the tickets with a draft are answered"
    if not points:
        told = "Within a day as many tickets are answered with a draft as without"
    return f"{told} (95 %: {low} to {high} points){_unclear(answered)}."


def _unclear(found: Difference) -> str:
    return "" if found.is_clear else "; that may be chance"


def _time(seconds: float) -> str:
    return f"-{span(-seconds)}" if seconds < 0 else span(seconds)


def _at(offset: float) -> str:
    return f"{moved(EVEN, offset) * 100:.0f} %"
