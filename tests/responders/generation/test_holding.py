import re

import pytest

from responders.generation.holding import follow_up_reply, holding_reply, thanks_reply
from responders.generation.holding_phrases import ENGLISH, GERMAN, LANGUAGES, SPANISH
from responders.policy import injection_suspicions, unsourced_risks

ROUTES = (*ENGLISH, "a new reason")
LEFT = r"\b(?:refund|guarantee|within|hours?|days?|tomorrow|today|soon|discount|credit|fault|liab\w+|admit)\b"
VARIANTS = range(3)


def texts(route: str, language: str, variant: int) -> list[str]:
    return [part.text for part in holding_reply(route, language=language, variant=variant)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_holding_reply_is_two_to_four_sentences_that_name_who_takes_it(route: str, language: str) -> None:
    for variant in VARIANTS:
        said = texts(route, language, variant)
        assert 2 <= len(said) <= 4
        assert not re.search(r"[{}]", " ".join(said))
        owned = holding_reply(route, language=language, owner="Ada Byron", variant=variant)
        assert "Ada Byron" in " ".join(part.text for part in owned)


@pytest.mark.parametrize("route", ROUTES)
def test_a_holding_reply_promises_no_time_and_no_money_and_admits_nothing(route: str) -> None:
    for variant in VARIANTS:
        said = texts(route, "en", variant)
        assert re.findall(LEFT, " ".join(said), re.IGNORECASE) == []
        assert [unsourced_risks(text) for text in said if unsourced_risks(text)] == []
        assert [text for text in said if injection_suspicions(text)] == []


def test_a_sentence_begins_with_a_capital_letter_whoever_takes_it() -> None:
    for table, language in ((ENGLISH, "en"), (GERMAN, "de"), (SPANISH, "es")):
        for route in table:
            assert all(text[0].isupper() for text in texts(route, language, 0))


def test_other_languages_get_english_and_variants_differ() -> None:
    assert texts("refund", "fi", 0) == texts("refund", "en", 0)
    assert texts("refund", "en", 0) != texts("refund", "en", 1)
    assert texts("refund", "en", 0) == texts("refund", "en", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_thanks_and_follow_ups_get_two_sentences(language: str) -> None:
    for variant in VARIANTS:
        assert len(thanks_reply(language=language, variant=variant)) == 2
        assert len(follow_up_reply(language=language, variant=variant)) == 2
