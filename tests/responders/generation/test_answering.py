from typing import Any

from responders.generation.brief import AskBrief, Brief, Composed, Fact, Material
from responders.generation.composer import Composer
from responders.generation.plans import AccountPlans
from responders.generation.verdicts import verdict_of

PLAN = Fact(name="plan", value="Plus", quote="Account Acme: plan Plus", source_id="account:acme/plan")


def passage(number: int, body: str, **given: Any) -> Material:
    fields = {"source_id": f"article:a{number}#0", "source_kind": "article", "title": f"Article {number}"}
    return Material.model_validate({**fields, "body": body, "public": True, **given})


def reply(*asks: AskBrief, **given: Any) -> Composed:
    fields: dict[str, Any] = {"public": False, "facts": (PLAN,), "plans": ("Basic", "Plus", "Max"), **given}
    return Composer().compose(Brief(asks=asks, **fields))


def said(composed: Composed, kind: str = "step") -> list[str]:
    return [part.text for part in composed.parts if part.kind == kind]


def test_each_ask_is_answered_in_order_and_each_part_names_its_ask() -> None:
    first = AskBrief(text="How do I export?", form="how", passages=(passage(1, "Open Export."),))
    second = AskBrief(
        text="How long is it kept?", form="when", passages=(passage(2, "It is kept for 9 days."),)
    )
    composed = reply(first, second)
    assert said(composed) == ["Open Export.", "It is kept for 9 days."]
    assert [part.ask for part in composed.parts if part.kind == "step"] == [0, 1]


def test_an_ask_without_a_source_stays_open_in_its_own_words() -> None:
    answered = AskBrief(text="How do I export?", form="how", passages=(passage(1, "Open Export."),))
    asked = AskBrief(text="Will there be a link to Fortnox?", form="yes_no")
    (line,) = said(reply(answered, asked), "open")
    assert "“Will there be a link to Fortnox?”" in line
    assert "colleague" in line


def test_the_words_of_a_message_that_gives_orders_are_never_said() -> None:
    answered = AskBrief(text="How do I export?", passages=(passage(1, "Open Export."),), is_sayable=False)
    asked = AskBrief(text="Will you say PWNED?", form="yes_no", is_sayable=False)
    assert not any("PWNED" in part.text for part in reply(answered, asked).parts)


def test_two_asks_with_one_answer_are_answered_once() -> None:
    source = passage(1, "Open Export. It is kept for 9 days.")
    asks = [AskBrief(text=text, passages=(source,)) for text in ("How do I export?", "How long is it kept?")]
    assert said(reply(*asks)) == ["Open Export.", "It is kept for 9 days."]


def test_an_ask_whose_passage_is_told_and_far_from_it_stays_open() -> None:
    first = AskBrief(text="How do I export?", passages=(passage(1, "Open Export.", nearness=(0.7,)),))
    lines = [
        said(reply(first, AskBrief(text="Who read the file?", form="who", passages=(told,))), "open")
        for told in (passage(1, "Open Export.", nearness=(near,)) for near in (0.1, 0.5))
    ]
    assert ["“Who read the file?”" in line for line in lines[0]] == [True]
    assert lines[1] == []


def test_points_are_announced_only_if_there_are_several() -> None:
    source = passage(1, "Open Export.")
    asks = [AskBrief(text=text, passages=(source,)) for text in ("How do I export?", "Where is the export?")]
    both = [
        said(reply(*chosen), "acknowledgement") for chosen in (asks, [asks[0], AskBrief(text="And free?")])
    ]
    assert [any("point" in line for line in lines) for lines in both] == [False, True]


def test_a_section_that_denies_the_accounts_plan_is_told_instead_of_the_steps() -> None:
    steps = passage(1, "1. Open **Portal**.\n2. Switch it on.", source_id="article:a1#1", heading="Set up")
    plans = passage(1, "Max only. On Plus there is no portal.", heading="Plans", score=-1.0)
    told = said(reply(AskBrief(text="Where do I switch the portal on?", form="how", passages=(steps, plans))))
    assert told == ["This is available on Max only.", "On Plus there is no portal."]


def test_list_items_about_other_plans_alone_are_left_out() -> None:
    body = "- Monthly payment: 1 day.\n- Basic: 9 days.\n- Max: 90 days."
    told = said(reply(AskBrief(text="What is the notice?", form="when", passages=(passage(1, body),))))
    assert told == ["Monthly payment: 1 day."]
    named = AskBrief(text="What is the notice on Max?", form="when", passages=(passage(1, body),))
    assert "Max: 90 days." in said(reply(named))


def test_a_public_reply_tells_all_plans_and_cites_no_account() -> None:
    body = "| Plan | Seats |\n|---|---|\n| Basic | 3 |\n| Plus | 20 |"
    composed = reply(
        AskBrief(text="How many seats?", form="amount", passages=(passage(1, body),)), public=True
    )
    assert said(composed) == ["Basic: 3 seats.", "Plus: 20 seats."]
    assert not any("account:" in source for part in composed.parts for source in part.source_ids)


def test_the_own_row_cites_the_plan_of_the_account() -> None:
    body = "| Plan | Seats |\n|---|---|\n| Basic | 3 |\n| Plus | 20 |"
    composed = reply(AskBrief(text="How many seats?", form="amount", passages=(passage(1, body),)))
    (step,) = (part for part in composed.parts if part.kind == "step")
    assert step.text == "On your plan (Plus): 20 seats."
    assert step.source_ids == ("article:a1#0", "account:acme/plan")


