"""The customer's own prose in sentences: without quoted spans, code, links, addresses and numbers."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_QUOTED: Final = re.compile(
    r"```.{0,2000}?```|`[^`]{0,500}`|\{[^{}]{0,500}\}"
    r'|"[^"\n]{1,400}"|“[^”\n]{1,400}”|„[^“”"\n]{1,400}[“”"]|«[^»\n]{1,400}»|»[^«\n]{1,400}«'
    r"|‹[^›\n]{1,400}›|「[^」\n]{1,400}」|『[^』\n]{1,400}』"
    r"|‘[^’\n]{2,400}’(?!\w)|(?<!\w)'[^\n']{0,10} [^\n]{2,400}?'(?!\w)",
    re.DOTALL,
)
"""Spans whose words are not the writer's own: quotes of many countries, code, JSON."""

_CODE: Final = re.compile(r"://|\Awww\.|[@_\\/{}<>=\[\]|\d]")
"""A token with such a character is a link, an address, a path, a number or a name in code."""

_LOG: Final = re.compile(
    r"\s*(?:\[|\d{2,4}[-:.]\d\d|at \S{1,200}\(|File \"|Traceback\b|Caused by\b|npm ERR"
    r"|(?:Error|Erreur|Fehler|Errore|Fout|Fel|Błąd|Ошибка)\b"
    r"|(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|CRITICAL)\b|(?:error|warning|fatal): "
    r"|[\w.]{0,80}(?:Error|Exception): )"
)
"""The start of a line that a program wrote."""

_SENTENCE: Final = re.compile(r"(?<=[.!?:;…])\s+|(?<=[。！？：；])|[()（）]| [-–—] ")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN_END: Final = 0x24F
_LATIN_EXTENDED: Final = range(0x1E00, 0x1F00)
_DENSE_START: Final = 0x2E80
_DENSE: Final = 3
"""Latin letters that say as much as one letter of a dense script. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence in Latin or in other letters.

    `is_reported` tells that a program wrote them, or that a line in other letters frames them; `introduces`
    that the sentence ends in a colon, `asks` that it ends in a question mark.
    """

    words: tuple[str, ...]
    is_latin: bool
    is_reported: bool
    introduces: bool
    asks: bool = False

    @property
    def size(self) -> int:
        """The number of letters; a letter of Chinese, Japanese or Korean counts _DENSE times."""
        letters = sum(map(len, self.words))
        return letters if self.is_latin or ord(self.words[0][0]) < _DENSE_START else _DENSE * letters


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of the writer's own prose, in order; of a text that is all quoted, its words.

    A sentence with Latin and other letters is two. Equal sentences count once: a log repeats itself.

    >>> [" ".join(found.words) for found in sentences('It says "Zugriff verweigert". Why? See https://x.io/1')]
    ['It says', 'Why', 'See']
    >>> [" ".join(found.words) for found in sentences('"Zugriff verweigert"')]
    ['Zugriff verweigert']
    """
    return _distinct(_QUOTED.sub(" ", text)) or _distinct(text)


def _distinct(text: str) -> list[Sentence]:
    return list(dict.fromkeys(sentence for line in text.splitlines() for sentence in _of_line(line)))


def _of_line(line: str) -> Iterator[Sentence]:
    is_log = _LOG.match(line) is not None
    parts = [
        (_WORD.findall(" ".join(token for token in part.split() if not _CODE.search(token))), part)
        for part in _SENTENCE.split(line)
    ]
    frame = _frame([word for words, _ in parts for word in words])
    for words, part in parts:
        introduces, asks = part.rstrip().endswith((":", "：")), part.rstrip().endswith(("?", "？", "؟"))
        latin = tuple(word for word in words if is_latin_word(word))
        others = tuple(word for word in words if not is_latin_word(word)) if len(latin) < len(words) else ()
        if latin:
            yield Sentence(latin, True, is_log or frame is False, introduces, asks)
        if others:
            yield Sentence(others, False, is_log or frame is True, introduces, asks)


def _frame(words: list[str]) -> bool | None:
    """Return whether a line begins and ends with Latin letters (True) or with others (False), or None."""
    if not words:
        return None
    begins, ends = is_latin_word(words[0]), is_latin_word(words[-1])
    return begins if begins == ends else None


def is_latin_word(word: str) -> bool:
    """Tell whether most letters of a word are Latin.

    >>> is_latin_word("Größe"), is_latin_word("файл")
    (True, False)
    """
    if word.isascii():
        return True
    return 2 * sum(map(_is_latin_letter, word)) >= len(word)


def _is_latin_letter(letter: str) -> bool:
    code = ord(letter)
    return code <= _LATIN_END or code in _LATIN_EXTENDED or unicodedata.name(letter, "").startswith("LATIN")
