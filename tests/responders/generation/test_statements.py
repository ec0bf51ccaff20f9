"""What a passage states: no answer is made of a word that does not answer, and no limit is lost."""

import pytest

from responders.drafting.assembly import judge_parts
from responders.generation.brief import AskBrief, Brief, Fact, Material, ReplyPart
from responders.generation.statements import statements_of, topic_lines

PLANS = ("Free", "Team", "Works")
TEAM = Fact(name="plan", value="Team", quote="Account Harbor: plan Team", source_id="account:a/plan")


def refused(said: str, heading: str, body: str) -> list[str]:
    """Return the reasons against a sentence about one section."""
    passage = Material(
        source_id="article:a#0", source_kind="article", title="Help", heading=heading, body=body
    )
    ask = AskBrief(text="How is it?", passages=(passage,))
    brief = Brief(asks=(ask,), public=False, facts=(TEAM,), plans=PLANS)
    part = ReplyPart(kind="step", text=said, source_ids=(passage.source_id,), ask=0)
    ((_, reasons, _),) = judge_parts([part], brief, allowed_hosts=frozenset())
    return reasons


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("No setup fee is charged on any plan.", "A setup fee is charged on any plan."),
        ("Never share your password.", "Share your password."),
        ("No problem: open Billing.", "There is no setup fee."),
        ("Yes and no: it depends on the plan.", "There is a setup fee."),
        ("None of the plans has one.", "The plans have one."),
    ],
)
def test_a_denial_that_answers_nothing_stays_in_its_sentence(body: str, sentence: str) -> None:
    assert refused(sentence, "Is there a setup fee?", body)
    assert body in statements_of("Is there a setup fee?", body)


@pytest.mark.parametrize(
    "body",
    [
        "Yes, if less than 30 days have passed.",
        "Yes, on Works.",
        "Yes, but only within 30 days.",
        "Yes, only an owner can do it.",
        "Yes. But only within 30 days.",
        "Yes.\n\n- Only on Works.",
        "Yes, if:\n\n- it is unused.",
        "Yes:\n\n- within 30 days.",
        "Yes – within 30 days.",
    ],
)
def test_a_yes_under_a_condition_is_not_told_without_it(body: str) -> None:
    assert refused("A deleted project can be restored.", "Can a deleted project be restored?", body)


@pytest.mark.parametrize(
    "body", ["No, only by an owner.", "No. Only an owner can do it.", "No, unless asked."]
)
def test_a_no_with_an_exception_is_not_told_without_it(body: str) -> None:
    assert refused("A deleted project cannot be restored.", "Can a deleted project be restored?", body)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Yes.", "A deleted project can be restored."),
        ("Yes. Open Settings.", "A deleted project can be restored."),
        ("Yes, if less than 30 days have passed.", "It can be restored if less than 30 days have passed."),
        ("No. But it can be copied.", "A deleted project cannot be restored."),
        ("No, but it can be copied.", "A deleted project cannot be restored."),
        ("Never.", "A deleted project cannot be restored."),
    ],
)
def test_an_answer_states_its_question(body: str, sentence: str) -> None:
    assert refused(sentence, "Can a deleted project be restored?", body) == []


DENYING = [
    "What isn't covered",
    "What isn’t covered?",
    "What can’t be covered",
    "Nothing of this is covered",
    "Not covered: damage",
    "When isn't it covered?",
    "Excluded",
    "The warranty excludes",
    "Known limitations",
]


@pytest.mark.parametrize("heading", DENYING)
@pytest.mark.parametrize(
    "body", ["- Water damage.", "1. Water damage.", "Water damage.", "- **Water damage**: Repair: yes."]
)
def test_a_heading_that_denies_is_no_topic_and_binds_what_stands_below_it(heading: str, body: str) -> None:
    assert topic_lines("", heading) == []
    assert not {"Water damage.", "water damage."} & {*statements_of(heading, body)}
    assert refused("Water damage is covered.", heading, body)


@pytest.mark.parametrize(
    ("heading", "body", "sentence"),
    [
        (
            "If a payment fails",
            "We try again after 3 days.",
            "If a payment succeeds, we try again after 3 days.",
        ),
        ("Before the parcel leaves", "You can change the address yourself.", "You can change the address."),
        (
            "Before the parcel leaves",
            "You can change the address yourself.",
            "When the parcel has left, you can change the address yourself.",
        ),
        ("Refunds (only if unused)", "You get the money back.", "You get a refund of the money."),
        ("Until March", "It costs €5. Shipping is free.", "The shipping is free of charge."),
        ("Unless you cancel", "- **Team**: Seats: 5.", "You have 5 seats."),
    ],
)
def test_a_conditional_heading_limits_each_statement_below_it(heading: str, body: str, sentence: str) -> None:
    assert topic_lines("", heading) == []
    assert refused(sentence, heading, body)


def test_a_sentence_with_the_condition_of_its_heading_is_supported() -> None:
    body = "You can change the address yourself."
    assert (
        refused("You can change the address before the parcel leaves.", "Before the parcel leaves", body)
        == []
    )


def test_a_question_about_a_time_is_a_topic() -> None:
    assert topic_lines("", "When are you billed?") == ["# When are you billed?"]
    assert statements_of("When are you billed?", "On the 1st.") == ("On the 1st.",)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Team, Works", ("5 seats on Team, Works.", "5 seats.")),
        ("Team and Works", ("5 seats on Team and Works.", "5 seats.")),
        ("Team, yearly", ("5 seats on Team if yearly.", "5 seats if yearly.")),
        ("team, yearly", ("5 seats on team if yearly.", "5 seats if yearly.")),
    ],
)
def test_only_what_is_no_plan_limits_a_row_of_plans(row: str, told: tuple[str, ...]) -> None:
    assert statements_of("", f"- **{row}**: Seats: 5.", PLANS, "Team") == told


def test_what_the_own_plan_lacks_is_said_of_that_plan_only() -> None:
    body = "- **Team**: Bank transfer: no.\n- **Works**: Bank transfer: yes."
    assert "no bank transfer." not in statements_of("", body, PLANS, "Team")
    assert refused("A bank transfer is not possible.", "", body)
    assert refused("A bank transfer is not possible on Team.", "", body) == []


def test_a_limit_in_a_question_stays_in_its_answer() -> None:
    heading = "Can a deleted project be restored within 30 days?"
    assert refused("A deleted project can be restored within 30 days.", heading, "Yes.") == []
    assert refused("A deleted project can be restored.", heading, "Yes.")
    assert statements_of("Can't it be restored?", "No.") == ()
