from hypothesis import given
from hypothesis import strategies as st

from responders.generation.cutting import MAX_ANSWER_CHARS, MAX_ANSWER_UNITS, best_units
from responders.generation.passages import units_of

BODY = """The garden has a pond and a shed, and both are open for guests from spring to autumn every year.

Bicycles can be rented at the desk for €9 a day. If you bring one back late, another day is charged.

1. Open **Stay > Breakfast**.
2. Tick the days.

Pets sleep in the annex, and their food must be brought along by the guest who owns the animal."""


def told(query: str, body: str = BODY) -> str:
    return " ".join(unit.text for unit in best_units(units_of(body), query))


def test_paragraphs_that_answer_nothing_that_was_asked_are_left_out() -> None:
    said = told("What does it cost to rent bicycles?")
    assert "€9" in said
    assert "pond" not in said
    assert "annex" not in said


def test_a_condition_stays_with_its_sentence() -> None:
    assert "another day is charged" in told("What does it cost to rent bicycles?")
    body = BODY.replace(" If you bring", "\n\nIf you bring")
    assert "another day is charged" in told("What does it cost to rent bicycles?", body)


def test_steps_are_never_a_torso() -> None:
    said = told("How do I tick breakfast for some days?")
    assert "Open Stay > Breakfast." in said
    assert "Tick the days." in said


def test_without_a_strong_sign_the_passage_stays_whole() -> None:
    assert "pond" in told("Is it nice?")
    assert "annex" in told("Is it nice?")


@given(st.text(max_size=2_000), st.text(max_size=60))
def test_an_answer_is_a_part_of_the_passage_in_its_order(body: str, query: str) -> None:
    units = units_of(body)
    best = best_units(units, query)
    places = iter(units)
    assert all(unit in places for unit in best)
    assert len(best) <= max(1, MAX_ANSWER_UNITS)
    assert len(best) < 2 or sum(len(unit.text) for unit in best) <= MAX_ANSWER_CHARS
