"""Splits one message into its parts: new words, answers to quotes, quotes, forwarded text and signature.

Every step is linear in the length of the message and looks at a bounded number of lines around each line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from schemas.reading.banners import banner_lines
from schemas.reading.footers import (
    device_lines,
    form_lines,
    invite_lines,
    legal_lines,
    mailing_lines,
    reply_marker,
)
from schemas.reading.headers import header_at
from schemas.reading.lines import Line, Role, joined, lifted, lines_of, plain
from schemas.reading.markup import is_html, markup_lines
from schemas.reading.pointers import adds_nothing
from schemas.reading.result import Answer, Reading
from schemas.reading.signature import signature_lines

_WRAPPED_CHARACTERS: Final = 50
"""A mail program may have wrapped a quoted line of at least this length, with no mark on the rest."""

_RULE: Final = re.compile(r"\s*[_=*—–-]{3,200}\s*$")
_SENTENCE_END: Final = re.compile(r"[.!?:;。？！]\s*$")


def read(body: str) -> Reading:
    r"""Return the parts of one raw message: plain text or HTML, of any mail program, help desk or form.

    `Reading.newest` has the writer's new words in the order of the message: with greeting, thanks,
    answers below or between quotes and P.S.; without quotes and their header lines, signature, disclaimers,
    "Sent from my ...", banners and form lines. A closing formula ("Best regards") is part of the signature,
    and so are thanks with a name below; "Thanks!" alone is kept. Pure; never raises; linear in the
    length.

    >>> read("It failed again.\n\nOn Mon, 3 Mar 2025 at 10:12, Ann <ann@x.io> wrote:\n> Try it now.").newest
    'It failed again.'
    >>> read("> Does it work now?\nNo, still broken.\n-- \nBob\nACME Ltd").answers
    (Answer(quoted='Does it work now?', text='No, still broken.'),)
    >>> read("<p>Where is <b>my&nbsp;invoice</b>?</p><blockquote>old words</blockquote>").newest
    'Where is my invoice?'
    >>> read("FYI\n\nBegin forwarded message:\n\n> From: Bo\n> Subject: Seats\n>\n> How do I add seats?").text
    'FYI\n\nHow do I add seats?'
    """
    text = plain(body)
    return _read_lines(markup_lines(text) if is_html(text) else lines_of(text), inside_forward=False)


def _read_lines(lines: list[Line], *, inside_forward: bool) -> Reading:
    above, below = _at_marker(lines)
    parts = _Parts()
    parts.take(above)
    reading = _older_read(parts) if inside_forward else _forward_read(parts)
    return replace(reading, quoted=_apart(reading.quoted, joined(below))) if below else reading


def _older_read(parts: "_Parts") -> Reading:
    """Return the parts of a forwarded message; a message that it forwards itself counts as quoted."""
    reading = parts.reading()
    return replace(reading, quoted=_apart(reading.quoted, joined(parts.forwarded)))


def _forward_read(parts: "_Parts") -> Reading:
    reading = parts.reading()
    if not parts.forwarded:
        return reading
    inner = _read_lines(parts.forwarded, inside_forward=True)
    said = inner.newest or inner.quoted
    sure = parts.surely_forwarded
    points = parts.may_be_forward and bool(said) and adds_nothing(reading.newest, surely_forwarded=sure)
    if not points and not parts.surely_forwarded:
        return _older_read(parts)
    rest = _apart(reading.quoted, inner.quoted if inner.newest else "")
    signed = _apart(reading.signature, inner.signature)
    return replace(reading, forwarded=said, quoted=rest, signature=signed, points_to_forwarded=points)


def _apart(*parts: str) -> str:
    """Return the texts that are not empty as one text, with a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def _at_marker(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Split the lines at "reply above this line"; if that line is the first, all others count as above."""
    number = reply_marker(lines)
    if number is None:
        return lines, []
    above = lines[:number]
    if any(not line.blank and not line.depth for line in above):
        end = number
        while end and (lines[end - 1].blank or _RULE.match(lines[end - 1].text)):
            end -= 1
        return lines[:end], lines[end:]
    return [*above, *lines[number + 1 :]], []


@dataclass(slots=True)
class _Parts:
    """Collects the stretches of one message in order."""

    own: list[list[Line]] = field(default_factory=list)
    before: list[list[Line]] = field(default_factory=list)
    quoted: list[Line] = field(default_factory=list)
    forwarded: list[Line] = field(default_factory=list)
    surely_forwarded: bool = False
    may_be_forward: bool = True
    _run: list[Line] = field(default_factory=list)
    _quote: list[Line] = field(default_factory=list)

    def take(self, lines: list[Line]) -> None:
        """Sort the lines into stretches of own words, quotes, and forwarded lines."""
        number = 0
        while number < len(lines):
            header = None if lines[number].depth else header_at(lines, number)
            if header is not None:
                start, number = number, number + header.width
                self._add_quote(lines[start:number])
                if self._ends_at(lines, number, forwarded=header.forwarded):
                    break
            elif lines[number].depth or self._is_wrapped(lines, number):
                if _opens_forward(lines, number) and not self._has_words():
                    self._take_forward(lifted(lines[number:]), surely=True)
                    break
                self._add_quote([lines[number]])
                number += 1
            else:
                self._add_own(lines[number])
                number += 1
        self._end_run()

    def _ends_at(self, lines: list[Line], number: int, *, forwarded: bool | None) -> bool:
        """Take all lines after a header as forwarded or quoted, if the end of the message is not marked."""
        rest = lines[number:]
        first = next((line for line in rest if not line.blank), None)
        if first is None:
            return False
        if forwarded:
            self._take_forward(lifted(rest) if first.depth else rest, surely=True)
            return True
        if first.depth:
            return False
        self.may_be_forward = forwarded is None or not self._has_words()
        self._take_forward(rest, surely=False)
        return True

    def _take_forward(self, lines: list[Line], *, surely: bool) -> None:
        width = 0
        while width < len(lines) and lines[width].blank:
            width += 1
        header = header_at(lines, width) if width < len(lines) else None
        body = width + header.width if header else width
        self._add_quote(lines[:body])
        self.forwarded = lines[body:]
        self.surely_forwarded = surely

    def _has_words(self) -> bool:
        return any(not line.blank for run in (*self.own, self._run) for line in run)

    def _is_wrapped(self, lines: list[Line], number: int) -> bool:
        """Tell whether an unmarked line is the rest of a quoted line that a mail program wrapped."""
        if not 0 < number < len(lines) - 1 or lines[number].blank or not self._quote:
            return False
        before, line, after = lines[number - 1 : number + 2]
        return (
            before.depth > 0
            and after.depth == before.depth
            and len(before.text) >= _WRAPPED_CHARACTERS
            and len(line.text) < len(before.text)
            and not _SENTENCE_END.search(before.text)
            and line.text[:1].islower()
        )

    def _add_quote(self, lines: Sequence[Line]) -> None:
        if any(not line.blank for line in self._run):
            self._end_run()
        self._run = []
        self._quote.extend(lines)
        self.quoted.extend(lines)

    def _add_own(self, line: Line) -> None:
        self._run.append(line)

    def _end_run(self) -> None:
        self.own.append(self._run)
        self.before.append(self._quote)
        self._run, self._quote = [], []

    def reading(self) -> Reading:
        """Return the parts, without the lines that programs added."""
        said: list[str] = []
        signed: list[str] = []
        answers: list[Answer] = []
        for run, quote in zip(self.own, self.before, strict=True):
            own, signature = _cleaned(run)
            if not own and not quote:
                own, signature = _cleaned(run, is_footer_free=True)
            if own:
                said.append(own)
                if asked := joined([line for line in quote if line.depth]):
                    answers.append(Answer(asked, own))
            if signature:
                signed.append(signature)
        return Reading(
            newest="\n\n".join(said),
            answers=tuple(answers),
            quoted=joined(self.quoted),
            signature="\n\n".join(signed),
        )


def _opens_forward(lines: list[Line], number: int) -> bool:
    """Tell whether a quote begins with a mark of forwarding, as in the HTML of Apple Mail."""
    header = header_at(lines, number) if not lines[number].blank else None
    return header is not None and header.forwarded is True


def _added_lines(run: list[Line]) -> tuple[set[int], dict[int, str]]:
    """Return the lines that help desks, servers and mailings add, and the messages next to a label."""
    unwanted, messages = form_lines(run)
    return unwanted | banner_lines(run) | mailing_lines(run), messages


def _cleaned(run: list[Line], *, is_footer_free: bool = False) -> tuple[str, str]:
    """Return the own words of a stretch, and the lines that were taken out.

    `is_footer_free` is set if a message has no words but a ticket's line, a warning or a mailing's footer:
    then a person wrote these lines, and they stay.
    """
    unwanted, messages = (set(), {}) if is_footer_free else _added_lines(run)
    unwanted |= device_lines(run) | invite_lines(run)
    lines = [
        replace(line, text=messages.get(number, "" if number in unwanted else line.text))
        for number, line in enumerate(run)
    ]
    legal = legal_lines(lines)
    lines = [replace(line, text="") if number in legal else line for number, line in enumerate(lines)]
    signed = signature_lines(lines)
    own = [line for number, line in enumerate(lines) if number not in signed and number not in legal]
    taken = unwanted | legal | signed
    rest = [line for number, line in enumerate(run) if number in taken or (line.role is Role.SIGNATURE)]
    return joined(own), joined(rest)
