"""Places of the sections that answer, and their figures."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.chunks.chunk import KnowledgeChunk
from streams.evaluate.drafts import AskExample
from streams.evaluate.sections import SectionFound, place_of, right_sections, section_figures, section_report

BODIES = {"exports#0": "Kept for 7 days.", "exports#1": "Press Start.", "trash#0": "Kept for 7 days, free."}
CHUNKS = [
    KnowledgeChunk(
        chunk_id=f"article:{name}",
        source_id=f"article:{name.partition('#')[0]}",
        source_kind="article",
        title="Title",
        body=body,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for name, body in BODIES.items()
]
OWNERS = ["exports", "exports", "trash"]


def test_a_section_of_another_source_is_not_right() -> None:
    ask = AskExample(sources=("exports",), must=(("7 DAYS", "a week"),))
    assert right_sections(ask, CHUNKS, OWNERS) == {"article:exports#0"}


def test_a_section_must_say_everything() -> None:
    ask = AskExample(sources=("exports", "article:trash"), must=(("7 days",), ("free",)))
    assert right_sections(ask, CHUNKS, OWNERS) == {"article:trash#0"}


@pytest.mark.parametrize("ask", [AskExample(sources=("exports",)), AskExample(must=(("7 days",),))])
def test_an_ask_without_a_source_or_a_must_has_no_right_section(ask: AskExample) -> None:
    assert right_sections(ask, CHUNKS, OWNERS) == set()


def test_a_section_that_is_not_found_counts_as_zero() -> None:
    found = [SectionFound("a", "", 0, 1), SectionFound("b", "", 1, 2), SectionFound("c", "", 2, None)]
    figures = section_figures(found)
    assert figures["section_at_1"].value == pytest.approx(1 / 3)
    assert figures["section_at_2"].value == pytest.approx(2 / 3)
    assert figures["section_mrr"].value == pytest.approx(0.5)


def test_asks_of_one_message_are_drawn_together() -> None:
    alike = [SectionFound(str(place), "", 0, 1 + place % 2) for place in range(10)]
    assert section_figures(alike)["section_at_1"].low == pytest.approx(0.5)


def test_the_cosine_stands_beside_the_product() -> None:
    report = section_report([SectionFound("a", "x", 0, 1)], [SectionFound("a", "x", 0, 3)])
    told = report.as_json()
    assert told["section_at_1"]["value"] == 1.0
    assert told["baselines"]["cosine_only"]["section_mrr"]["value"] == pytest.approx(1 / 3)
    assert set(told["by_kind"]) == {"x"}


@given(st.lists(st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=30))
def test_a_section_among_more_places_is_found_at_least_as_often(places: list[int | None]) -> None:
    found = [SectionFound(str(number), "", number, place) for number, place in enumerate(places)]
    values = [section_figures(found)[f"section_at_{place}"].value or 0.0 for place in (1, 2, 3)]
    assert values == sorted(values)


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=4), st.sampled_from("abcdef"))
def test_the_place_is_the_best_of_all_lists(ranked: list[list[str]], right: str) -> None:
    place = place_of({right}, ranked)
    held = [found.index(right) + 1 for found in ranked if right in found]
    assert place == (min(held) if held else None)
