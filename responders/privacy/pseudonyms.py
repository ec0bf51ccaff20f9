"""The placeholders of one ticket: each personal value is replaced by a placeholder of its kind."""

from collections.abc import Iterator, Sequence
from typing import Final

import regex

from responders.privacy.addresses import addresses
from responders.privacy.heard import heard_values, joined, without_doubted
from responders.privacy.known_names import KnownNames
from responders.privacy.names import names
from responders.privacy.numbers import numbers
from responders.privacy.people import birthdates, phones, registered_numbers
from responders.privacy.secrets import secrets
from responders.privacy.span import KINDS, PersonalValue, without_overlaps
from schemas.personal import HeardValues

_PLACEHOLDER: Final = regex.compile(rf"\[(?:{'|'.join(KINDS)})_[0-9]{{1,9}}\]")

_RECOGNISERS: Final = (secrets, numbers, registered_numbers, birthdates, addresses, phones, names)


def found_by_rules(text: str) -> Iterator[PersonalValue]:
    """Yield the values that the recognisers find, which may overlap."""
    for recognise in _RECOGNISERS:
        yield from recognise(text)


def has_placeholder(text: str) -> bool:
    """Tell whether `text` has a placeholder; such a text must not be sent to anyone.

    >>> has_placeholder("Write to [EMAIL_1]"), has_placeholder("See [1]")
    (True, False)
    """
    return _PLACEHOLDER.search(text) is not None


def without_placeholders(text: str) -> str:
    """Return masked text as it may be sent, with an ellipsis in place of each placeholder.

    >>> without_placeholders("Write to [EMAIL_1], see [1]")
    'Write to …, see [1]'
    """
    return _PLACEHOLDER.sub("…", text)


class Pseudonyms:
    """The placeholders of one ticket: the same value has the same placeholder in every text of the ticket.

    `names` are words of names that the ticket tells, such as the requester's. `heard` is what a model hears
    in the ticket; without it the rules alone find values. Not for several threads at once.

    >>> pseudonyms = Pseudonyms()
    >>> pseudonyms.mask("Write to ada@example.com or ops@example.com, not to ada@example.com.")
    'Write to [EMAIL_1] or [EMAIL_2], not to [EMAIL_1].'
    >>> pseudonyms.restore("Dear [EMAIL_2]")
    'Dear ops@example.com'
    """

    def __init__(self, names: Sequence[str] = (), heard: HeardValues | None = None) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._masked: dict[str, str] = {}
        self._known = KnownNames(names)
        self._heard = heard

    def mask(self, text: str) -> str:
        """Return `text` with every found value replaced; `restore` gives `text` back exactly."""
        if text not in self._masked:
            self._masked[text] = self._without_values(text)
        return self._masked[text]

    def _without_values(self, text: str) -> str:
        pieces: list[str] = []
        start = 0
        for value in joined(text, without_overlaps(self._found(text)), heard_values(text, self._heard)):
            pieces += [
                text[start : value.start],
                self._placeholder(value.kind, text[value.start : value.end]),
            ]
            start = value.end
        return "".join([*pieces, text[start:]])

    def restore(self, text: str) -> str:
        """Return `text` with this ticket's placeholders replaced by their values; other placeholders stay."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(match.group(), match.group()), text)

    @property
    def found(self) -> dict[str, int]:
        """Return the number of distinct values of each kind that were masked so far."""
        return dict(self._counts)

    def _found(self, text: str) -> Iterator[PersonalValue]:
        for match in _PLACEHOLDER.finditer(text):
            yield PersonalValue.at(match.span(), "LITERAL")
        yield from without_doubted(text, found_by_rules(text), self._heard)
        yield from self._known.find(text)

    def _placeholder(self, kind: str, value: str) -> str:
        if (kind, value) not in self._placeholders:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"[{kind}_{self._counts[kind]}]"
            self._placeholders[kind, value] = placeholder
            self._values[placeholder] = value
        return self._placeholders[kind, value]
