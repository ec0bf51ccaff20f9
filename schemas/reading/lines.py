"""A message as lines: each line has its text, its quote depth, and its role in the markup."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

_UNWANTED: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 0x200B, 0x2060, 0xFEFF))
_LINE_ENDS: Final = {0x2028: "\n", 0x2029: "\n", 0x85: "\n", 0xA0: " ", 0x202F: " ", 0x2007: " "}
_COMBINED: Final = re.compile(r"[^\W\d_][\u0300-\u036f]{1,8}(?![\u0300-\u036f])")
_MARKS: Final = re.compile(r"[ \t]{0,3}((?:>[ \t]?){1,200})")
_PROMPT: Final = re.compile(r"\s{0,3}(?:>>>|\.\.\.)(?: |$)")
_PROMPT_DEPTH: Final = 3

SIGNATURE_MARK: Final = "-- "
"""The line above a signature (RFC 3676, 4.3)."""


MAX_RULE_CHARACTERS: Final = 1_000
"""Rules about whole lines skip longer lines, so that a hostile line costs no time."""


class Role(Enum):
    """The role that the markup of an HTML mail gives a line."""

    TEXT = auto()
    HEADER = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its quote marks; `depth` counts the quotes around it."""

    text: str
    depth: int = 0
    role: Role = Role.TEXT

    @property
    def blank(self) -> bool:
        """Whether the line shows no character."""
        return not self.text or self.text.isspace()


def matches(pattern: re.Pattern[str], line: Line) -> bool:
    """Tell whether a pattern matches the start of a line that is neither empty nor too long for rules.

    >>> matches(re.compile("Sent from"), Line("Sent from my phone"))
    True
    """
    return 0 < len(line.text) <= MAX_RULE_CHARACTERS and pattern.match(line.text) is not None


def plain(text: str) -> str:
    r"""Return the text with "\n" line ends, plain blanks, and no control character or lone surrogate.

    >>> plain("a\r\nb\x00\u200b\xa0c \ud800")
    'a\nb c ?'
    """
    valid = text.encode("utf-8", errors="replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return _COMBINED.sub(_composed, valid.translate(_UNWANTED | _LINE_ENDS))


def _composed(match: re.Match[str]) -> str:
    """Compose one letter with its accents: composing a whole hostile text would take quadratic time."""
    return unicodedata.normalize("NFC", match.group())


def lines_of(text: str) -> list[Line]:
    r"""Return the lines of a plain text; `>` marks become depth, except those of a Python prompt.

    >>> [(line.depth, line.text) for line in lines_of("Yes.\n> Sure?\n>> No")]
    [(0, 'Yes.'), (1, 'Sure?'), (2, 'No')]
    """
    lines = [marked(_trimmed(line)) for line in text.split("\n")]
    depths = {line.depth for line in lines}
    if depths <= {0, _PROMPT_DEPTH}:
        return [_unprompted(line, raw) for line, raw in zip(lines, text.split("\n"), strict=True)]
    return lines


def _trimmed(line: str) -> str:
    """Return a line without blanks at its end, except the blank of a signature mark: "-- "."""
    return SIGNATURE_MARK if line == SIGNATURE_MARK else line.rstrip()


def marked(line: str, role: Role = Role.TEXT) -> Line:
    """Return a line of text, with its `>` marks as depth."""
    marks = _MARKS.match(line)
    if marks is None:
        return Line(line, role=role)
    return Line(line[marks.end() :], depth=marks.group(1).count(">"), role=role)


def _unprompted(line: Line, raw: str) -> Line:
    return Line(raw.rstrip()) if line.depth and _PROMPT.match(raw) else line


def lifted(lines: list[Line]) -> list[Line]:
    """Return lines with one quote level taken off."""
    return [replace(line, depth=max(0, line.depth - 1)) for line in lines]


def joined(lines: list[Line]) -> str:
    r"""Return the lines as text, without blank lines at its ends and with at most one blank line in a row.

    >>> joined(lines_of("\na\n\n\n\nb\n"))
    'a\n\nb'
    """
    return re.sub(r"\n{3,}", "\n\n", "\n".join("" if line.blank else line.text for line in lines)).strip()
