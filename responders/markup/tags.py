"""Tags of HTML, and words in brackets that only look like tags.

A tag is a known element of HTML outside Markdown code. `<your-key>`, `a < b` and an `<address>` that is never
closed are not tags: `<your-key>` and `<address>` are placeholders for the reader's own values, and stay.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from responders.markup.code import code_spans

_FORMATS: Final = """a abbr acronym b bdi bdo big blockquote body br center cite dd del dfn dir div dl dt em
    fieldset figcaption figure font frame frameset h1 h2 h3 h4 h5 h6 head hgroup hr html i iframe img ins kbd
    li marquee mark noframes noscript ol optgroup p pre q rp rt ruby s samp script small span strike strong
    style sub sup svg table tbody td tfoot th thead tr tt u ul var video wbr
    mfrac mi mn mo mover mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
    munderover"""
_NOUNS: Final = """address applet area article aside audio base button canvas caption code col colgroup data
    datalist details dialog embed footer form header input label legend link main map math menu meta meter nav
    object option output param path picture progress section select slot source summary template textarea time
    title track"""
"""Elements whose bare names people also write as placeholders: `<label>`, `<address>`, `<title>`."""

_SWITCHES: Final = """allowfullscreen async autofocus autoplay checked controls default defer disabled hidden
    itemscope loop multiple muted nomodule nowrap novalidate open playsinline readonly required reversed
    selected"""
_BREAKING: Final = frozenset(
    "address article blockquote br dd details div dl dt figure form h1 h2 h3 h4 h5 h6 hr li ol p pre section"
    " summary table td th tr ul".split()
)


def any_of(names: str) -> str:
    """Return alternatives of a pattern for the names, the longest first."""
    return "|".join(sorted(names.split(), key=lambda name: (-len(name), name)))


KNOWN: Final = any_of(f"{_FORMATS} {_NOUNS}")
"""The elements of HTML, including those of old pages, as alternatives of a pattern."""

MAX_NESTING: Final = 8
"""After this many passes all brackets are removed: tags nested this deep are not text."""

NAME: Final = KNOWN + r"|[a-z][a-z0-9]{0,30}[:-][a-z][\w:.-]{0,60}"
"""The elements of HTML, of old pages, of word processors (`o:p`), and custom elements (`x-note`)."""

_SWITCH: Final = any_of(_SWITCHES)
_ATTRIBUTE: Final = (
    r"""[\w:@.-]{1,100}\s*+=\s*+(?:"[^"]{0,4000}"|'[^']{0,4000}'|[^\s"'<>]{1,4000})"""
    rf"|(?:{_SWITCH})(?=[\s/>])"
)
_TAG = re.compile(
    rf"</(?P<end>{NAME})\s*+>|<(?P<start>{NAME})(?P<attributes>(?:[\s/]++(?:{_ATTRIBUTE}))*+)[\s/]*+>"
    r"|<!--.{0,1000}?-->|<!doctype\b[^<>]{0,400}>|<\?xml\b[^<>]{0,400}\?>",
    re.IGNORECASE | re.DOTALL,
)
NO_TAG: Final = re.compile(
    rf"<(?!/(?:{NAME})\s*>|(?:{NAME})[\s/]*(?:>|(?<=[\s/])(?:[\w:@.-]+\s*=|(?:{_SWITCH})\b))|!--|!doctype\b|\?xml\b)",
    re.IGNORECASE,
)
"""An opening bracket that does not begin a tag."""

_UNSEEN: Final = frozenset({"script", "style"})
_FORMAT_NAMES: Final = frozenset(_FORMATS.split())


def has_tags(text: str) -> bool:
    """Tell whether a text has a tag of HTML outside Markdown code.

    >>> has_tags("<p>Save.</p>"), has_tags("Use <your-key>, if a < b."), has_tags("Write `<b>`.")
    (True, False, False)
    """
    return next(_tags(text), None) is not None


def untagged(text: str) -> str:
    r"""Return a text without tags of HTML: the last check of every text that is shown or sent.

    The words between tags stay, except in scripts and style sheets. A tag that begins a line on a page
    becomes a space. A tag that appears when another is removed (`<<b>b>`) is removed too. A text without
    tags is returned unchanged.

    >>> untagged("<p>Open <b>Settings</b>.</p>"), untagged("Use <your-key> in `<b>`.")
    ('Open Settings.', 'Use <your-key> in `<b>`.')
    """
    for _ in range(MAX_NESTING):
        if not has_tags(text):
            return text
        text = _once_untagged(text)
    return text.replace("<", "").replace(">", "") if has_tags(text) else text


def _once_untagged(text: str) -> str:
    pieces: list[str] = []
    end = 0
    for first, last, name in _removed(list(_tags(text))):
        pieces += [text[end:first], " " if name in _BREAKING or name in _UNSEEN else ""]
        end = last
    kept = "".join([*pieces, text[end:]])
    return "\n".join(re.sub(r"(?<=\S)[ \t]{2,}", " ", line).rstrip() for line in kept.splitlines()).strip()


def _removed(tags: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches to remove, (first, last, name): a tag, or a script up to its end tag."""
    last_ends = {match["end"].lower(): match.start() for match in tags if match["end"]}
    begun, unseen = 0, ""
    for match in tags:
        name = (match["start"] or match["end"] or "").lower()
        if unseen:
            if match["end"] and name == unseen:
                yield begun, match.end(), unseen
                unseen = ""
        elif match["start"] and name in _UNSEEN and last_ends.get(name, -1) > match.start():
            begun, unseen = match.start(), name
        else:
            yield match.start(), match.end(), name


def _tags(text: str) -> Iterator[re.Match[str]]:
    """Yield the tags of a text in order, without placeholders and without tags in code."""
    if "<" not in text:
        return
    spans = iter(code_spans(text))
    words = {match.start() for match in placeholders(text)}
    code = next(spans, None)
    for match in _TAG.finditer(text):
        while code and code.end <= match.start():
            code = next(spans, None)
        in_code = code is not None and code.start <= match.start()
        if not in_code and match.start() not in words:
            yield match


def placeholders(text: str) -> Iterator[re.Match[str]]:
    """Yield in order the words that look like tags and are placeholders, such as a `<label>` never closed.

    A placeholder has no attributes, is not the name of an element that only formats, and is never closed.
    """
    closed = {match["end"].lower() for match in _TAG.finditer(text) if match["end"]}
    for match in _TAG.finditer(text):
        name = (match["start"] or "").lower()
        if name and name not in _FORMAT_NAMES | closed and not match["attributes"]:
            yield match
