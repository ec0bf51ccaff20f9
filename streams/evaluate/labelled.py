"""The rows of a file of labelled messages: which columns they need, and what each cell may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.sentiment.scores import LABELS

NEEDED: Final = ("text", "label")
OPTIONAL: Final = ("frustrated", "threat", "category", "industry")
_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False, "": None}
_SHOWN_CHARACTERS: Final = 40
"""Length to which a wrong value is cut in a sentence."""


class ColumnsError(ValueError):
    """The columns of the file do not fit; the message is a sentence without its full stop."""


class WrongLabelError(ValueError):
    """A cell cannot be understood; the message says which and why."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A message and what a reader heard: `label` is the number of its mood in LABELS.

    `line` is its line in the file, from 1. `frustrated` and `threat` are None if they are not labelled;
    `category` and `industry` are "" if they are not given.
    """

    line: int
    text: str
    label: int
    frustrated: bool | None = None
    threat: bool | None = None
    category: str = ""
    industry: str = ""


def columns_of(header: Sequence[str]) -> dict[str, str]:
    """Return the column of each field that the file has; capital letters and blanks around do not matter.

    Raises ColumnsError if `text` or `label` is missing, or a field has two columns.

    >>> columns_of(["Text", "label", "id"])
    {'text': 'Text', 'label': 'label'}
    """
    found: dict[str, str] = {}
    for column in header:
        name = column.strip().casefold()
        if name in found:
            raise ColumnsError(f"has the column {name} more than once; which one holds it is not clear")
        if name in NEEDED + OPTIONAL:
            found[name] = column
    missing = [name for name in NEEDED if name not in found]
    if missing:
        listed = ", ".join(header)
        raise ColumnsError(f"has no column {' and no column '.join(missing)} (columns: {listed})")
    return found


def is_labelled(cells: Mapping[str, str], columns: Mapping[str, str]) -> bool:
    """Return whether the cells could be a row: they have a known mood."""
    return str(cells.get(columns["label"], "")).strip().casefold() in LABELS


def labelled_text(line: int, cells: Mapping[str, str], columns: Mapping[str, str]) -> LabelledText:
    """Return the row of these cells; `columns` as `columns_of` returns them. Raises WrongLabelError.

    >>> columns = {"text": "text", "label": "label", "threat": "threat"}
    >>> labelled_text(2, {"text": "We leave.", "label": "Negative", "threat": "1"}, columns)
    LabelledText(line=2, text='We leave.', label=0, frustrated=None, threat=True, category='', industry='')
    """
    fields = {name: cells[column] for name, column in columns.items()}
    mood = fields["label"].strip().casefold()
    if mood not in LABELS:
        raise WrongLabelError(f"label {_shown(fields['label'])} is not negative, neutral or positive")
    return LabelledText(
        line=line,
        text=fields["text"],
        label=LABELS.index(mood),
        frustrated=_flag("frustrated", fields),
        threat=_flag("threat", fields),
        category=fields.get("category", "").strip(),
        industry=fields.get("industry", "").strip(),
    )


def _flag(name: str, fields: Mapping[str, str]) -> bool | None:
    said = fields.get(name, "")
    if said.strip().casefold() not in _FLAGS:
        raise WrongLabelError(f"{name} {_shown(said)} is not 0, 1, true, false or blank")
    return _FLAGS[said.strip().casefold()]


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…")
