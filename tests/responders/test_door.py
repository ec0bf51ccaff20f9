"""Rows that are refused, values that are left unknown, and the faults that are reported."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from responders.door import Refused, admit
from schemas import Account, KnowledgeArticle, Macro, SolvedTicket
from schemas.knowledge import account_at_rest

WHEN = "2026-01-05T09:00:00Z"
ACCOUNT = {"account_id": "acme", "name": "Acme"}
ARTICLE = {"article_id": "a", "title": "Export", "body": "Open Reports.", "updated_at": WHEN}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("seats", -1, "below 0"),
        ("seats", True, "a number is needed, not true or false"),
        ("seats", 10**12, "above 1,000,000,000"),
        ("seats", "many", "not a whole number"),
        ("annual_revenue", -0.01, "below 0"),
        ("annual_revenue", 1e300, "above 1,000,000,000,000,000"),
        ("annual_revenue", float("nan"), "not a finite number"),
        ("annual_revenue", float("inf"), "not a finite number"),
        ("renewal_on", "9999-12-31T00:00:00Z", "a date must be before 2200-01-01"),
        ("renewal_on", "0001-01-01T00:00:00Z", "the time of an event must be after 1970-01-01"),
        ("renewal_on", "2026-12-31T00:00:00", "a time without a zone"),
        ("plan", "x" * 301, "longer than 300"),
        ("owner", 7, "not a text"),
    ],
)
def test_an_odd_value_of_an_account_is_left_unknown_and_the_field_is_named(
    field: str, value: object, fault: str
) -> None:
    account, unknown = admit(Account, {**ACCOUNT, field: value, "region": "EU"})
    assert unknown == (f"{field}: {fault}",)
    assert account.model_dump()[field] is None
    assert account.region == "EU"


@pytest.mark.parametrize("name", ["", " \t ", "\x00"[:0], "x" * 301, None, "<b></b>"])
def test_an_account_without_a_name_to_show_is_refused(name: object) -> None:
    with pytest.raises(Refused, match="name: "):
        admit(Account, {**ACCOUNT, "name": name})


def test_names_are_one_line_without_tags_and_without_marks_that_turn_the_text() -> None:
    account = admit(Account, {**ACCOUNT, "name": " <b>Acme</b>\r\n\x07Ltd.\u202e ", "plan": " "}).record
    assert (account.name, account.plan) == ("Acme Ltd.", None)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//x.test/a", "https://", "https://u:p@x.test", "https://["],
)
def test_an_address_that_is_not_a_page_is_left_unknown(url: str) -> None:
    article, unknown = admit(KnowledgeArticle, {**ARTICLE, "url": url})
    assert article.url is None
    assert unknown == ("url: an address begins with https:// or http:// and a host",)


@pytest.mark.parametrize("public", ["maybe", 7, []])
def test_an_article_is_never_public_by_mistake(public: object) -> None:
    with pytest.raises(Refused, match="public: "):
        admit(KnowledgeArticle, {**ARTICLE, "public": public})


@pytest.mark.parametrize("body", ["", "  \n", "<p>&nbsp;</p>", "<script>alert(1)</script>", "<!-- later -->"])
def test_an_article_without_words_to_read_is_refused(body: str) -> None:
    with pytest.raises(Refused, match="body: nothing in it to read"):
        admit(KnowledgeArticle, {**ARTICLE, "body": body})


def test_a_long_article_is_admitted() -> None:
    assert admit(KnowledgeArticle, {**ARTICLE, "body": "Word. " * 50_000}).left_unknown == ()


def test_a_newer_version_of_a_record_is_refused() -> None:
    with pytest.raises(Refused, match="schema_version"):
        admit(Account, {**ACCOUNT, "schema_version": 2})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


WRONG: tuple[object, ...] = (
    *(True, [], ["x"], {}, object(), b"\xff", "maybe", "2026-13-01T00:00:00Z"),
    *(10**30, 0.5, -1, "9" * 5_000),
)


@pytest.mark.parametrize("field", sorted({*Account.model_fields, *KnowledgeArticle.model_fields}))
def test_every_fault_is_reported_in_plain_words(field: str) -> None:
    kind, row = (Account, ACCOUNT) if field in Account.model_fields else (KnowledgeArticle, ARTICLE)
    said = re.compile(rf"{field}(\.\d+)?: (not|a|an|above|below|longer|empty|missing|the time of)( |$)")
    for wrong in WRONG:
        try:
            faults: tuple[str, ...] = admit(kind, {**row, field: wrong}).left_unknown
        except Refused as refused:
            faults = (str(refused),)
        assert [fault for fault in faults if not said.match(fault)] == []


@given(st.sampled_from([Account, KnowledgeArticle, Macro, SolvedTicket]), st.data())
def test_any_row_becomes_a_record_or_a_reason(kind: type, data: st.DataObject) -> None:
    row = {name: data.draw(JSON) for name in kind.model_fields}  # type: ignore[attr-defined]
    try:
        record, unknown = admit(kind, row)
    except Refused:
        return
    assert all(": " in fault for fault in unknown)
    assert kind.model_validate_json(record.to_bytes()) == record  # type: ignore[attr-defined]


STORED = st.none() | st.dictionaries(st.sampled_from(list(Account.model_fields)), JSON)


@given(st.text(min_size=1, max_size=200), STORED)
def test_a_stored_account_is_always_read_whichever_build_stored_it(
    account_id: str, record: dict[str, object] | None
) -> None:
    try:
        Account(account_id=account_id, name="x")
    except ValidationError:
        return  # no record of that id can be on a topic
    assert account_at_rest(account_id, record).account_id == account_id
