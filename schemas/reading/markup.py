"""Turns HTML into lines: the visible text of a mail, with quotes, headers and signatures marked.

The parser is lxml's (libxml2) as a stream of events: no tree, no recursion, and linear time at any nesting
depth. `is_html` decides first whether a text is HTML, so that a plain text with `<` in it loses nothing.
"""

import re
from typing import Final

from lxml import etree

from schemas.reading.lines import Line, Role, marked

_NAMES: Final = (
    "html head body meta title style div p br span table tbody thead tr td th center a blockquote b i u s"
    " strong em font img ul ol li h1 h2 h3 h4 h5 h6 hr pre code tt small big sub sup section article"
).split()
_KNOWN: Final = "|".join(_NAMES)
_TAG: Final = re.compile(rf"<(?:!doctype|!--|/?(?:{_KNOWN})(?=[\s/>]))", re.IGNORECASE)
_STRAY: Final = re.compile(rf"<(?!/?(?:{_KNOWN}|o:p)(?=[\s/>])|!--|!doctype)", re.IGNORECASE)
_DOCUMENT: Final = re.compile(
    r"\s{0,200}(?:<\?xml[^<>]{0,200}>\s{0,200})?<(?:!doctype|html|head|body)\b", re.I
)
_GLUED: Final = re.compile(
    r"[^\s\"'`(<>]<(?:br\s{0,3}/?|/?p|/?div)>|^<br\s{0,3}/?>", re.IGNORECASE | re.MULTILINE
)
_BLOCK: Final = re.compile(r"</?(?:div|p|br|blockquote|table|td|li)(?=[\s/>])", re.IGNORECASE)
_MANY_BLOCKS: Final = 3
_FORMATTED: Final = re.compile(
    r"<(b|i|u|em|strong|span|font|a)(?:\s[^<>]{0,500})?>[^<>]{1,500}</\1>", re.IGNORECASE
)

_UNSEEN: Final = frozenset("script style head title noscript template object audio video svg".split())
_BLOCKS: Final = frozenset(
    "div p li ul ol table tbody thead tr h1 h2 h3 h4 h5 h6 pre hr blockquote center section article dl dt dd"
    " address form body header footer".split()
)
_SPACED: Final = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre hr".split())
_VOID: Final = frozenset("br hr img meta link input base area col wbr embed source track param".split())
_SIGNATURE: Final = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature_block|tutanota_signature"
    r"|ms-outlook-mobile-signature"
    r"|yahoo-signature|zmail_signature|(?:^|\s)signature(?:\s|$)",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(
    r"gmail_attr|moz-cite-prefix|divRplyFwdMsg|moz-email-headers-table|OutlookMessageHeader|appendonsend",
    re.IGNORECASE,
)
_QUOTE: Final = re.compile(
    r"yahoo_quoted|zmail_extra|tutanota_quote|mailcontainer_quote|freshdesk_quote", re.I
)
_HIDDEN: Final = re.compile(r"display\s{0,3}:\s{0,3}none|mso-hide\s{0,3}:\s{0,3}all", re.IGNORECASE)
_INDENT: Final = re.compile(r"border(?:-left)?\s{0,3}:\s{0,3}none", re.IGNORECASE)
_MARK_CHARACTERS: Final = 300


def is_html(text: str) -> bool:
    """Tell whether a message is HTML, and not a plain text with `<` in it.

    >>> is_html("<div>It failed.<br>Twice.</div>"), is_html("Hello,<br>it failed.")
    (True, True)
    >>> is_html("a < b, List<String>, <object><name>car</name></object>"), is_html("what do <br> and <p> do?")
    (False, False)
    """
    if "<" not in text:
        return False
    if _DOCUMENT.match(text):
        return True
    stripped = text.strip()
    framed = _TAG.match(stripped) is not None
    if framed and stripped.endswith(">"):
        return True
    if framed and sum(1 for _ in _BLOCK.finditer(stripped)) >= _MANY_BLOCKS:
        return True
    breaks = sum(1 for _ in _GLUED.finditer(stripped))
    if breaks and 2 * breaks >= stripped.count("\n"):
        return True
    return _FORMATTED.search(stripped) is not None


