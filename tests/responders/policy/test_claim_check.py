"""Claims against their sources: what follows from a passage passes, what is changed does not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.policy.claims.checking import check_claim
from responders.policy.claims.risks import unsourced_risks
from responders.words import sentences
from tests.evaluation.claims.written import claim_files, read_passages

FOLDER = Path(__file__).parents[2] / "evaluation" / "claims"
PASSAGES = [passage.text for passage in read_passages()]
RETURNS = (
    "You can return unused items within 30 days of delivery. The refund reaches your card within 5 to 7"
    " business days. Shipping costs are refunded only if the item was faulty."
    " Sale items and gift cards cannot be returned."
)
ROLES = (
    "Guests see only the projects they were invited to and cannot create tasks. Deleted projects cannot be"
    " restored. Time entries older than 60 days are locked unless an admin unlocks them. Only the Owner can"
    " close a workspace. To remove a device, open Settings > Devices and choose Sign out."
)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Unused items can be returned within thirty days of delivery.", RETURNS),
        ("It is not possible to return sale items.", RETURNS),
        ("No, gift cards can't be returned.", RETURNS),
        ("We only refund shipping costs if the item was faulty.", RETURNS),
        ("Guests can't create tasks.", ROLES),
        ("Unless an admin unlocks them, time entries older than 60 days are locked.", ROLES),
        ("Open Settings > Devices and select Sign out to remove a device.", ROLES),
        ("Results are kept for a day.", "Results are kept for 24 hours."),
        ("Results are kept for 14 days.", "Results are kept for two weeks."),
        ("It costs €15 per kg.", "It costs 15 euros per kilogram."),
        ("The report is due on March 31.", "The report is due on 31 March."),
        ("You are on the Growth plan.", "plan Growth"),
        ("The link works for only 48 hours.", "The link works for 48 hours."),
        ("Invoices stay, even after a trial has ended.", "Invoices stay, also after a trial has ended."),
        ("You can change many tasks at once.", "Change up to 500 tasks at once."),
        ("You have 14 days to tell us.", "Tell us within 14 days."),
        ("One image, for example, is twelve labels.", "One image is twelve labels."),
        ("Please send the machine back within 7 days.", "Give the machine back within 7 days."),
        ("It becomes read-only after 14 days.", "It becomes read-only after 14 days with HY-140: overdue."),
        ("After that we confirm the price.", "Send the machine. We confirm the price."),
        ("You keep it until the end of May.", "The plan changes at the end of May. Until then you keep it."),
        ("A runs on, unless Stop is set.", "A runs on and can cost more, unless Stop is set."),
    ],
)
def test_a_reworded_or_shortened_sentence_is_supported(sentence: str, source: str) -> None:
    assert check_claim(sentence, [source]).reasons == ()


@pytest.mark.parametrize(
    ("sentence", "source", "kind"),
    [
        ("You can return unused items within 60 days of delivery.", RETURNS, "number"),
        ("You can return unused items within 30 weeks of delivery.", RETURNS, "number"),
        ("Shipping costs are refunded.", RETURNS, "condition"),
        ("Sale items and gift cards can be returned.", RETURNS, "negation"),
        ("We will refund your card today.", RETURNS, "words"),
        ("Guests see all projects.", ROLES, "quantity"),
        ("Guests can create tasks.", ROLES, "negation"),
        ("Time entries older than 60 days are locked.", ROLES, "negation"),
        ("Time entries older than 60 days are locked if an admin unlocks them.", ROLES, "negation"),
        ("The Owner can close a workspace.", ROLES, "condition"),
        ("Only the Viewer can close a workspace.", ROLES, "name"),
        ("To remove a device, open Settings > Users and choose Sign out.", ROLES, "name"),
        ("To add a device, open Settings > Devices and choose Sign out.", ROLES, "opposite"),
        ("Backups are kept at least 7 days.", "Backups are kept at most 7 days.", "limit"),
        ("A buyer must answer a seller.", "A seller must answer a buyer.", "role"),
        ("Your request has been approved.", "Requests are approved by an admin.", "tense"),
        ("Recording is on by default.", "Recording is off by default.", "words"),
        ("The link works for only 48 hours.", "The link works for at least 48 hours.", "condition"),
        (
            "A model answers after that.",
            "A model answers after that and costs more, unless it is off.",
            "condition",
        ),
        (
            "Coffee comes every 6 or 6 weeks.",
            "Coffee comes every 4 or 6 weeks, in bags of one kilo.",
            "number",
        ),
        ("That is not normal.", "Masks cannot be exported.", "source"),
        ("On Free the limit is 300 calls.", "The limit is 300 calls on Team.", "name"),
        ("You keep it until June.", "The plan changes in May. Until then you keep it.", "name"),
    ],
)
def test_a_changed_sentence_is_blocked_with_a_reason_of_its_kind(
    sentence: str, source: str, kind: str
) -> None:
    reasons = check_claim(sentence, [source]).reasons
    assert any(reason.startswith(f"{kind}: ") for reason in reasons) or (kind == "words" and reasons)


@pytest.mark.parametrize(
    ("sentence", "severity"),
    [
        ("Gift cards cannot be returned.", "none"),
        ("Gift cards can be returned.", "blocked"),
        ("Sale items, gift cards and postcards cannot be returned.", "blocked"),
        ("The refund reaches your account and your wristwatch within 5 to 7 business days.", "blocked"),
        ("Sale items and gift cards cannot be exported.", "blocked"),
        ("We guarantee a refund within 5 to 7 business days.", "blocked"),
    ],
)
def test_changed_facts_are_blocked_and_harmless_words_are_marked(sentence: str, severity: str) -> None:
    assert check_claim(sentence, [RETURNS]).severity == severity


def test_a_harmless_word_more_is_marked() -> None:
    source = "Open the report in the browser and send it to your tax adviser."
    check = check_claim("Open the annotated report in the browser and send it to your tax adviser.", [source])
    assert check.severity == "marked"
    assert check.reasons == ("words: the source does not say “annotated”",)


def test_each_row_of_a_table_supports_its_own_values_only() -> None:
    table = "| Plan | Devices | Price per month |\n"
    table += "| Solo | 5 | $4.99 |\n| Family | 12 | $8.99 |"
    assert check_claim("The Solo plan costs $4.99 per month.", [table]).supported
    assert not check_claim("The Solo plan costs $8.99 per month.", [table]).supported


@given(st.sampled_from(PASSAGES), st.integers(min_value=0, max_value=30))
def test_a_sentence_of_the_source_is_always_supported(passage: str, place: int) -> None:
    told = sentences(passage)
    assert check_claim(told[place % len(told)], [passage]).supported


@given(
    st.integers(min_value=8, max_value=10**6), st.sampled_from(("days", "minutes", "users", "GB", "euros"))
)
def test_a_changed_number_is_never_supported(number: int, unit: str) -> None:
    source = f"The limit of a project is 7 {unit} on every plan."
    assert check_claim(f"The limit of a project is 7 {unit}.", [source]).supported
    assert not check_claim(f"The limit of a project is {number} {unit}.", [source]).supported


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_is_judged_without_an_error(sentence: str, source: str) -> None:
    assert check_claim(sentence, [source]).supported in {True, False}
    assert isinstance(unsourced_risks(sentence), tuple)


def test_an_order_of_clauses_does_not_borrow_from_another_case() -> None:
    source = "Archived projects can be restored by project leads; deleted projects cannot."
    assert check_claim("Deleted projects cannot be restored.", [source]).supported
    assert not check_claim("Deleted projects can be restored.", [source]).supported


def judged(half: str) -> Iterator[tuple[bool, bool]]:
    for line in (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        facts = [f"{value} seats" if name == "seats" else f"{name.replace('_', ' ')} {value}"
                 for name, value in row["facts"].items()]  # fmt: skip
        yield row["supported"], check_claim(row["sentence"], [*row["sources"], *facts]).supported


def test_few_changed_sentences_pass_and_few_supported_ones_are_blocked_on_the_half_that_judges() -> None:
    found = list(judged("judge"))
    changed = [passed for supported, passed in found if not supported]
    blocked = [not passed for supported, passed in found if supported]
    assert len(changed) > 1_400
    assert len(blocked) > 450
    assert sum(changed) / len(changed) <= MOST_PASSING
    assert sum(blocked) / len(blocked) <= MOST_BLOCKED


MOST_PASSING = 0.045
"""Floor of the share of changed sentences that pass: measured, rounded up."""

MOST_BLOCKED = 0.14
"""Floor of the share of supported sentences that are blocked: measured, rounded up."""


def test_the_files_hold_what_the_written_passages_say() -> None:
    for name, rows in claim_files().items():
        lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in lines] == rows
