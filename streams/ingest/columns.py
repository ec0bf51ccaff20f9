"""The columns of the user's file that become the fields of a record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streams.ingest.texts import IngestError

Cells = Mapping[str, Any]
"""The cells of a row by column."""

JOINED_BY: Final = "/"


@dataclass(frozen=True)
class Columns:
    """The columns of each field of a record (several are joined by a slash), or its constant.

    A column of JSON may be a path, as `organization.name` or `contacts.0.email`. `values` translates the
    values of a field; its keys are folded by `folded`.
    """

    sources: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def pick(self, cells: Cells) -> dict[str, Any]:
        """Return the fields that a row has; an empty cell is no field.

        >>> Columns({"account_id": ("org", "team.id"), "body": ("text",)}, {"channel": "chat"}).pick(
        ...     {"org": "acme", "team": {"id": 7}, "text": ""}
        ... )
        {'channel': 'chat', 'account_id': 'acme/7'}
        """
        picked: dict[str, Any] = dict(self.constants)
        for name, columns in self.sources.items():
            value = cell(cells, columns[0]) if len(columns) == 1 else _joined(cells, columns)
            if value is not None and value != "":
                picked[name] = value
        for name, known in self.values.items():
            if name in picked:
                picked[name] = known.get(folded(picked[name]), picked[name])
        return picked

    def missing(self, required: Iterable[str], present: Sequence[str]) -> str | None:
        """Return why these columns do not fit a file that has the columns `present`, or None if they do."""
        named = {column for columns in self.sources.values() for column in columns}
        known = set(present)
        listed = ", ".join(present)
        for name in required:
            absent = [column for column in self.sources.get(name, (name,)) if column not in known]
            if absent and name not in self.constants:
                return (
                    f"The file has no column {absent[0]} for {name}; name one with --column {name}=COLUMN "
                    f"or a constant with --set {name}=VALUE (columns: {listed})."
                )
        unknown = sorted(named - known - set(self.sources))
        return f"The file has no column {unknown[0]} (columns: {listed})." if unknown else None

    def doubled(self, repeated: Mapping[str, Sequence[int]]) -> str | None:
        """Return why a file with these repeated columns cannot be read, or None if no field needs them.

        >>> Columns({"body": ("text",)}).doubled({"text": [2, 4], "tags": [5, 6]})
        'The file has the column text more than once (columns 2 and 4); which one holds body is not clear.'
        """
        for name, columns in self.sources.items():
            for column in columns:
                if column in repeated:
                    places = " and ".join(str(place) for place in repeated[column])
                    return (
                        f"The file has the column {column} more than once (columns {places}); "
                        f"which one holds {name} is not clear."
                    )
        return None


def cell(cells: Cells, column: str) -> Any:
    """Return the value of a column, or at a path of names and places; None if there is nothing.

    >>> cell({"via": {"to": [{"name": "Ada"}]}, "a.b": 1}, "via.to.0.name"), cell({"a.b": 1}, "a.b")
    ('Ada', 1)
    """
    if column in cells or "." not in column:
        return cells.get(column)
    found: Any = cells
    for part in column.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def folded(value: object) -> str:
    """Return a word in the form in which words are compared: no case, blanks, dashes and underscores.

    >>> folded(" Web-Form "), folded("native_messaging")
    ('webform', 'nativemessaging')
    """
    return "".join(char for char in str(value).casefold() if char.isalnum() or char in ":+")


def _joined(cells: Cells, columns: tuple[str, ...]) -> str | None:
    values = [cell(cells, column) for column in columns]
    if any(value is None or value == "" for value in values):
        return None
    return JOINED_BY.join(str(value) for value in values)


def parse_columns(
    fields: Sequence[str], columns: Iterable[str], constants: Iterable[str], values: Iterable[str] = ()
) -> Columns:
    """Return the columns for `--column field=column[+column]`, `--set field=value`, `--map field:value=word`.

    A field without an option is read from the column with its name.

    >>> parse_columns(["body", "account_id"], ["body=text"], ["account_id=acme"])
    Columns(sources={'body': ('text',)}, constants={'account_id': 'acme'}, values={})
    """
    sources: dict[str, tuple[str, ...]] = {name: (name,) for name in fields}
    for name, column in (_pair(text, "--column", fields) for text in columns):
        sources[name] = tuple(part.strip() for part in column.split("+"))
    fixed = dict(_pair(text, "--set", fields) for text in constants)
    mapped: dict[str, dict[str, str]] = {}
    for text in values:
        name, value, word = _mapping(text, fields)
        mapped.setdefault(name, {})[folded(value)] = word
    return Columns({name: source for name, source in sources.items() if name not in fixed}, fixed, mapped)


def _pair(text: str, option: str, fields: Sequence[str]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and value and name in fields):
        raise IngestError(
            f"{option} {text} is not understood; write {option} FIELD=…, FIELD one of {', '.join(fields)}."
        )
    return name, value


def _mapping(text: str, fields: Sequence[str]) -> tuple[str, str, str]:
    name, colon, rest = text.partition(":")
    value, equals, word = rest.rpartition("=")
    if not (colon and equals and value.strip() and word and name in fields):
        raise IngestError(
            f"--map {text} is not understood; write --map FIELD:VALUE=WORD such as channel:Phone=chat."
        )
    return name, value, word
