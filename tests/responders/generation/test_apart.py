"""Asks that found the same passage: the one that it suits best keeps it, another takes its own section."""

from typing import Any

from responders.generation.apart import apart
from responders.generation.brief import AskBrief, Brief, Material
from responders.generation.composer import Composer


def section(number: int, body: str, score: float, *nearness: float, article: str = "pool") -> Material:
    return Material(
        source_id=f"article:{article}#{number}",
        source_kind="article",
        title="The pool",
        heading=f"Section {number}",
        body=body,
        public=True,
        score=score,
        nearness=nearness,
    )


LOCKERS = "Lockers need a coin. Wet things must not stay in them over night."
TOWELS = "Towels cost 3 euros."


def asks(**towel: Any) -> tuple[AskBrief, AskBrief]:
    own = {"body": TOWELS, "nearness": 0.5, "article": "pool", "shared": LOCKERS, **towel}
    towels = AskBrief(
        text="What about a towel?",
        passages=(
            section(0, own["shared"], 1.5, 0.4),
            section(1, own["body"], 1.1, own["nearness"], article=own["article"]),
        ),
    )
    return towels, AskBrief(text="Do lockers take coins?", passages=(section(0, own["shared"], 1.9, 0.8),))


def firsts(found: tuple[AskBrief, ...]) -> list[str]:
    return [ask.passages[0].source_id for ask in found if ask.passages]


def test_the_ask_that_a_passage_suits_best_keeps_it_and_another_takes_its_own_section() -> None:
    towels, lockers = asks()
    assert firsts(apart([towels, lockers])) == ["article:pool#1", "article:pool#0"]
    assert firsts(apart([lockers, towels])) == ["article:pool#0", "article:pool#1"]
    assert [len(ask.passages) for ask in apart([towels, lockers])] == [1, 1]


def test_both_are_told_in_the_reply_in_the_order_of_the_asks() -> None:
    reply = Composer().compose(Brief(asks=asks(), public=False))
    told = [part.text for part in reply.parts if part.kind == "step"]
    assert told[0] == TOWELS
    assert "Lockers need a coin." in told


def test_an_ask_keeps_the_shared_passage_if_no_other_section_is_as_near() -> None:
    for other in (asks(nearness=0.29), asks(nearness=0.34)):
        assert firsts(apart(other)) == ["article:pool#0"] * 2


def test_an_ask_keeps_the_shared_passage_beside_another_article() -> None:
    assert firsts(apart(asks(article="sauna"))) == ["article:pool#0"] * 2


def test_a_shared_table_stays_because_its_rows_answer_without_a_near_sentence() -> None:
    table = "- **Child**: Towel: 2 euros.\n- **Adult**: Towel: 3 euros."
    assert firsts(apart(asks(shared=table))) == ["article:pool#0"] * 2


def test_asks_with_passages_of_their_own_or_without_any_stay_as_they_are() -> None:
    towels, _ = asks()
    open_ask = AskBrief(text="Is there a sauna?")
    assert apart([towels, open_ask]) == (towels, open_ask)
    assert apart([]) == ()
