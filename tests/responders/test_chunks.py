"""Sources are cut by headings, whatever their length, and never inside code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.chunks import MAX_SECTION_CHARS, chunks_of, source_id_for, source_of_chunk
from responders.privacy import Pseudonyms
from schemas import KnowledgeArticle, SolvedTicket
from tests.responders.support.drafting_samples import NOW


def article(body: str) -> KnowledgeArticle:
    return KnowledgeArticle(article_id="long", title="Handbook", body=body, updated_at=NOW)


def test_an_article_of_a_hundred_thousand_characters_is_cut_by_its_headings() -> None:
    sections = [f"## Part {n}\n\n" + f"Sentence {n} says something. " * 150 for n in range(30)]
    chunks = chunks_of(article("\n\n".join(sections)))
    assert [chunk.heading for chunk in chunks] == [f"Part {n}" for n in range(30)]


def test_headings_of_a_page_cut_it_including_those_of_the_first_level() -> None:
    page = "<h1>Handbook</h1><p>Intro.</p><h1>Install</h1><p>Run it.</p><h3>Windows</h3><p>Click it.</p>"
    assert [(chunk.heading, chunk.body) for chunk in chunks_of(article(page))] == [
        ("", "Intro."),
        ("Install", "Run it."),
        ("Windows", "Click it."),
    ]


def test_a_comment_in_code_is_not_a_heading() -> None:
    (chunk,) = chunks_of(article("## Run\n\n```sh\n# first\n## second\nrun\n```\n\nDone."))
    assert chunk.heading == "Run"
    assert "## second" in chunk.body


def test_a_wide_table_with_long_headers_makes_no_chunk_over_the_limit() -> None:
    header = "| Plan | " + " | ".join(f"{'header ' * 20}{n}" for n in range(10)) + " |"
    rows = "\n".join("| Team" + f"{n} | " + " | ".join(["x"] * 10) + " |" for n in range(60))
    chunks = chunks_of(article(f"{header}\n|{'---|' * 11}\n{rows}\n"))
    assert max(len(chunk.body) for chunk in chunks) <= MAX_SECTION_CHARS
    assert any("Team59" in chunk.body for chunk in chunks)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["\n\n", "\n", ". ", " ", ""]),
    st.integers(min_value=1, max_value=3_000),
    st.integers(min_value=1, max_value=60),
)
def test_a_section_without_headings_is_cut_and_loses_no_letter(joint: str, length: int, count: int) -> None:
    text = joint.join(chr(97 + n % 26) * length for n in range(count))
    chunks = chunks_of(article(text))
    assert all(len(chunk.body) <= MAX_SECTION_CHARS for chunk in chunks)
    assert "".join("".join(chunk.body.split()) for chunk in chunks) == "".join(text.split())


def test_a_long_reply_of_a_solved_ticket_is_cut_too() -> None:
    solved = SolvedTicket(
        ticket_id="s", account_id="a", question="Why?", answer="Because. " * 2_000, solved_at=NOW
    )
    assert len(chunks_of(solved)) == 3


@given(st.text(min_size=1, max_size=200))
def test_the_id_of_a_chunk_gives_its_source(own_id: str) -> None:
    source_id = source_id_for("article", own_id)
    assert source_of_chunk(f"{source_id}#12") == source_id


@pytest.mark.parametrize("question", ["<hr>" * 5_000, "a@b.io " * 2_857])
def test_a_solved_ticket_whose_question_grows_when_it_is_masked_is_still_cut(question: str) -> None:
    grown = SolvedTicket(
        ticket_id="t", account_id="acme", question="How?", answer="Open Exports.", solved_at=NOW
    ).model_copy(update={"question": Pseudonyms().mask(question)})
    assert [chunk.body for chunk in chunks_of(grown)] == ["Open Exports."]
