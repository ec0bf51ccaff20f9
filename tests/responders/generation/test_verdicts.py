import pytest

from responders.generation.plans import AccountPlans
from responders.generation.verdicts import verdict_of

FREE = AccountPlans(own="Free", names=("Free", "Team", "Works"))


@pytest.mark.parametrize(
    ("ask", "sentence", "verdict"),
    [
        ("Can we use the hall for parties?", "The hall cannot be used for parties.", "no"),
        ("Are imported labels free?", "Imported labels are always free.", "yes"),
        ("Can we have webhooks?", "Webhooks are part of Team and Works only.", "no"),
        ("Can we have webhooks?", "Team and Works.", "no"),
        ("Do we have webhooks?", "Webhooks on your plan (Free): no.", "no"),
        ("Does the Office role see prices?", "Office – sees prices: yes.", "yes"),
    ],
)
def test_a_sentence_that_decides_gives_yes_or_no(ask: str, sentence: str, verdict: str) -> None:
    assert verdict_of(ask, sentence, FREE) == verdict


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        ("Can we link an index to the contract?", "Works can link a contract to an index."),
        ("Is there a programme to empty it?", "The programme cannot be skipped."),
        ("Can we use the hall for parties?", "The hall can be used for parties once it is cleaned."),
        (
            "Can we lodge claims from the invoice so that a patient gets a rebate?",
            "Invoice on your plan (Free): yes.",
        ),
        ("Can we pay by wire?", "Wire on your plan (Free): yes, 30 days."),
        ("Does the Office role see prices?", "Driver – washes cars: yes."),
        ("Can we have webhooks on Team?", "Webhooks are part of Works only."),
    ],
)
def test_in_doubt_neither_is_said(ask: str, sentence: str) -> None:
    plans = FREE if "on Team" not in ask else AccountPlans(own=None, names=FREE.names)
    assert verdict_of(ask, sentence, plans) is None
