import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.privacy import Pseudonyms

PERSONAL = {
    "ada@example.com": "EMAIL",
    "o'neil+x@mail.example.co.uk": "EMAIL",
    "4242 4242 4242 4242": "CARD",
    "378282246310005": "CARD",
    "DE89 3704 0044 0532 0130 00": "IBAN",
    "GB29NWBK60161331926819": "IBAN",
    "203.0.113.77": "IP",
    "2001:db8::ff00:42:8329": "IP",
    "+44 20 7946 0958": "PHONE",
    "(030) 123 4567": "PHONE",
    "555-010-1234": "PHONE",
    "tsr_live_9f8Qk2LmZx71TtVb03NcYe55aa": "TOKEN",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789": "TOKEN",
    "AKIAIOSFODNN7EXAMPLE": "TOKEN",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27u": "TOKEN",
}
HARMLESS = (
    "Run 20260303 failed at epoch 38 of 50 with 1,200,000 labels.",
    "Order 4242 4242 4242 4243 is not a card number.",
    "See version 1.2.3 of the SDK, ratio 16:9, at 09:10:22.",
    "TR-101 and EX-02 on dataset street-scenes-2024-01.",
    "C++ std::vector costs $29.99 on 2026-03-03.",
)
PIECES = st.one_of(
    st.sampled_from([*PERSONAL, "[EMAIL_1]", "[PHONE_", "1]", "Ada", " ", "://u:pw@h"]), st.text(max_size=20)
)


@pytest.mark.parametrize(("value", "kind"), PERSONAL.items())
def test_each_kind_of_personal_value_is_replaced(value: str, kind: str) -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.mask(f"It is {value} for now") == f"It is [{kind}_1] for now"
    assert pseudonyms.found == {kind: 1}


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_that_are_not_personal_values_stay(text: str) -> None:
    assert Pseudonyms().mask(text) == text


def test_credentials_in_addresses_are_replaced() -> None:
    assert (
        Pseudonyms().mask("postgres://bob:hunter22@db.example.com/x")
        == "postgres://[CREDENTIAL_1]@db.example.com/x"
    )


def test_secrets_after_their_names_are_replaced() -> None:
    assert Pseudonyms().mask("password: hunter2hunter") == "password: [TOKEN_1]"


def test_a_value_has_the_same_placeholder_in_all_texts_of_a_ticket() -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.mask("a@x.io b@x.io") == "[EMAIL_1] [EMAIL_2]"
    assert pseudonyms.mask("b@x.io") == "[EMAIL_2]"


def test_given_names_are_replaced_as_whole_words() -> None:
    assert Pseudonyms(["Ada"]).mask("Ada and Adapter") == "[NAME_1] and Adapter"


def test_placeholders_of_another_ticket_are_not_restored() -> None:
    assert Pseudonyms().restore("[EMAIL_7]") == "[EMAIL_7]"


@given(st.lists(PIECES, max_size=12).map("".join))
def test_restoring_gives_the_masked_text_back(text: str) -> None:
    pseudonyms = Pseudonyms(["Ada"])
    assert pseudonyms.restore(pseudonyms.mask(text)) == text


@given(st.lists(st.sampled_from(list(PERSONAL)), min_size=1, max_size=4))
def test_no_personal_value_survives_between_words(values: list[str]) -> None:
    masked = Pseudonyms().mask(" and ".join(values))
    assert not any(value in masked for value in values)


@given(st.integers(min_value=10**14, max_value=10**15 - 1))
def test_one_digit_completes_a_card_number(number: int) -> None:
    masked = [Pseudonyms().mask(f"Card {number}{digit}.") for digit in range(10)]
    assert masked.count("Card [CARD_1].") == 1


def test_a_card_in_arabic_digits_is_replaced() -> None:
    assert Pseudonyms().mask("Card ٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢.") == "Card [CARD_1]."


@pytest.mark.parametrize(
    ("iban", "masked"),
    [
        ("GB29NWBK60161331926819", "[IBAN_1]"),
        ("GB29NWBK60161331926891", "GB29NWBK60161331926891"),
        ("XX04NWBK60161331926819", "[IBAN_1]"),
    ],
)
def test_the_check_digits_alone_tell_an_iban(iban: str, masked: str) -> None:
    assert Pseudonyms().mask(f"Pay to {iban}, please") == f"Pay to {masked}, please"
