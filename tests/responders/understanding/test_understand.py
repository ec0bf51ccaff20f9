import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.understanding.records import MAX_ASKS
from responders.understanding.understand import understand
from schemas.tickets import HeardRoute


def heard(reason: str, chance: float) -> HeardRoute:
    return HeardRoute(reason=reason, chance=chance, strength="likely" if chance >= 0.5 else "unlikely")


def asks(text: str, subject: str = "") -> list[str]:
    return [ask.text for ask in understand(text, subject=subject).asks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I export? Is it free?", ["How do I export?", "Is it free?"]),
        ("how do i change the owner", ["how do i change the owner"]),
        ("What does it cost and can I pay by card?", ["What does it cost", "can I pay by card?"]),
        ("I was wondering whether my card works in Peru.", ["whether my card works in Peru."]),
        ("No idea how to verify a signature.", ["how to verify a signature."]),
        ("1. What is the limit? 2. Do errors count?", ["What is the limit?", "Do errors count?"]),
        ("I wear a hearing aid, can it stay in?", ["can it stay in?"]),
        ("If I move, do I keep my number?", ["If I move, do I keep my number?"]),
        ("Please send me the invoice for March.", ["Please send me the invoice for March."]),
        ("The export stops at 40 %. We use Chrome.", ["The export stops at 40 %."]),
        ("The export stops at 40 %. Why?", ["The export stops at 40 %. Why?"]),
        ("It works in Chrome. It fails in Safari. Any ideas?", ["It fails in Safari."]),
        ("The chart is empty. Also, the export fails.", ["The chart is empty.", "Also, the export fails."]),
        ("The chart is empty. Could you please help?", ["The chart is empty."]),
        ("Wo finde ich die Rechnung?", ["Wo finde ich die Rechnung?"]),
        ("Ich wüsste gern, ob der Platz frei ist.", ["ob der Platz frei ist."]),
        ("¿Cómo exporto mis facturas?", ["¿Cómo exporto mis facturas?"]),
    ],
)
def test_the_asks_of_a_message_are_its_own_words(text: str, expected: list[str]) -> None:
    assert asks(text) == expected


def test_an_ask_in_the_subject_alone_is_found() -> None:
    assert asks("Thanks", subject="Where is the audit log?") == ["Where is the audit log?"]


def test_the_subject_of_a_later_message_was_asked_before() -> None:
    found = understand("Thanks!", subject="Where is the audit log?", opens=False)
    assert (found.kind, found.asks) == ("thanks", ())


def test_greetings_signatures_and_empty_questions_are_no_asks() -> None:
    assert asks("Hi Ann,\n\nhow are you? Is it free?\n\nKind regards\nBo Berg") == ["Is it free?"]


def test_an_ask_that_refers_to_something_carries_the_sentence_before() -> None:
    [ask] = understand("We use the calendar link on the Team plan. Is it included?").asks
    assert ask.context == "We use the calendar link on the Team plan."
    assert "calendar link" in ask.search_text


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("How many seats are included?", "amount"),
        ("How long does it take?", "when"),
        ("How do I export labels?", "how"),
        ("Why is the run queued?", "why"),
        ("Can a guest comment?", "yes_no"),
        ("Which plan has single sign-on?", "which"),
        ("Where do I see the log?", "where"),
        ("Who can sign the contract?", "who"),
        ("Please send me the report of March.", "request"),
        ("The export stops at 40 %.", "problem"),
    ],
)
def test_an_ask_has_the_form_of_its_answer(text: str, form: str) -> None:
    assert [ask.form for ask in understand(text).asks] == [form]


@pytest.mark.parametrize(
    ("text", "kind", "route"),
    [
        ("How do I cancel a run?", "question", None),
        ("The export stops at 40 %.", "problem", None),
        ("Is there any news on this?", "follow_up", None),
        ("Here is the screenshot you asked for.", "answer", None),
        ("That did it, thank you so much!", "thanks", None),
        ("I am very disappointed with your service.", "complaint", None),
        ("Is your platform down? None of us can open it.", "outage", None),
        ("I am out of the office until 4 May.", "automatic", None),
        ("We have decided to cancel our subscription.", "leaving", "leaving"),
        ("You charged us twice.", "billing_dispute", "billing_dispute"),
        ("I want my money back.", "refund", "refund"),
        ("I found a security hole in your login.", "security", "security_report"),
        ("My lawyer will contact you.", "legal", "legal_threat"),
        ("Please erase everything you have about me.", "personal_data", "personal_data"),
        ("i want to kill myself", "self_harm", "self_harm"),
        ("Please extend our trial by a week.", "question", "account_action"),
    ],
)
def test_a_message_has_a_kind_and_a_person_if_it_needs_one(text: str, kind: str, route: str | None) -> None:
    found = understand(text)
    assert (found.kind, found.route) == (kind, route)


