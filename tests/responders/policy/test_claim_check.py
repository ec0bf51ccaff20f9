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
        ("You keep it until the end of May.", "The plan changes at the end of May. Until then you keep it."),
        ("A runs on, unless Stop is set.", "A runs on and can cost more, unless Stop is set."),
        ("After the trial ends, you can cancel.", "The trial ends. Then you can cancel."),
        ("If a payment fails, we try again.", "# If a payment fails\nWe try again."),
        ("Tell us of the fault.", "The fault must be reported to us."),
        ("You can invite several guests.", "You can invite 5 guests."),
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
        ("After that we confirm the price.", "Send the machine. We confirm the price.", "condition"),
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


FAILS = "# If a payment fails\nWe try again after 3 days."
LEAVES = "# Before the parcel leaves\nYou can change the address yourself."
TURNS = "Returns are free for 30 days. After that shipping costs 5."
TRIAL = "The trial lasts 14 days and the contract 12 months. After that you can cancel."


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("If a payment succeeds, we try again after 3 days.", FAILS),
        ("When the parcel has left, you can change the address yourself.", LEAVES),
        ("If you delete a workspace, we refund you.", "# Deleting a workspace\nWe refund you."),
        ("If the export stops, we send a mail.", "# The export starts\nWe send a mail."),
        ("Our free plan has 5 seats.", "# Free\nOur plan has 5 seats."),
    ],
)
def test_a_heading_supports_no_other_case_and_no_action(sentence: str, source: str) -> None:
    assert check_claim(sentence, [source]).severity == "blocked"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Shipping is free for 30 days.", TURNS),
        ("After 30 days shipping is free.", TURNS),
        ("You can cancel within 30 days.", "The trial ends within 30 days. Then you can cancel."),
        ("After 14 days you can cancel.", TRIAL),
        ("Until the end of May the plan changes.", "It changes at the end of May. Until then you keep it."),
    ],
)
def test_two_sentences_that_go_on_do_not_cross_their_subjects(sentence: str, source: str) -> None:
    assert not check_claim(sentence, [source]).supported


@pytest.mark.parametrize(
    ("sentence", "source", "asked"),
    [
        (
            "The warranty covers damage by water for 2 years.",
            "The warranty covers damage for 2 years.",
            "Is water covered?",
        ),
        ("A project can be deleted by guests.", "A project can be deleted.", "Can guests delete a project?"),
        (
            "Guests can delete a project in the settings under Danger with two clicks.",
            "Delete a project in the settings under Danger with two clicks.",
            "Can guests delete a project?",
        ),
        (
            "The warranty covers the water damage.",
            "The warranty covers damage if it is reported.",
            "Water damage?",
        ),
    ],
)
def test_words_of_the_customer_are_no_evidence(sentence: str, source: str, asked: str) -> None:
    assert check_claim(sentence, [source], asked=asked).severity == "blocked"


def test_a_thing_that_the_customer_named_is_marked_beside_a_whole_sentence_of_the_source() -> None:
    sentence, source = "You can open the report in the scanner.", "You can open the report."
    assert check_claim(sentence, [source], asked="Our scanner is broken.").severity == "marked"
    assert check_claim(sentence, [source]).severity == "blocked"


UNUSED = "Refunds are possible if the item is unused."


@pytest.mark.parametrize(
    ("sentence", "source", "before"),
    [
        ("Refunds are possible.", UNUSED, "An unused item goes in its box."),
        ("Refunds are possible.", UNUSED, "If the item is unused, send a mail."),
        ("They are refunded.", "Coins are refunded if new.", "Cards are refunded if new."),
        ("Refunds are possible on Mondays.", "Refunds are possible on Premium.", "Premium has 5 seats."),
        ("After that we charge shipping.", "Returns are free. We charge shipping.", "Coffee arrives."),
        ("After that date we charge shipping.", "Returns are free. We charge shipping.", "Coffee arrives."),
    ],
)
def test_a_sentence_before_keeps_no_condition_by_its_words_alone(
    sentence: str, source: str, before: str
) -> None:
    assert check_claim(sentence, [source], before=before).severity == "blocked"


def test_after_that_follows_if_the_sentence_before_says_what_the_source_says_before() -> None:
    source = "Send the machine. We confirm the price."
    assert check_claim("After that we confirm the price.", [source], before="Send the machine.").supported


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Exports on Team can be started.", "Exports on Team can be started only by an owner."),
        ("On Team you can start exports.", "On Team only owners can start exports."),
        ("Exports on Team can be started.", "Exports can be started only on Team and by owners."),
        ("Exports on Team Plus can be started.", "Exports can be started only on Team Plus."),
    ],
)
def test_a_fact_lifts_only_an_only_that_is_about_the_own_plan(sentence: str, source: str) -> None:
    assert not check_claim(sentence, [source, "plan Team"]).supported


def test_an_only_about_the_own_plan_is_met() -> None:
    claim = "Consensus is available on Team."
    for source in ("Consensus is available only on Team or Works.", "Consensus is available on Team only."):
        assert check_claim(claim, [source, "plan Team"]).supported
        assert not check_claim(claim, [source, "Team has 5 seats."]).supported


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The installer runs.", "The installer runs only with Win11."),
        ("You get 10 % off.", "You get 10 % off with SAVE20."),
        ("You get 10 % off.", "You get 10 % off with SAVE-20; shipping is free."),
        ("Descaling takes 30 minutes.", "Descaling takes 30 minutes for HY-140."),
        ("You get a notification.", "You get a report."),
        ("Notifications are included.", "Reporting is included."),
        ("You can invite many guests.", "You can invite at most 3 guests."),
        ("You can invite many guests.", "You can invite 3 guests."),
        ("You can invite many guests.", "You can invite guests for 500 days."),
        ("You can invite several guests.", "You can invite up to 3 guests."),
        ("Return the report to the office.", "Send the report to the back office."),
        ("Return the report to the office.", "Send the report through the back door to the office."),
    ],
)
def test_codes_bounds_and_near_synonyms_change_no_meaning(sentence: str, source: str) -> None:
    assert not check_claim(sentence, [source]).supported


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
