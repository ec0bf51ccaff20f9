"""What a reply may say of headings, lists and tables, of the account's own plan, and of what was asked."""

import pytest

from responders.drafting.assembly import judge_parts
from responders.drafting.told_sources import foreign_plan
from responders.generation.brief import AskBrief, Brief, Fact, Material, ReplyPart

PLANS = ("Free", "Team", "Business")
OWN_PLAN = Fact(name="plan", value="Team", quote="Account Harbor: plan Team", source_id="account:a/plan")


def refused(
    *said: str, heading: str, body: str, title: str = "Help", asked: str = "How is it?", fact: bool = False
) -> list[str]:
    """Return the reasons against the last of some sentences about one section."""
    passage = Material(
        source_id="article:a#0", source_kind="article", title=title, heading=heading, body=body
    )
    brief = Brief(
        asks=(AskBrief(text=asked, passages=(passage,)),), public=False, facts=(OWN_PLAN,), plans=PLANS
    )
    cited = (passage.source_id, *([OWN_PLAN.source_id] if fact else []))
    parts = [ReplyPart(kind="step", text=text, source_ids=cited, ask=0) for text in said]
    return judge_parts(parts, brief, allowed_hosts=frozenset())[-1][1]


NEVER = "- Skipped tasks.\n- Corrections made by a reviewer."
RESET = "No. But a project can be left out: open **Project > Settings**."
LIMITS = (
    "- **Free**: Requests a minute: 60.\n- **Team**: Requests a minute: 300.\n"
    "- **Business**: Requests a minute: 900."
)
CARDS = "- **machines, coffee**: Gift card: yes.\n- **Plus membership**: Gift card: no."
PAID = (
    "- **Team**: Bank transfer: no.\n- **Business, monthly**: Bank transfer: no.\n"
    "- **Business, yearly**: Bank transfer: yes, 30 days."
)
BROKEN = (
    "- Damage that you can see from outside: within 5 days of delivery.\n"
    "- Damage that shows only when you unpack: within 14 days of delivery."
)
LINK = "- The link works for 7 days.\n- Files above 5 GB are split into parts."


@pytest.mark.parametrize(
    ("sentence", "title", "heading", "body"),
    [
        ("The link to a label export works for 7 days.", "Export labels", "Good to know", LINK),
        ("Corrections made by a reviewer are never counted.", "Bill", "Never counted", NEVER),
        ("A score cannot be reset.", "Scores", "Can a score be reset?", RESET),
        ("On your Team plan the limit is 300 requests a minute.", "Limits of the API", "", LIMITS),
        ("You can make 300 requests a minute.", "Limits of the API", "", LIMITS),
        ("A gift card cannot be used for a Plus membership.", "Use a gift card", "", CARDS),
        ("On Business, a bank transfer is possible if billed yearly.", "Pay", "Ways to pay", PAID),
        ("You can see damage from outside within 5 days of delivery.", "Broken", "Tell us in time", BROKEN),
    ],
)
def test_headings_lists_and_tables_support_what_they_say_together(
    sentence: str, title: str, heading: str, body: str
) -> None:
    assert refused(sentence, title=title, heading=heading, body=body) == []


@pytest.mark.parametrize(
    ("sentence", "title", "heading", "body"),
    [
        ("The link to a label export works for 9 days.", "Export labels", "Good to know", LINK),
        ("Corrections made by a reviewer are counted.", "Bill", "Never counted", NEVER),
        ("A score can be reset.", "Scores", "Can a score be reset?", RESET),
        ("On your Team plan the limit is 900 requests a minute.", "Limits of the API", "", LIMITS),
        ("On Free the limit is 300 requests a minute.", "Limits of the API", "", LIMITS),
        ("You can make 900 requests a minute.", "Limits of the API", "", LIMITS),
        ("A gift card can be used for a Plus membership.", "Use a gift card", "", CARDS),
        ("On Business, a bank transfer is possible.", "Pay", "Ways to pay", PAID),
        ("On Business, a bank transfer is possible if billed monthly.", "Pay", "Ways to pay", PAID),
        ("Damage that you can see from outside: within 14 days.", "Broken", "Tell us in time", BROKEN),
    ],
)
def test_what_they_do_not_say_together_is_refused(sentence: str, title: str, heading: str, body: str) -> None:
    assert refused(sentence, title=title, heading=heading, body=body, fact=True)


def test_the_row_of_another_plan_is_not_told_as_the_accounts_own() -> None:
    assert refused("On your plan (Business): 900 requests a minute.", heading="", body=LIMITS)


def test_a_limit_to_a_plan_is_kept_if_a_fact_shows_that_the_account_has_it() -> None:
    body = "Consensus is available on Team only."
    assert (
        refused("Consensus is available on Team, and that is your plan.", heading="", body=body, fact=True)
        == []
    )
    assert refused("Consensus is available on Team.", heading="", body=body)


def test_a_condition_that_the_sentence_before_says_is_not_left_out() -> None:
    body = "Your model keeps answering and can push the bill up, unless Include deployments is ticked."
    first = "Your model keeps answering, unless Include deployments is ticked."
    second = "It can push the bill up."
    assert refused(first, second, heading="", body=body) == []
    assert refused(second, heading="", body=body)


def test_a_word_of_the_customer_is_no_evidence() -> None:
    body = "If an endpoint fails for 3 days, it is switched off."
    sentence = "If an endpoint fails for 3 days, it is switched off for the scanner."
    assert refused(sentence, heading="", body=body, asked="Why did our scanner go quiet?")
    assert refused(sentence, heading="", body=body)


@pytest.mark.parametrize(
    ("sentence", "own", "foreign"),
    [
        ("On your plan (Team Plus): 25 seats.", "Team Plus", None),
        ("You are on Team Plus.", "Team Plus", None),
        ("On your plan (Team Plus): 25 seats.", "Team", "Team Plus"),
        ("On your plan (Team): 25 seats.", "Team Plus", "Team"),
        ("You’re on the Team plan.", "Team Plus", "Team"),
        ("Your plan is Pro+.", "Team", "Pro+"),
        ("On your plan (Team Plus), not on Team: 25 seats.", "Team Plus", None),
    ],
)
def test_the_longest_name_of_a_plan_counts(sentence: str, own: str, foreign: str | None) -> None:
    fact = OWN_PLAN.model_copy(update={"value": own})
    brief = Brief(asks=(), public=False, facts=(fact,), plans=("Pro+", "Team", "Team Plus"))
    assert foreign_plan(sentence, brief) == foreign
