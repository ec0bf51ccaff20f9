from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from responders.generation import AskBrief, Brief, Composed, Composer, Fact, Material, consensus
from tests.responders.support.drafting_samples import EXPORTS, SEATS, SOLVED, STUCK


def material(body: str, **given: object) -> Material:
    fields: Mapping[str, object] = {
        "source_id": "m#0",
        "source_kind": "macro",
        "title": "Add seats",
        "body": body,
    }
    return Material.model_validate({**fields, **given})


def compose(body: str, query: str = "seats", **given: object) -> Composed:
    passage = given.pop("material", material(body))
    fields = {"asks": (AskBrief.model_validate({"text": query, "passages": (passage,)}),), "public": False}
    return Composer().compose(Brief.model_validate({**fields, **given}))


def text_of(composed: Composed, kind: str) -> list[str]:
    return [part.text for part in composed.parts if part.kind == kind]


FACTS = (
    Fact(name="plan", value="Team", quote="plan Team", source_id="account:plan"),
    Fact(name="seats", value="12", quote="12 seats", source_id="account:seats"),
)


def test_slots_are_filled_from_facts_and_cite_them() -> None:
    composed = compose(SEATS.body, facts=FACTS)
    first = next(part for part in composed.parts if part.kind == "step")
    assert first.text == "Your plan Team has 12 seats today."
    assert first.source_ids == ("m#0", "account:plan", "account:seats")


def test_a_sentence_with_an_unknown_slot_is_left_out_and_asked_for_once() -> None:
    composed = compose(SEATS.body)
    assert "order_number" in composed.missing
    assert composed.question == "Could you tell me the plan?"
    assert not any("{" in part.text for part in composed.parts)
    assert len(text_of(composed, "question")) == 1


def test_greeting_and_sign_off_of_a_macro_are_not_repeated() -> None:
    composed = compose(SEATS.body, facts=FACTS, greeting_name="Ada")
    whole = "\n".join(part.text for part in composed.parts)
    assert whole.startswith("Hi Ada,")
    assert whole.count("Best regards") == 1
    assert "Hello" not in whole


def test_the_macros_own_sympathy_opens_only_an_apology() -> None:
    assert text_of(compose(STUCK.body, tone="apology"), "acknowledgement") == ["I am sorry for the wait."]
    assert "sorry" not in text_of(compose(STUCK.body), "acknowledgement")[0]


def test_the_tone_follows_the_mood() -> None:
    openings = {
        tone: text_of(compose("Do it.", tone=tone), "acknowledgement")[0]
        for tone in ("calm", "apology", "warm")
    }
    assert "sorry" in openings["apology"]
    assert "kind words" in openings["warm"]
    assert len(set(openings.values())) == 3


def test_a_public_answer_has_neither_name_nor_facts() -> None:
    spoken = Fact(name="anomaly", value="42", quote="42", source_id="a", spoken="I can see 42 failures.")
    composed = compose("Plan {plan}.\n\nDo it.", public=True, greeting_name="Ada", facts=(*FACTS, spoken))
    whole = "\n".join(part.text for part in composed.parts)
    assert whole.startswith("Hello,")
    assert not any(word in whole for word in ("Ada", "Team", "42"))


def test_a_long_passage_keeps_only_the_blocks_that_answer() -> None:
    filler = "\n\n".join(
        f"Paragraph {n} tells about gardening, flowers and the weather at length. " * 4 for n in range(8)
    )
    body = f"{filler}\n\nTo rotate a key:\n\n1. Open **Settings**.\n2. Choose `Rotate`.\n\n{filler}"
    composed = compose(body, query="How do I rotate my key?")
    assert [part.text for part in composed.parts if part.layout == "item"] == [
        "Open Settings.",
        "Choose Rotate.",
    ]
    assert sum(len(text) for text in text_of(composed, "step")) < 1_000


def test_markdown_becomes_plain_text_and_links_keep_their_address() -> None:
    composed = compose("Read **this** [guide](https://help.example.com/x) of `a_b_c`.")
    assert text_of(composed, "step") == ["Read this guide (https://help.example.com/x) of a_b_c."]


def test_a_public_article_is_linked_by_its_title() -> None:
    article = material(EXPORTS.body, source_kind="article", title=EXPORTS.title, url=EXPORTS.url, public=True)
    composed = compose("", material=article)
    assert text_of(composed, "link") == [f"More about this: {EXPORTS.url}"]


def test_the_customers_words_never_enter_the_text() -> None:
    composed = compose("Do it.", query="XYZZY please say XYZZY")
    assert not any("XYZZY" in part.text for part in composed.parts)


@given(st.text(max_size=400), st.text(max_size=100), st.integers(0, 9))
def test_any_passage_is_composed_and_always_in_the_same_way(body: str, query: str, variant: int) -> None:
    ask = AskBrief(text=query, passages=(material(body),))
    brief = Brief(asks=(ask,), public=False, variant=variant)
    composed = Composer().compose(brief)
    assert composed == Composer().compose(brief)
    assert composed.parts[0].kind == "greeting"
    assert composed.parts[-1].text.startswith("Best regards")


def solved_materials(*pairs: tuple[str, str]) -> list[Material]:
    return [
        Material(source_id=f"s{n}", source_kind="solved_ticket", title="t", body=body, account_id=account)
        for n, (account, body) in enumerate(pairs)
    ]


def test_a_consensus_keeps_the_sentences_told_to_two_accounts_and_nothing_private() -> None:
    found = consensus(solved_materials(*[(solved.account_id, solved.answer) for solved in SOLVED]))
    assert found is not None
    assert found.body == "Set the kiosk refresh rate to 60."


def test_two_tickets_of_one_account_give_no_consensus() -> None:
    assert consensus(solved_materials(("a", "Clear the cache."), ("a", "Clear the cache."))) is None


WORDS = st.lists(
    st.sampled_from("clear the cache set rate to 60 90 zebra walrus falcon".split()), min_size=1, max_size=8
)


@given(st.lists(st.tuples(st.sampled_from("ab"), WORDS.map(" ".join)), max_size=4))
def test_every_word_of_a_consensus_was_told_to_another_account_too(pairs: list[tuple[str, str]]) -> None:
    materials = solved_materials(*pairs)
    found = consensus(materials)
    if found is not None:
        others = [set(m.body.split()) for m in materials if m.account_id != found.account_id]
        assert all(any(word in other for other in others) for word in found.body.split())
