"""Judged sentences: which pass, which are blocked, and their figures."""

from responders.policy.claims.checking import check_claim
from streams.evaluate.claims import ClaimExample, claim_report, judge_claims

SOURCE = "Exports expire after 7 days. Only the Owner can close a workspace."
EXAMPLES = [
    ClaimExample(
        id=1, sentence="Exports expire after 7 days.", sources=(SOURCE,), supported=True, kind="verbatim"
    ),
    ClaimExample(
        id=2, sentence="Exports expire after 14 days.", sources=(SOURCE,), supported=False, kind="amount"
    ),
    ClaimExample(id=3, sentence="Your workspace has 81 seats.", facts={"seats": 81}, supported=True),
]


def test_each_sentence_is_decided_with_its_reasons() -> None:
    judged = judge_claims(EXAMPLES[:2], check_claim)
    assert [one.as_json() for one in judged] == [
        {"id": 1, "supported": True, "reasons": []},
        {"id": 2, "supported": False, "reasons": ["number: 14 days"]},
    ]


def test_changed_sentences_that_pass_and_supported_ones_that_are_blocked_are_counted_apart() -> None:
    report = claim_report(EXAMPLES[:2], judge_claims(EXAMPLES[:2], check_claim))
    told = report.as_json()
    assert (told["changed_passing"]["value"], told["supported_blocked"]["value"]) == (0.0, 0.0)
    assert told["baselines"]["word_overlap"]["changed_passing"]["value"] == 1.0
    assert told["baselines"]["overlap_and_numbers"]["changed_passing"]["value"] == 0.0
    assert set(told["by_kind"]) == {"amount", "verbatim"}


def test_account_facts_are_sources_too() -> None:
    assert EXAMPLES[2].quotes == ("81 seats",)
    assert ClaimExample(id=4, sentence="x", facts={"plan": "Team", "owner": None}, supported=True).quotes == (
        "plan Team",
    )
