"""Files of labelled examples: one JSON object per line, with an id, and wrong lines with their reasons."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from streams.evaluate.reading import WrongRow

E = TypeVar("E", bound="LabelledExample")

SHOWN_FAULTS: Final = 3
"""Faults of one line that its reason names."""


class LabelledExample(BaseModel):
    """One labelled example; `id` is unique in its file, `kind` groups the figures and may be blank."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ExampleFile(Generic[E]):
    """The examples of a file and its wrong lines, both in the order of the file."""

    examples: tuple[E, ...]
    wrong: tuple[WrongRow, ...]


def read_examples(lines: Iterable[bytes], kind: type[E]) -> ExampleFile[E]:
    r"""Read each non-blank line as an example; a line without `id` gets its number, from 1.

    A line is wrong if it is no JSON object, a field is missing or wrong, or its id was used before.

    >>> read_examples([b'{"id": "a"}\n', b"oops\n", b'{"kind": 3}\n'], LabelledExample).wrong
    (WrongRow(line=2, reason='not JSON'), WrongRow(line=3, reason='kind: input should be a valid string'))
    """
    found: dict[str | int, E] = {}
    wrong = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        example = _example(number, line, kind)
        if isinstance(example, WrongRow):
            wrong.append(example)
        elif example.id in found:
            wrong.append(WrongRow(number, "its id was used before"))
        else:
            found[example.id] = example
    return ExampleFile(tuple(found.values()), tuple(wrong))


def _example(number: int, line: bytes, kind: type[E]) -> E | WrongRow:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return WrongRow(number, "not UTF-8")
    except (ValueError, RecursionError):
        return WrongRow(number, "not JSON")
    if not isinstance(row, dict):
        return WrongRow(number, "not a JSON object")
    try:
        return kind.model_validate({"id": number, **row})
    except ValidationError as error:
        return WrongRow(number, "; ".join(_fault(fault) for fault in error.errors()[:SHOWN_FAULTS]))


def _fault(fault: Mapping[str, Any]) -> str:
    """Return the field and what is wrong, without the value.

    >>> _fault({"loc": ("asks", 0, "question"), "msg": "Field required"})
    'asks.0.question: field required'
    """
    said = str(fault["msg"])
    return f"{'.'.join(map(str, fault['loc']))}: {said[:1].lower()}{said[1:]}"
