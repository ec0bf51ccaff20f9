"""The trend of the mood on the pages of an account and of a ticket."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from responders.desk.app import create_desk, with_trend
from schemas.tickets import Sentiment
from schemas.trend import Horizon, Trend
from tests.responders.support.desk_client import Browser
from tests.responders.support.desk_samples import NOW, event_row, mood_row, put


def sliding(moods: Sequence[Sentiment]) -> Trend | None:
    """Tell a slide of the newest sentiment, which shows the sentiments that the page passed."""
    if not moods:
        return None
    newest = max(moods, key=lambda mood: mood.occurred_at)
    return Trend(
        standing="sliding",
        certainty=0.91,
        texts=len(moods),
        recent=Horizon(mean=-0.62, texts=1, weight=1.0, error=0.2),
        past=Horizon(mean=0.25, texts=3, weight=3.0, error=0.2),
        since=newest.occurred_at,
        event_ids=(newest.event_id,),
    )


@pytest.fixture
def rows(engine: Engine) -> Engine:
    for number in range(3):
        put(engine, event_row("t", f"t-{number}", minutes_ago=90 - number))
        put(engine, mood_row("t", f"t-{number}", minutes_ago=90 - number))
    put(engine, event_row("other"), mood_row("other", minutes_ago=200))
    return engine


@pytest.mark.parametrize(("path", "texts"), [("/accounts/acme", 4), ("/tickets/t", 3)])
def test_a_page_tells_the_trend_with_its_direction_and_the_number_of_its_texts(
    rows: Engine, path: str, texts: int
) -> None:
    page = Browser(with_trend(create_desk(rows, now=lambda: NOW), sliding)).get(path).text
    assert "Mood is sliding" in page
    assert "-0.62 in the last 1 message, +0.25 in 3 before" in page
    assert f"91 % certain from {texts} texts" in page


def test_one_scored_message_makes_no_trend(rows: Engine) -> None:
    desk = Browser(with_trend(create_desk(rows, now=lambda: NOW), sliding))
    assert "Mood is" not in desk.get("/tickets/other").text


def test_a_desk_without_a_trend_shows_the_pages_as_before(rows: Engine) -> None:
    desk = Browser(create_desk(rows, now=lambda: NOW))
    assert "Mood is" not in desk.get("/accounts/acme").text
