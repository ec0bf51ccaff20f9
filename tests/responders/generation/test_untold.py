"""A question whose best passage an earlier answer tells already gets another passage that is as near."""

from responders.generation.brief import AskBrief, Brief, Fact, Material
from responders.generation.composer import Composer
from responders.generation.untold import with_another

HOURS = "The reading room is open from 9 to 18 o'clock. Lockers are beside the door."
COPIES = "A copy costs 20 cents a page."


def passage(name: str, body: str, score: float, *nearness: float) -> Material:
    return Material(
        source_id=f"article:{name}#0",
        source_kind="article",
        title=f"Library: {name}",
        body=body,
        public=True,
        score=score,
        nearness=nearness,
    )


def told(*asks: AskBrief) -> list[str]:
    reply = Composer().compose(Brief(asks=asks, public=False))
    return [part.text for part in reply.parts if part.kind in {"step", "open"}]


def copies_ask(score: float = 1.65, nearness: float = 0.5, of_hours: float = 0.3) -> AskBrief:
    return AskBrief(
        text="And what does a copy cost?",
        passages=(passage("hours", HOURS, 1.7, of_hours), passage("copies", COPIES, score, nearness)),
    )


WHEN = AskBrief(text="When are you open?", passages=(passage("hours", HOURS, 2.0, 0.9),))


def test_the_second_question_is_not_dropped_when_the_search_found_the_first_passage_again() -> None:
    assert COPIES in told(WHEN, copies_ask())


def test_a_passage_that_is_less_near_or_much_worse_is_no_answer() -> None:
    for other in (copies_ask(nearness=0.39), copies_ask(of_hours=0.6), copies_ask(score=1.5)):
        assert COPIES not in told(WHEN, other)


def test_another_section_of_the_article_may_be_worse_than_another_article() -> None:
    section = passage("hours", COPIES, 1.45, 0.5).model_copy(update={"source_id": "article:hours#1"})
    ask = copies_ask().model_copy(update={"passages": (copies_ask().passages[0], section)})
    assert COPIES in told(WHEN, ask)


def test_a_question_that_nothing_is_near_is_named_as_open_and_not_guessed_at() -> None:
    ask = AskBrief(text="What does a copy cost?", form="amount", passages=copies_ask(of_hours=0.2).passages)
    said = told(WHEN, ask)
    assert COPIES not in said
    assert any("what does a copy cost" in text.lower() for text in said)


def test_no_steps_are_told_for_what_the_plan_does_not_have() -> None:
    denial = passage("sso", "Single sign-on is not part of Starter.", 1.9, 0.5)
    steps = passage("okta", "In Okta, create an app and paste its address into Settings.", 1.85, 0.6)
    asks = (
        AskBrief(text="Do we have single sign-on?", passages=(denial,)),
        AskBrief(text="How do I connect Okta?", passages=(denial, steps)),
    )
    plan = Fact(name="plan", value="Starter", source_id="account:a", quote="Starter")
    reply = Composer().compose(Brief(asks=asks, public=False, facts=(plan,), plans=("Starter", "Team")))
    assert any("not part of Starter" in part.text for part in reply.parts)
    assert not any("Okta" in part.text for part in reply.parts if part.kind == "step")


def test_an_ask_whose_own_passage_tells_something_new_keeps_it() -> None:
    assert told(copies_ask())[0].startswith("The reading room")


def test_an_ask_without_passages_or_with_one_has_no_other() -> None:
    assert with_another(AskBrief(text="Why?")) is None
    assert with_another(WHEN) is None
