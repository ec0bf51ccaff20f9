"""Admit rows of knowledge files as records, and report the values that are left out. Pure."""

from collections.abc import Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from responders.markup.converting import as_markdown
from responders.markup.tags import untagged
from schemas.base import Record
from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket, read_leniently

R = TypeVar("R", bound=Record)

ID_FIELDS: Final[Mapping[type[Record], str]] = {
    Account: "account_id",
    KnowledgeArticle: "article_id",
    Macro: "macro_id",
    SolvedTicket: "ticket_id",
}
"""The field with the id of a record, by kind."""

_NEEDS_WORDS: Final[Mapping[type[Record], tuple[str, ...]]] = {
    KnowledgeArticle: ("body",),
    Macro: ("question", "body"),
    SolvedTicket: ("question", "answer"),
}
_SHOWN_LABELS: Final = ("name", "plan", "region", "owner", "title")
"""Fields that are shown as they are; tags of HTML are taken out of them."""

_FAULT_WORDS: Final = {
    "missing": "missing",
    "string_too_short": "empty",
    "too_short": "empty",
    "too_long": "longer than {max_length:,}",
    "string_too_long": "longer than {max_length:,}",
    "greater_than_equal": "below {ge:,.0f}",
    "less_than_equal": "above {le:,.0f}",
    "finite_number": "not a finite number",
    "int_parsing": "not a whole number",
    "int_parsing_size": "not a whole number",
    "int_from_float": "not a whole number",
    "int_type": "not a whole number",
    "float_parsing": "not a number",
    "float_type": "not a number",
    "bool_parsing": "not true or false",
    "bool_type": "not true or false",
    "tuple_type": "not a list",
    "literal_error": "not one of {expected}",
    "string_type": "not a text",
    "string_unicode": "not a text",
    "timezone_aware": "a time without a zone",
    "datetime_type": "not a time in ISO 8601",
    "datetime_parsing": "not a time in ISO 8601",
    "datetime_from_date_parsing": "not a time in ISO 8601",
}


class Refused(ValueError):
    """The row is not a valid record. The message names the field and the fault and quotes no value."""


class Admitted(NamedTuple, Generic[R]):
    """A record, and the faults of its fields that are left unknown, as "field: fault"."""

    record: R
    left_unknown: tuple[str, ...] = ()


def admit(kind: type[R], row: Mapping[str, Any]) -> Admitted[R]:
    """Return the record of a row; a wrong value of an optional field is left unknown and reported.

    Tags of HTML are taken out of names and titles. Raises Refused if the row is not a valid record, and if an
    article, macro or solved ticket has no words to read.

    >>> admit(Account, {"account_id": "a", "name": "<b>Acme</b>", "seats": -3})[1]
    ('seats: below 0',)
    """
    cleaned = {name: _without_tags(name, value) for name, value in row.items()}
    try:
        record, wrong = read_leniently(kind, cleaned)
    except ValidationError as error:
        raise Refused(faults(error)[0]) from None
    for name in _NEEDS_WORDS.get(kind, ()):
        if not as_markdown(getattr(record, name)).strip():
            raise Refused(f"{name}: nothing in it to read")
    return Admitted(record, tuple(dict.fromkeys(faults(wrong))) if wrong else ())


def _without_tags(name: str, value: object) -> object:
    return untagged(value) if name in _SHOWN_LABELS and isinstance(value, str) else value


def faults(error: ValidationError) -> list[str]:
    """Return the faults, as "field: fault" in plain words; no value is quoted."""
    return [_fault(detail) for detail in error.errors(include_input=False, include_url=False)]


def _fault(detail: Any) -> str:
    place = ".".join(str(part) for part in detail["loc"]) or "row"
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return f"{place}: {context['error']}"
    words = _FAULT_WORDS.get(detail["type"])
    return f"{place}: {words.format(**context) if words else detail['type'].replace('_', ' ')}"
