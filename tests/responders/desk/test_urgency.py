"""The desk says by when to answer, why, and what shows a mood: in words, never as a bare number."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from responders.desk.moods import mood_explanation, mood_said
from responders.desk.pages import _TEMPLATES
from schemas import Sentiment
from tests.responders.support.desk_browser import House, expect, needs_chromium
from tests.responders.support.desk_client import Browser, Tags
from tests.responders.support.desk_samples import NOW, account_row, alert_row, angry, event_row, mood_row, put

WORDS = {"threat_to_leave": "we <b>cancel</b> on Friday", "repeated_contact": "the third time I write"}


def threatened(engine: Engine) -> None:
    said = angry("t", threat=0.9, frustration_reasons=tuple(WORDS), frustration_words=WORDS)
    put(engine, event_row("t", minutes_ago=180), event_row("calm", minutes_ago=200), said)
    put(engine, account_row(renewal_on=NOW + timedelta(days=12)), alert_row())


def words_of_page(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_row_of_the_queue_says_why_with_the_customers_words(engine: Engine, desk: Browser) -> None:
    threatened(engine)
    page = desk.get("/tickets").text
    first = words_of_page(page[page.index('data-key="item-t"') : page.index('data-key="item-calm"')])
    for words in ("urgent", "threatens to leave", "third contact", "the third time I write"):
        assert words in first
    for words in ("critical churn alert", "renewal in 12 days", "waiting 3 h"):
        assert words in first
    assert "<b>cancel" not in page
    assert "&lt;b&gt;cancel" in page
    assert Tags(page).open == []


def test_a_calm_new_question_has_no_line_of_reasons(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), mood_row("t"))
    assert 'class="pressing"' not in desk.get("/tickets").text


def test_an_overdue_calm_question_says_how_long_it_waits(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t", minutes_ago=60 * 25), mood_row("t"))
    assert "waiting 1 d" in words_of_page(desk.get("/tickets").text)
    assert "Overdue since" in words_of_page(desk.get("/tickets/t").text)


def test_the_page_of_a_waiting_ticket_says_by_when_to_answer_and_why(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t", minutes_ago=30), angry("t", frustration_words={"deadline": "by Friday"}))
    page = desk.get("/tickets/t").text
    assert "Answer by 10 Mar 2026, 15:30 UTC" in words_of_page(page)
    assert re.search(r"deadline\s*<q><bdi>by Friday", page)


def test_the_page_of_an_answered_ticket_says_nothing_about_urgency(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), angry("t"), event_row("t", "r", minutes_ago=1, kind="human_reply"))
    assert "data-urgency" not in desk.get("/tickets/t").text


def test_the_page_of_a_ticket_shows_the_words_that_carry_its_mood(engine: Engine, desk: Browser) -> None:
    threatened(engine)
    page = desk.get("/tickets/t").text
    block = words_of_page(page[page.index("data-mood-why") :])
    assert "Clearly negative (90 %)." in block
    assert "third contact: the third time I write" in block
    assert "data-mood-why" not in desk.get("/tickets/calm").text


def test_an_uncertain_mood_is_called_not_sure(engine: Engine, desk: Browser) -> None:
    unsure: dict[str, Any] = {"label": None, "abstained": "uncertain", "probabilities": (0.4, 0.35, 0.25)}
    put(engine, event_row("t"), mood_row("t", **unsure))
    page = words_of_page(desk.get("/tickets/t").text)
    assert "Not sure: at best negative, with 40 %." in page
    assert "not sure" in words_of_page(desk.get("/tickets").text)


def test_sentences_with_weights_are_shown_when_there_are_some() -> None:
    evidence = ({"text": "It <failed> again.", "weight": 0.412}, {"text": "Nobody answers.", "weight": 0.1})
    explained = mood_explanation(Sentiment.model_validate(angry("t", evidence=evidence).record))
    page = words_of_page(_TEMPLATES.get_template("mood_why.html").render(mood_why=explained))
    assert "It &lt;failed&gt; again. 41 % when read alone" in page
    assert "Nobody answers. 10 % when read alone" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"probabilities": (0.9, 0.08, 0.02)}, "Clearly negative (90 %)."),
        ({"probabilities": (0.7, 0.2, 0.1)}, "Probably negative (70 %)."),
        ({"probabilities": (0.45, 0.3, 0.25)}, "Rather negative (45 %)."),
        ({"label": None, "abstained": "uncertain"}, "Not sure: at best negative, with 90 %."),
        (
            {"label": None, "abstained": "empty_text", "probabilities": None, "score": None},
            "No judgement: empty text.",
        ),
    ],
)
def test_a_mood_is_said_in_words(given: dict[str, Any], said: str) -> None:
    assert mood_said(Sentiment.model_validate(angry("t", **given).record)) == said


def test_an_abstention_without_signs_has_no_explanation() -> None:
    silent: dict[str, Any] = {"label": None, "probabilities": None, "score": None, "abstained": "empty_text"}
    assert mood_explanation(Sentiment.model_validate(mood_row("t", **silent).record)) is None
    assert mood_explanation(None) is None
    signs = Sentiment.model_validate(mood_row("t", **silent, frustration_reasons=("waiting",)).record)
    explained = mood_explanation(signs)
    assert explained is not None
    assert [reason.text for reason in explained.frustration] == ["tired of waiting"]


@needs_chromium
def test_the_reasons_fit_on_a_wide_and_a_narrow_screen_and_unfold(house: House) -> None:
    threatened(house.engine)
    page = house.open("/tickets")
    expect(page.locator(".pressing").first).to_contain_text("threatens to leave")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        row, why = page.locator(".row").first.bounding_box(), page.locator(".pressing").first.bounding_box()
        assert row is not None
        assert why is not None
        assert why["height"] < 70
        assert why["x"] + why["width"] <= row["x"] + row["width"]
    page = house.open("/tickets/t")
    expect(page.locator("[data-urgency]")).to_contain_text("Overdue since")
    expect(page.locator(".mood-why li").first).to_be_hidden()
    page.locator(".mood-why summary").click()
    expect(page.locator(".mood-why li").first).to_contain_text("threatens to leave")