def markup_lines(text: str) -> list[Line]:
    """Return the visible lines of an HTML message; a fragment keeps its own line ends and unknown tags.

    >>> [line.text for line in markup_lines("<p>It&nbsp;failed.</p><style>p{}</style><p>Why &lt;x&gt;?</p>")]
    ['It failed.', '', 'Why <x>?', '']
    """
    stripped = text.strip()
    whole = _DOCUMENT.match(text) is not None or (_TAG.match(stripped) is not None and stripped.endswith(">"))
    if not whole:
        stripped = _STRAY.sub("&lt;", stripped).replace("\n", "<br>")
    page = _Page()
    parser = etree.HTMLParser(target=page, huge_tree=True, remove_pis=True)
    try:
        parser.feed(stripped)
        parser.close()
    except etree.LxmlError:
        page.failed = True
    return page.finished() if not page.failed else [Line(part) for part in text.split("\n")]


class _Page:
    """Builds lines from the parser's events; it counts the open elements and never walks them."""

    def __init__(self) -> None:
        self.failed = False
        self._lines: list[Line] = []
        self._pieces: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._counts = dict.fromkeys(("unseen", "quote", "header", "signature", "pre"), 0)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br":
            self._break(blank=True)
            return
        if tag in _BLOCKS:
            self._break()
        elif tag in {"td", "th"}:
            self._pieces.append(" ")
        mark = "" if tag in _VOID else _mark_of(tag, attributes)
        if mark in {"quote", "header", "signature"}:
            self._break()
        if mark:
            self._counts[mark] += 1
        self._open.append((tag, mark))

    def end(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            return
        mark = self._open.pop()[1]
        if tag in _BLOCKS or mark in {"quote", "header", "signature"}:
            self._break()
        if mark:
            self._counts[mark] -= 1
        if tag in _SPACED and self._lines and self._lines[-1].text:
            self._lines.append(Line("", depth=self._counts["quote"]))

    def data(self, text: str) -> None:
        if self._counts["unseen"]:
            return
        if not self._counts["pre"]:
            self._pieces.append(text)
            return
        first, *others = text.split("\n")
        self._pieces.append(first)
        for other in others:
            self._break(blank=True)
            self._pieces.append(other)

    def comment(self, text: str) -> None:
        """Skip a comment."""

    def close(self) -> None:
        """Do nothing: `finished` returns the lines."""

    def finished(self) -> list[Line]:
        self._break()
        return self._lines

    def _break(self, *, blank: bool = False) -> None:
        text = "".join(self._pieces)
        text = text.rstrip() if self._counts["pre"] else " ".join(text.split())
        self._pieces = []
        if text or blank:
            depth = self._counts["quote"]
            self._lines.append(Line(text, depth, self._role()) if depth else marked(text, self._role()))

    def _role(self) -> Role:
        if self._counts["signature"]:
            return Role.SIGNATURE
        return Role.HEADER if self._counts["header"] else Role.TEXT


def _mark_of(tag: str, attributes: dict[str, str]) -> str:
    """Return the effect of an element on its text: the name of a count of `_Page`, or ''."""
    if tag in _UNSEEN or _HIDDEN.search(attributes.get("style", "")[:_MARK_CHARACTERS]):
        return "unseen"
    if tag == "pre":
        return "signature" if "moz-signature" in attributes.get("class", "") else "pre"
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:_MARK_CHARACTERS]
    if _SIGNATURE.search(named):
        return "signature"
    if _HEADER.search(named):
        return "header"
    if _QUOTE.search(named) or (tag == "div" and attributes.get("name") == "quote"):
        return "quote"
    return "quote" if tag == "blockquote" and not _is_indent(attributes) else ""


def _is_indent(attributes: dict[str, str]) -> bool:
    """Tell whether a blockquote only indents, as the indent button of a webmail does."""
    style = attributes.get("style", "")[:_MARK_CHARACTERS]
    return _INDENT.search(style) is not None and "cite" not in attributes.get("type", "")
