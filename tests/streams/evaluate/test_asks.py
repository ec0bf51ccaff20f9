"""Understood messages against labelled messages."""

from responders.understanding.records import Ask, Understanding
from streams.evaluate.asks import MessageExample, asks_report, is_same_ask, judge_asks, paired

TWO = MessageExample(
    id=1,
    kind="question",
    text="Is it free? How do I export my data?",
    asks=("Is it free?", "How do I export my data?"),
)


def found(*asks: str, kind: str = "question", route: str | None = None) -> Understanding:
    return Understanding.model_validate(
        {"kind": kind, "route": route, "asks": [{"text": ask, "form": "other"} for ask in asks]}
    )


def test_a_missing_and_a_needless_ask_lower_recall_and_precision() -> None:
    [judged] = judge_asks([TWO], lambda _: found("Is it free?", "Kind regards", "Bye"))
    figures = asks_report([judged]).figures
    assert figures["ask_recall"].value == 0.5
    assert figures["ask_precision"].value == 1 / 3
    assert figures["asks_exact"].value == 0.0


def test_a_whole_mail_is_not_one_of_its_asks() -> None:
    mail = "We moved last year and much has changed since. My sister also came along, she is ten. Is it free?"
    assert not is_same_ask("Is it free?", mail)


def test_one_found_ask_counts_for_one_labelled_ask_only() -> None:
    assert len(list(paired(("Is it free?", "Is it free"), [Ask(text="Is it free?", form="yes_no")]))) == 1


def test_routes_are_judged_on_messages_that_need_a_person_and_on_others() -> None:
    person = MessageExample(id=2, kind="legal", text="We will sue you.", route="legal_threat")
    judged = judge_asks([TWO, person], lambda row: found(route="refund" if row.id == 2 else None))
    figures = asks_report(judged).figures
    assert (figures["route_recall"].value, figures["route_reason"].value) == (1.0, 0.0)
    assert (figures["false_routes"].value, figures["route_precision"].value) == (0.0, 1.0)


def test_a_ticket_is_read_first_and_compared_by_number_of_asks_and_route() -> None:
    ticket = MessageExample.model_validate(
        {"id": 3, "body": "Hi,\n\nIs it free?\n\nThanks!", "expect": "route", "asks": [{"question": "Free?"}]}
    )
    assert ticket.text == "Is it free?"
    [judged] = judge_asks([ticket], lambda _: found("Is it free?", route="refund"))
    figures = asks_report([judged]).figures
    assert (judged.exact, figures["route_recall"].value, figures["ask_recall"].value) == (True, 1.0, None)
