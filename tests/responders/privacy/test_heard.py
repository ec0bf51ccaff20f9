"""What a model hears is masked too, and names that it doubts are not."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from responders.drafting.subject import reply_subject
from responders.privacy.heard import heard_values, joined
from responders.privacy.pseudonyms import Pseudonyms
from responders.privacy.span import PersonalValue, without_overlaps
from schemas.personal import HeardValue, HeardValues
from schemas.reading.units import unit_spans


def heard(*values: tuple[str, str], doubted: tuple[str, ...] = ()) -> HeardValues:
    told = [{"kind": kind, "text": text} for kind, text in values]
    return HeardValues(values=tuple(map(HeardValue.model_validate, told)), doubted=doubted)


def test_a_heard_value_is_masked_in_every_text_of_the_ticket_and_restored() -> None:
    pseudonyms = Pseudonyms(heard=heard(("NAME", "Ilse"), ("TOKEN", "bluefinch")))
    assert (
        pseudonyms.mask("spoke to Ilse, the word is bluefinch") == "spoke to [NAME_1], the word is [TOKEN_1]"
    )
    assert pseudonyms.mask("Re: Ilse") == "Re: [NAME_1]"
    assert pseudonyms.restore("Dear [NAME_1]") == "Dear Ilse"


def test_a_heard_value_is_not_masked_inside_another_word() -> None:
    text = "the birdhouse and the bird_box"
    assert Pseudonyms(heard=heard(("TOKEN", "bird"))).mask(text) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ខ្ញុំសុភាបាន", "សុភា"),
        ("ຂ້ອຍສົມໄຊມາ", "ສົມໄຊ"),
        ("ကျွန်တော်အောင်ပါ", "အောင်"),
        ("ผมสมชายครับ", "สมชาย"),
        ("请问张伟在吗", "张伟"),
        ("私はさくらです", "さくら"),
        ("すみませんサクラですか", "サクラ"),
    ],
)
def test_a_heard_name_is_masked_in_scripts_without_blanks(text: str, name: str) -> None:
    masked = Pseudonyms(heard=heard(("NAME", name))).mask(text)
    assert name not in masked
    assert "[NAME_1]" in masked


@given(st.text(max_size=30), st.data())
def test_what_is_heard_at_the_units_of_a_text_is_found_there_again(text: str, data: st.DataObject) -> None:
    units = list(unit_spans(text))
    assume(units)
    first = data.draw(st.integers(0, len(units) - 1))
    last = data.draw(st.integers(first, len(units) - 1))
    start, end = units[first][0], units[last][1]
    told = heard(("NAME", text[start:end]))
    assert PersonalValue(start, end, "NAME") in list(heard_values(text, told))


@pytest.mark.parametrize("blanks", ["  ", "\n", "\t ", "\u00a0"])
def test_a_value_is_masked_although_its_blanks_were_others_when_it_was_heard(blanks: str) -> None:
    told = heard(("NAME", f"Ilse{blanks}Okafor"))
    for text in (f"about Ilse{blanks}Okafor", "about Ilse Okafor", "about Ilse   Okafor"):
        assert Pseudonyms(heard=told).mask(text) == "about [NAME_1]"


def test_a_heard_name_is_masked_in_a_subject_with_double_blanks() -> None:
    pseudonyms = Pseudonyms(heard=heard(("NAME", "Ilse  Okafor")))
    assert "Ilse" not in reply_subject("Visit of  Ilse  Okafor", pseudonyms)


def test_a_heard_address_takes_in_the_part_that_the_rules_found() -> None:
    told = heard(("ADDRESS", "the yellow house, 3 Mill Lane"))
    masked = Pseudonyms(heard=told).mask("send it to the yellow house, 3 Mill Lane, thanks")
    assert masked == "send it to [ADDRESS_1], thanks"


def test_a_value_with_a_form_stays_itself_inside_a_heard_one() -> None:
    told = heard(("ACCOUNT", "203.0.113.9 77123"))
    assert Pseudonyms(heard=told).mask("from 203.0.113.9 77123") == "from [IP_1][ACCOUNT_1]"


def test_a_name_of_the_rules_is_left_alone_if_every_word_is_doubted() -> None:
    text = "Kind regards, Maria Keller"
    assert Pseudonyms().mask(text) == "Kind regards, [NAME_1]"
    assert Pseudonyms(heard=heard(doubted=("Maria", "Keller"))).mask(text) == text


def test_the_requester_is_masked_whatever_a_model_doubts() -> None:
    assert Pseudonyms(["Tobias"], heard(doubted=("Tobias",))).mask("I am Tobias") == "I am [NAME_1]"


def test_secrets_and_numbers_of_the_rules_are_masked_whatever_a_model_doubts() -> None:
    told = heard(doubted=("pin", "0415", "my"))
    assert Pseudonyms(heard=told).mask("my pin is 0415") == "my pin is [TOKEN_1]"


_SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(["NAME", "ADDRESS", "IP", "ACCOUNT"])),
    max_size=8,
)


@given(_SPANS, _SPANS)
def test_no_letter_of_a_kept_or_heard_value_is_lost_and_none_is_twice(
    ruled: list[tuple[int, int, str]], told: list[tuple[int, int, str]]
) -> None:
    text = "abcdefghij" * 4
    first, second = (
        [PersonalValue(start, start + length, kind) for start, length, kind in spans]
        for spans in (ruled, told)
    )
    kept = list(without_overlaps(first))
    found = joined(text, kept, second)
    places = [place for value in found for place in range(value.start, value.end)]
    assert places == sorted(set(places))
    assert set(places) == {place for value in (*kept, *second) for place in range(value.start, value.end)}