def test_thanks_and_automatic_mail_ask_nothing() -> None:
    assert asks("All sorted, thank you!") == []
    assert (
        asks("Automatic reply: I am on holiday. Who can help instead? See our page.", "Out of office") == []
    )


def test_thanks_with_a_question_are_a_question() -> None:
    found = understand("Thanks, that works. One more thing: can I add a guest?")
    assert (found.kind, [ask.text for ask in found.asks]) == ("question", ["can I add a guest?"])


def test_a_reason_that_is_heard_hands_the_message_over() -> None:
    text = "The sync is not stable."
    assert understand(text, heard=heard("leaving", 0.9)).route == "leaving"
    assert understand(text, heard=heard("leaving", 0.1)).route is None


def test_a_plain_demand_counts_even_if_the_model_hears_nothing() -> None:
    for text in ("I want a refund now.", "You charged me twice and I dispute it."):
        assert understand(text, heard=heard("billing_dispute", 0.001)).route is not None


def test_a_phrase_of_self_harm_counts_whatever_the_model_hears() -> None:
    assert understand("i want to kill myself", heard=heard("safety", 0.0)).route == "self_harm"


def test_what_follows_our_question_is_an_answer() -> None:
    assert understand("Firefox on a Mac, with about ten tabs.", answers=True).kind == "answer"


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_understood_with_bounded_asks(text: str, subject: str) -> None:
    found = understand(text, subject=subject)
    assert len(found.asks) <= MAX_ASKS
    assert all(ask.text.strip() for ask in found.asks)
    assert found == understand(text, subject=subject)


@pytest.mark.parametrize(
    "piece", ["and what ", "is it, ", "the data of ", "1) ", "please ", "how many of the ", ",:;- ", "(if "]
)
def test_long_text_is_understood_in_reasonable_time(piece: str) -> None:
    start = time.process_time()
    understand(piece * (20_000 // len(piece)))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "chance", "sure"),
    [
        ("You charged me twice. What now?", None, True),
        ("You charged me twice. What now?", 0.9, True),
        ("You charged me twice. What now?", 0.2, False),
        ("Our bill looks odd. What now?", 0.9, False),
        ("Our bill looks odd. What now?", 0.96, True),
        ("Our bill looks odd. What now?", 0.1, True),
    ],
)
def test_a_reason_is_beyond_doubt_if_phrases_and_model_agree_or_one_is_sure(
    text: str, chance: float | None, sure: bool
) -> None:
    told = None if chance is None else heard("billing_dispute", chance)
    assert understand(text, heard=told).is_sure is sure


def test_a_phrase_of_money_that_the_model_denies_is_no_reason_unless_little_else_is_said() -> None:
    denied = heard("wants_person", 0.09)
    long = "I sent one of my own customers his money back from the till. Where do I book that?"
    assert understand(long).route == "refund"
    assert understand(long, heard=denied).route is None
    assert understand(long, heard=heard("wants_person", 0.2)).route == "refund"
    assert understand("i want my money back", heard=denied).route == "refund"


def test_a_wish_for_a_person_counts_whatever_the_model_hears() -> None:
    said = "I want to speak to a human about the export. How do I export the labels?"
    assert understand(said, heard=heard("refund", 0.09)).route == "wants_person"


def test_a_phrase_of_law_counts_whatever_the_model_hears() -> None:
    told = "Our lawyer will write to you about the floor that your men have ruined last week."
    assert understand(told, heard=heard("leaving", 0.0)).route == "legal_threat"


def test_a_person_who_is_on_leave_and_asks_is_no_machine() -> None:
    away = "I go on parental leave and we will be gone until March."
    assert understand(away).kind == "automatic"
    assert understand(f"{away} Can the deliveries stop for so long?").kind != "automatic"


def test_a_denied_phrase_of_money_does_not_hide_another_reason() -> None:
    text = (
        "I sent one of my own customers his money back from the till. Please let me speak to a real person."
    )
    assert understand(text, heard=heard("wants_person", 0.09)).route == "wants_person"
