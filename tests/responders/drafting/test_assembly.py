"""Which parts of a reply stay when others are blocked: nothing stands without what it needs to be true."""

from typing import Any

import pytest

from responders.drafting.assembly import _without_titles, check_reply, judge_parts, reply_text
from responders.generation.brief import AskBrief, Brief, Composed, Material, ReplyPart

BODY = (
    "Your model keeps answering and can push the bill up, unless Include deployments is ticked."
    "\n\nThese are free:\n\n- Corrections.\n- Gold tasks."
)
PASSAGES = tuple(
    Material(source_id=f"article:{name}", source_kind="article", title="Help", body=BODY) for name in "ab"
)
BRIEF = Brief(asks=(AskBrief(text="Is it so?", passages=PASSAGES),), public=False)
WRONG = "It costs €900 every day."


def step(text: str, source: str = "article:a", **given: Any) -> ReplyPart:
    fields: dict[str, Any] = {
        "kind": "step",
        "text": text,
        "source_ids": (source,),
        "ask": 0,
        "paragraph": 10_000,
    }
    return ReplyPart.model_validate(fields | given)


def head(text: str, **given: Any) -> ReplyPart:
    return step(text, kind="acknowledgement", source_ids=(), **given)


def bullet(text: str, source: str = "article:a", **given: Any) -> ReplyPart:
    return step(text, source, layout="bullet", **given)


def kept(*parts: ReplyPart) -> list[str]:
    checked = check_reply(Composed(parts=parts), BRIEF, allowed_hosts=frozenset())
    return [part.text for part in checked.parts]


SAYS_LIMIT = "Your model keeps answering, unless Include deployments is ticked."
LIMITED = "It can push the bill up."


def test_a_condition_counts_as_said_before_only_if_its_sentence_is_kept() -> None:
    assert kept(step(SAYS_LIMIT), step(LIMITED)) == [SAYS_LIMIT, LIMITED]
    blocked = step(f"{SAYS_LIMIT} {WRONG}")
    judged = judge_parts([blocked, step(LIMITED)], BRIEF, allowed_hosts=frozenset())
    assert [is_blocked for _, _, is_blocked in judged] == [True, True]


def test_a_condition_in_words_that_announced_a_list_counts_for_nothing_after_the_list() -> None:
    announcing = f"{SAYS_LIMIT[:-1]}:"
    assert kept(step(announcing), bullet("Corrections."), step(LIMITED)) == [announcing, "Corrections."]
    assert kept(step(announcing), bullet(WRONG), step(LIMITED)) == []


def test_what_stands_below_a_blocked_heading_is_blocked() -> None:
    assert kept(head("Never counted:"), bullet("Corrections."), bullet("Gold tasks.")) == [
        "Never counted:",
        "Corrections.",
        "Gold tasks.",
    ]
    below = (bullet("Corrections."), bullet("Gold tasks.", paragraph=10_003))
    other = bullet("Gold tasks.", "article:b", paragraph=11_000)
    assert kept(head("You get €900 back today:"), *below, other) == ["Gold tasks."]


def test_a_list_is_blocked_with_the_sentence_that_announces_it() -> None:
    wrong = "These cost €900 every day:"
    assert kept(step(wrong), bullet("Corrections."), bullet("Gold tasks.")) == []
    assert kept(step("These are free:"), bullet("Corrections.")) == ["These are free:", "Corrections."]


@pytest.mark.parametrize(
    "announcing", [step("These are free:"), step("Yes.", kind="verdict"), head("Never counted:")]
)
def test_words_before_a_blocked_part_do_not_announce_what_follows_it(announcing: ReplyPart) -> None:
    other = step("Gold tasks.", "article:b", paragraph=11_000)
    assert kept(announcing, bullet(WRONG), other) == ["Gold tasks."]
    assert kept(announcing, other) == (["Gold tasks."])


def test_two_headings_stay_before_the_list_of_another_article() -> None:
    parts = (head("In case you mean “Help”:"), head("Never counted:"), bullet("Corrections."))
    assert kept(*parts) == [part.text for part in parts]
    assert kept(*parts[:2], bullet(WRONG)) == []


def test_the_longest_title_is_taken_out_first() -> None:
    titles = frozenset({"Refunds", "Refunds within 30 days", "Refunds within"})
    assert _without_titles("In case you mean “Refunds within 30 days”:", titles) == "In case you mean “”:"


def test_steps_below_a_heading_count_on_after_the_bullets_of_one() -> None:
    items = [step(text, layout="item") for text in ("Open it.", "Choose one:", "Save.")]
    parts = [head("Install:"), *items[:2], bullet("Linux"), items[2]]
    assert reply_text(parts) == "Install:\n\n1. Open it.\n2. Choose one:\n   - Linux\n3. Save."
