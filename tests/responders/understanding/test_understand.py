from responders.understanding.understand import understand


def test_each_question_of_a_message_is_an_ask() -> None:
    found = understand("How do I export? Is it free?", subject="Export")
    assert found.kind == "question"
    assert [ask.text for ask in found.asks] == ["How do I export?", "Is it free?"]


def test_a_demand_for_a_refund_is_routed() -> None:
    found = understand("I want a refund now.", subject="")
    assert (found.kind, found.route) == ("refund", "refund")


def test_thanks_have_no_ask() -> None:
    assert understand("Thanks, that works now!").asks == ()
