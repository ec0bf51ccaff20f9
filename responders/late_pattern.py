"""Patterns that are compiled at their first use, because a process that reads no text needs none of them."""

from collections.abc import Iterator
from functools import cached_property

import regex


class LatePattern:
    r"""A pattern of the module `regex`.

    A hundred patterns of thousands of words take five seconds to compile, which every command would wait for
    at its start.

    >>> pattern = LatePattern(r"(\d+)\s?kg")
    >>> pattern.search("about 12 kg").group(1), pattern.match("about 12 kg")
    ('12', None)
    """

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        """The pattern itself."""
        return regex.compile(self._source, self._flags)

    def search(self, text: str, start: int | None = None, end: int | None = None) -> regex.Match[str] | None:
        """Return the first match between two places of the text."""
        return self.compiled.search(text, start, end)

    def match(self, text: str, start: int | None = None, end: int | None = None) -> regex.Match[str] | None:
        """Return the match that begins at `start`."""
        return self.compiled.match(text, start, end)

    def fullmatch(
        self, text: str, start: int | None = None, end: int | None = None
    ) -> regex.Match[str] | None:
        """Return the match that begins at `start` and ends at `end`."""
        return self.compiled.fullmatch(text, start, end)

    def finditer(
        self, text: str, start: int | None = None, end: int | None = None, *, overlapped: bool = False
    ) -> Iterator[regex.Match[str]]:
        """Return the matches in order."""
        return self.compiled.finditer(text, start, end, overlapped=overlapped)

    def findall(self, text: str) -> list[str]:
        """Return the texts of the matches, of a pattern without groups."""
        return self.compiled.findall(text)

    def split(self, text: str, *, maxsplit: int = 0) -> list[str]:
        """Return the parts of the text between the matches."""
        return self.compiled.split(text, maxsplit)
