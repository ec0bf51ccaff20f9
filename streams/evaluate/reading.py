"""How well mails are read: the share read exactly, and the share that loses a sentence."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from streams.evaluate.proportion import Proportion

_SENTENCE_END = re.compile(r"(?<=[.!?。?！])\s+|\n")


@dataclass(frozen=True, slots=True)
class Mail:
    """One labelled mail: the number of its line (from 1), its raw body and the expected words."""

    line: int
    body: str
    expected: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A line that is no labelled mail, and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class MailRead:
    """A mail and the words that were read from it; `lost` are the missing expected sentences."""

    mail: Mail
    read: str
    lost: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the words read are the expected words; runs of blanks and line ends count as one blank."""
        return normalised(self.read) == normalised(self.mail.expected)

    def as_json(self) -> dict[str, object]:
        """Return the mail with its result, as one line of the output file."""
        mail = self.mail
        told = {**mail.labels, "line": mail.line, "body": mail.body, "expected": mail.expected}
        return {**told, "read": self.read, "exact": self.exact, "lost": list(self.lost)}


def mails_of(lines: Iterable[bytes]) -> Iterator[Mail | WrongRow]:
    r"""Yield each non-blank line as a mail, or as a wrong row with its reason; in order.

    >>> list(mails_of([b'{"body": "Hi", "expected": "Hi"}\n', b"oops\n"]))
    [Mail(line=1, body='Hi', expected='Hi', labels={}), WrongRow(line=2, reason='not JSON')]
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _mail_of(number, line)


def _mail_of(number: int, line: bytes) -> Mail | WrongRow:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return WrongRow(number, "not UTF-8")
    except (ValueError, RecursionError):
        return WrongRow(number, "not JSON")
    if not isinstance(row, dict):
        return WrongRow(number, "not a JSON object")
    for name in ("body", "expected"):
        if not isinstance(row.get(name), str):
            return WrongRow(number, f"{name} is missing or no text")
    labels = {name: value for name, value in row.items() if isinstance(value, str)}
    return Mail(number, labels.pop("body"), labels.pop("expected"), labels)


def read_mails(mails: Iterable[Mail], read: Callable[[str], str]) -> list[MailRead]:
    """Read each mail with `read`, which takes a raw body and returns the newest words; in order."""
    found = []
    for mail in mails:
        words = read(mail.body)
        found.append(MailRead(mail, words, tuple(lost_sentences(mail.expected, words))))
    return found


def lost_sentences(expected: str, read: str) -> list[str]:
    """Return the expected sentences and lines that are missing in the words read.

    >>> lost_sentences("It failed. Why?", "It  failed.")
    ['Why?']
    """
    kept = normalised(read)
    parts = (normalised(part) for part in _SENTENCE_END.split(expected))
    return [part for part in parts if part and part not in kept]


def normalised(text: str) -> str:
    r"""Return the text with each run of blanks and line ends as one blank.

    >>> normalised(" a\n\n b ")
    'a b'
    """
    return " ".join(text.split())


def exact_share(found: Sequence[MailRead]) -> Proportion:
    """Return how many mails are read exactly."""
    return Proportion(sum(mail.exact for mail in found), len(found))


def lost_share(found: Sequence[MailRead]) -> Proportion:
    """Return how many mails lose at least one expected sentence."""
    return Proportion(sum(bool(mail.lost) for mail in found), len(found))


def grouped(found: Sequence[MailRead], label: str) -> dict[str, list[MailRead]]:
    """Return the mails by the value of a label, sorted; mails without it under ''."""
    groups: dict[str, list[MailRead]] = {}
    for mail in found:
        groups.setdefault(mail.mail.labels.get(label, ""), []).append(mail)
    return dict(sorted(groups.items()))