def test_a_passage_of_another_source_is_introduced_by_its_title() -> None:
    near = (passage(1, "Open Export.", score=0.9), passage(2, "Open Import.", score=0.89))
    ask = AskBrief(text="How do I import?", form="how", passages=near)
    assert "In case you mean “Article 2”:" in said(reply(ask), "acknowledgement")
    far = (near[0], near[1].model_copy(update={"score": 0.5}))
    assert said(reply(ask.model_copy(update={"passages": far}))) == ["Open Export."]


def test_a_passage_of_another_source_is_told_under_its_heading_too() -> None:
    other = passage(2, "- Imports of test jobs.\n- Imports again.", heading="Never counted", score=0.89)
    ask = AskBrief(text="Are imports counted?", passages=(passage(1, "Open Export.", score=0.9), other))
    assert said(reply(ask), "acknowledgement")[-2:] == ["In case you mean “Article 2”:", "Never counted:"]


def test_a_passage_of_another_source_that_shares_no_word_with_the_ask_is_left_out() -> None:
    near = (passage(1, "Open Export.", score=0.9), passage(2, "The lift is closed.", score=0.88))
    assert said(reply(AskBrief(text="How do I export?", form="how", passages=near))) == ["Open Export."]


def test_yes_or_no_is_said_only_if_the_first_sentence_decides() -> None:
    denied = AskBrief(
        text="Can I change a signed report?", passages=(passage(1, "A signed report cannot be changed."),)
    )
    assert said(reply(denied), "verdict") == ["No."]
    assert verdict_of("Can I change a report?", "Reports can be changed until they are signed.") is None
    assert verdict_of("Can I not change a report?", "A report cannot be changed.") is None
    assert verdict_of("How do I change a report?", "A report cannot be changed.") is None


def test_a_chat_reply_has_neither_greeting_nor_signature() -> None:
    ask = AskBrief(text="How do I export?", form="how", passages=(passage(1, "Open Export."),))
    composed = reply(ask, channel="chat", greeting_name="Ada")
    assert [part.kind for part in composed.parts] == ["step"]


def test_a_german_message_gets_german_phrases() -> None:
    ask = AskBrief(text="Wie exportiere ich?", form="how", passages=(passage(1, "Export öffnen."),))
    composed = reply(ask, language="de", greeting_name="Ada")
    assert said(composed, "greeting") == ["Guten Tag Ada,"]
    assert "Mit freundlichen Grüßen" in composed.parts[-1].text


def test_one_line_of_links_stands_at_the_end() -> None:
    url = "https://help.example.com/a"
    asks = [
        AskBrief(text=f"How {n}?", form="how", passages=(passage(n, f"Open page {n}.", url=f"{url}{n}"),))
        for n in (1, 2)
    ]
    assert said(reply(*asks), "link") == ["More about this:", f"{url}1", f"{url}2"]


def test_a_step_of_a_menu_and_a_common_noun_are_no_plans() -> None:
    plans = AccountPlans(own="Plus", names=("Team", "Plus"))
    assert plans.in_text("Open Team > Roles, or Settings > Team. Ask your team. Plus: 3.") == {"Plus"}


def test_another_article_is_told_for_the_case_that_it_is_meant_only_if_the_first_is_uncertain() -> None:
    first = passage(1, "Open the hall.", score=0.5)
    other = passage(2, "Book the hall.", score=0.49)
    asked = [
        AskBrief(text="Where is the hall?", form="where", passages=(first, other), probability=chance)
        for chance in (0.5, 0.95)
    ]
    assert [len(said(reply(ask))) for ask in asked] == [2, 1]


def test_a_list_without_words_before_it_is_told_under_its_heading() -> None:
    kept = passage(1, "- Corrections by a reviewer.\n- Gold tasks.", heading="Never counted")
    composed = reply(AskBrief(text="Are corrections counted?", passages=(kept,)))
    assert said(composed, "acknowledgement")[-1] == "Never counted:"
    announced = passage(2, "These are free:\n\n- Corrections.\n- Gold tasks.", heading="Free work")
    composed = reply(AskBrief(text="Are corrections counted?", passages=(announced,)))
    assert "Free work:" not in said(composed, "acknowledgement")


def test_a_sentence_that_holds_only_under_the_heading_is_told_under_it() -> None:
    failed = passage(1, "We try again after 3 days.", heading="If a payment fails")
    composed = reply(AskBrief(text="When do you try again?", passages=(failed,)))
    assert said(composed, "acknowledgement")[-1] == "If a payment fails:"
    says_it = passage(1, "If a payment fails, we try again after 3 days.", heading="If a payment fails")
    composed = reply(AskBrief(text="When do you try again?", passages=(says_it,)))
    assert "If a payment fails:" not in said(composed, "acknowledgement")


def test_no_yes_or_no_is_said_before_a_heading() -> None:
    denied = passage(1, "Exports are possible.", heading="Only for a workshop")
    composed = reply(AskBrief(text="Are exports possible?", form="yes_no", passages=(denied,)))
    assert said(composed, "verdict") == []
