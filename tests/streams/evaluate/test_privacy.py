"""Spans that are masked against labelled spans."""

from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate.privacy import (
    PrivacyExample,
    PrivateSpan,
    figures_by_kind,
    is_right,
    judge_privacy,
    masked_spans,
    privacy_report,
)

TEXT = "I am Ada Byron, write to ada@example.com or see build 8f3a."


def span(part: str, kind: str, text: str = TEXT) -> PrivateSpan:
    return PrivateSpan(start=text.index(part), end=text.index(part) + len(part), kind=kind)


EXAMPLE = PrivacyExample(
    id="a",
    text=TEXT,
    spans=(span("Ada Byron", "name"), span("ada@example.com", "email")),
    names=("Ada Byron",),
)


def test_masked_parts_are_told_as_spans_of_the_text() -> None:
    assert [TEXT[found.start : found.end] for found in masked_spans(EXAMPLE)] == [
        "Ada Byron",
        "ada@example.com",
    ]


def test_a_name_masked_word_by_word_is_found() -> None:
    figures = privacy_report(judge_privacy([EXAMPLE], masked_spans)).as_json()
    assert (figures["recall"]["value"], figures["precision"]["value"]) == (1.0, 1.0)
    assert figures["by_kind"]["name"]["recall"]["value"] == 1.0
    assert figures["baselines"]["email_and_phone"]["recall"]["value"] == 0.5
    assert figures["baselines"]["rules_alone"]["recall"] == figures["recall"]


def test_a_part_that_is_masked_without_need_lowers_the_precision_of_its_kind() -> None:
    text = "The part ghp_abcdefghij0123456789 is public."
    judged = judge_privacy([PrivacyExample(id=1, text=text)], masked_spans)
    assert figures_by_kind(judged)["secret"]["precision"].value == 0.0
    assert privacy_report(judged).figures["harmless_changed"].value == 1.0


def test_a_span_far_longer_than_the_value_is_wrong() -> None:
    whole = PrivateSpan(start=0, end=len(TEXT), kind="email")
    assert not is_right(whole, TEXT, [span("ada@example.com", "email")])


def test_a_placeholder_that_the_customer_wrote_is_no_span() -> None:
    assert list(masked_spans(PrivacyExample(id=1, text="Use [EMAIL_1] and [FOO_2] as in the manual."))) == []


@given(
    st.lists(
        st.sampled_from(["ada@example.com", "[EMAIL_1]", "[NAME_2]", "192.168.0.7", "Ada", "text", "é\n"])
    )
)
def test_each_span_starts_and_ends_with_what_was_masked(parts: list[str]) -> None:
    text = " and ".join(parts)
    found = list(masked_spans(PrivacyExample(id=1, text=text, names=("Ada",))))
    masked = [part for part in parts if part in {"ada@example.com", "192.168.0.7", "Ada"}]
    assert [text[one.start : one.end] for one in found] == masked
