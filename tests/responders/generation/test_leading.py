"""What answers an ask is told first."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from responders.generation.brief import AskBrief, Brief, Material, PartLayout, Unit
from responders.generation.composer import Composer
from responders.generation.leading import RatedUnit, answer_first, rated


def material(body: str, nearness: tuple[float, ...] = ()) -> Material:
    return Material(
        source_id="article:a#0",
        source_kind="article",
        title="Runs",
        body=body,
        public=True,
        nearness=nearness,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def unit(text: str, score: float, block: int, layout: PartLayout = "sentence") -> RatedUnit:
    return RatedUnit(unit=Unit(text=text, layout=layout, block=block), score=score, needed=layout == "item")


def texts(units: tuple[Unit, ...]) -> list[str]:
    return [one.text for one in units]


def test_the_row_that_answers_is_told_before_an_introduction() -> None:
    body = (
        "The code is at the top of the page. Logs are kept for 30 days.\n\n"
        "- **E1**: Meaning: Memory ran out; What to do: take a larger machine.\n"
        "- **E2**: Meaning: The disk is full; What to do: delete files."
    )
    ask = AskBrief(text="What does E1 mean?", form="what", passages=(material(body, (0.1, 0.05, 0.7, 0.3)),))
    told = [part.text for part in Composer().compose(Brief(asks=(ask,), public=True)).parts]
    assert "Memory ran out" in next(text for text in told if "code is at" in text or "Memory" in text)


def test_steps_stay_together_and_in_order() -> None:
    units = [
        unit("It is quick.", 0.1, 0),
        unit("Open Settings.", 0.3, 1, "item"),
        unit("Press Save. It takes 5 minutes.", 0.8, 1, "item"),
        unit("Then wait.", 0.2, 1, "item"),
    ]
    expected = ["Open Settings.", "Press Save. It takes 5 minutes.", "Then wait."]
    assert texts(answer_first(units))[:3] == expected


def test_a_list_takes_its_announcement_along() -> None:
    units = [unit("We are open:", 0.1, 0), unit("Monday: 9 to 5.", 0.9, 1, "bullet")]
    assert texts(answer_first(units)) == ["We are open:", "Monday: 9 to 5."]


def test_no_sentence_announces_a_list_that_is_left_out() -> None:
    units = [
        unit("It costs 9 euros.", 0.9, 0),
        unit("Colours:", 0.1, 1),
        unit("Red.", 0.0, 2, "bullet"),
        unit("Blue.", 0.0, 2, "bullet"),
    ]
    assert texts(answer_first(units)) == ["It costs 9 euros."]


def test_a_paragraph_that_refers_to_the_one_before_takes_it_along() -> None:
    units = [unit("You can skip.", 0.3, 0), unit("This works until Friday.", 0.9, 1)]
    assert texts(answer_first(units)) == ["You can skip.", "This works until Friday."]


def test_what_is_hardly_better_changes_no_order() -> None:
    units = [unit("First.", 0.50, 0), unit("Second.", 0.52, 1)]
    assert texts(answer_first(units)) == ["First.", "Second."]


def test_the_nearness_of_the_sentences_of_an_article_rates_its_units() -> None:
    source = material("Logs are kept for 30 days. A run lasts one day.", (0.2, 0.7))
    units = [
        Unit(text=text, layout="sentence", block=0)
        for text in ("Logs are kept for 30 days.", "A run lasts one day.")
    ]
    first, second = rated(units, "does it end?", source)
    assert second.score - first.score > 0.4


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3)), max_size=8))
def test_no_unit_is_invented_or_told_twice(drawn: list[tuple[float, int]]) -> None:
    blocks = sorted(block for _, block in drawn)
    units = [
        unit(f"S{place}.", score, block)
        for place, ((score, _), block) in enumerate(zip(drawn, blocks, strict=True))
    ]
    told = texts(answer_first(units))
    assert len(set(told)) == len(told)
    assert set(told) <= {one.unit.text for one in units}
    if units:
        assert max(units, key=lambda one: one.score).unit.text in told


def test_a_block_that_moves_to_the_front_stays_a_paragraph_of_its_own() -> None:
    told = answer_first([unit("Intro.", 0.6, 0), unit("Other.", 0.6, 1), unit("The answer.", 0.7, 3)])
    assert [(one.text, one.block) for one in told] == [("The answer.", 0), ("Intro.", 1), ("Other.", 2)]
