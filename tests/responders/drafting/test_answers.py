"""Asks of one message that continue one another."""

import pytest

from responders.drafting.answers import continued
from responders.generation.brief import AskBrief, Material


def ask(text: str, *sources: str) -> AskBrief:
    passages = tuple(
        Material(source_id=source, source_kind="article", title="Calendar", body="Changes take 5 minutes.")
        for source in sources
    )
    return AskBrief(text=text, passages=passages)


FIRST = ask("What is copied?", "article:calendar#1")
OPEN = ask("How quickly?")


def test_an_ask_about_the_article_of_another_answer_is_answered() -> None:
    likely = ask("How quickly?", "article:calendar#3")
    assert continued([FIRST, OPEN], [FIRST, likely]) == (FIRST, likely)


@pytest.mark.parametrize("likely", [OPEN, ask("How quickly?", "article:rooms#0")])
def test_an_ask_about_something_else_stays_open(likely: AskBrief) -> None:
    assert continued([FIRST, OPEN], [FIRST, likely]) == (FIRST, OPEN)


def test_no_ask_continues_a_message_without_an_answer() -> None:
    assert continued([OPEN], [FIRST]) == (OPEN,)
