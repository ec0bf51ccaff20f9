"""Conversion of HTML, or of Markdown with HTML in it, to Markdown."""

import html
import re
from html.parser import HTMLParser
from typing import Final

from html_to_markdown import ConversionError, ConversionOptions, convert
from markdown_it import MarkdownIt

from responders.markup.code import code_spans, without_code
from responders.markup.tags import KNOWN, NAME, NO_TAG, any_of, has_tags, placeholders, untagged

_BLOCKS: Final = """article aside blockquote body br center details div dl figure footer h1 h2 h3 h4 h5 h6
    head header hr html li main nav ol p pre section table tbody td th thead tr ul"""
_BLOCK = re.compile(rf"</?(?:{any_of(_BLOCKS)})\b[^<>]{{0,4000}}>", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<(?P<end>/)?(?P<name>pre|script|style)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"^ {0,3}(?:#{1,6} +\S|```|~~~|\|[^\n]*\|)|\*\*\S|\]\(|`[^`\n]+`", re.MULTILINE)
_LIST_MARK: Final = r" {0,3}(?:[-*+]|\d{1,3}[.)]) +\S"
_LISTED = re.compile(rf"^{_LIST_MARK}", re.MULTILINE)
_LISTED_APART = re.compile(rf"\n[ \t]*\n{_LIST_MARK}")
_INDENTED_TAG = re.compile(rf"^[ \t]+(?=</?(?:{NAME})\b)", re.MULTILINE | re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_BRACKET_ENTITY = re.compile(r"&(?:(lt|#0*60|#[xX]0*3[cC])|(gt|#0*62|#[xX]0*3[eE]));")
_ADDRESS: Final = r'(<[^>\n]*>|[^()\s]*(?:\([^()\n]*\)[^()\s]*)*)(?:\s+"[^"\n]*")?'
_IMAGE = re.compile(rf"!\[([^\[\]\n]*)\]\({_ADDRESS}\)")
_LINK = re.compile(rf"(?<!!)\[([^\[\]\n]*)\]\({_ADDRESS}\)")
_ESCAPED_MARK = re.compile(r"^([ \t]*\d{0,3})\\([.)+*-] )", re.MULTILINE)
_QUOTED_TAG = re.compile("\ue000(/?(?:" + KNOWN + ")(?:[ \t][^\ue000\ue001\n]*|/)?)\ue001", re.IGNORECASE)

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
"""Replace brackets that are text while the HTML around them is parsed: code points that nobody types."""

_OPTIONS: Final = ConversionOptions(
    heading_style="atx",
    bullets="-",
    autolinks=False,
    extract_metadata=False,
    highlight_style="none",
    inline_data_media="alt_text_only",
    compact_tables=True,
    exclude_selectors=["iframe", "video", "audio", "object", "embed", "svg", "canvas", "title", "noscript"],
)
_RENDERER: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def as_markdown(text: str) -> str:
    r"""Return a text of the help centre as Markdown; plain text and Markdown come back as they are.

    Headings, lists, tables, links and code keep their meaning; an image becomes its alternative text;
    scripts, style sheets, comments and embedded pages are dropped. A tag that is shown as text (`&lt;b&gt;`)
    is put between backticks. Broken HTML raises nothing: if it cannot be converted, its words are returned.

    >>> as_markdown("<h2>Keys</h2><ol><li>Open <b>API</b>.</li><li>Use &lt;your-key&gt;.</li></ol>")
    '## Keys\n\n1. Open **API**.\n2. Use <your-key>.'
    >>> as_markdown("Use `<b>` or <your-key>.")
    'Use `<b>` or <your-key>.'
    """
    if not has_tags(text) and not _has_entities(text):
        return text
    plain = text.replace(_OPEN, "").replace(_CLOSE, "").replace("\r\n", "\n")
    return untagged(_from_html(plain if _is_html(plain) else _rendered(plain)))


def _has_entities(text: str) -> bool:
    if "&" not in text:
        return False
    return any(html.unescape(found) != found for found in _ENTITY.findall(without_code(text)))


def _is_html(text: str) -> bool:
    """Tell whether a text is a piece of an HTML page and not Markdown with some tags in it."""
    around = _around_preformatted(text)
    if _BLOCK.search(text) is None or _MARKDOWN.search(around) is not None:
        return False
    listed = _LISTED_APART if _begins_as_page(text) else _LISTED
    return listed.search(around) is None


def _around_preformatted(text: str) -> str:
    """Return a text without its preformatted elements, because their lines are not Markdown."""
    marks = list(_PREFORMATTED.finditer(text))
    last_ends = {mark["name"].lower(): mark.start() for mark in marks if mark["end"]}
    pieces, end, inside = [], 0, ""
    for mark in marks:
        name = mark["name"].lower()
        if inside:
            end, inside = (mark.end(), "") if mark["end"] and name == inside else (end, inside)
        elif not mark["end"] and last_ends.get(name, -1) > mark.start():
            pieces += [text[end : mark.start()], " "]
            inside = name
    return "".join([*pieces, text[end:]])


def _begins_as_page(text: str) -> bool:
    return _BLOCK.match(text.lstrip("\ufeff \t\r\n")) is not None


def _rendered(text: str) -> str:
    """Return Markdown with tags in it as one piece of HTML.

    If the text is a page, tags are moved to the start of their line, because Markdown reads indented tags
    as code.
    """
    page = _INDENTED_TAG.sub("", text) if _begins_as_page(text) else text
    return str(_RENDERER.render(page))


def _from_html(page: str) -> str:
    marked = _BRACKET_ENTITY.sub(lambda match: _OPEN if match[1] else _CLOSE, page)
    return _readable(_converted(NO_TAG.sub(_OPEN, _with_placeholders(marked))))


def _with_placeholders(page: str) -> str:
    """Return a page whose placeholders are text, so that no parser of HTML reads them as tags."""
    pieces: list[str] = []
    end = 0
    for word in placeholders(page):
        pieces += [page[end : word.start()], _OPEN, word.group()[1:-1], _CLOSE]
        end = word.end()
    return "".join([*pieces, page[end:]])


def _converted(page: str) -> str:
    try:
        result = convert(page, _OPTIONS)
    except ConversionError:
        return _words_of(page)
    return _words_of(page) if result.warnings else str(result.content or "")


class _Words(HTMLParser):
    """Collects the words of a page that is too deep or too broken for the converter."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.words.append("\n" if _BLOCK.match(f"<{tag}>") else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"} and self._silent > 0

    def handle_data(self, data: str) -> None:
        self.words.append("" if self._silent else data)


def _words_of(page: str) -> str:
    reader = _Words()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n\n".join(line for line in lines if line)


def _readable(markdown: str) -> str:
    """Return converted Markdown without images, links within the page and hard breaks, for use in replies."""
    pieces: list[str] = []
    end = 0
    for code in code_spans(markdown):
        pieces += [_prose(markdown[end : code.start]), _brackets(markdown[code.start : code.end])]
        end = code.end
    return re.sub(r"\n{3,}", "\n\n", "".join([*pieces, _prose(markdown[end:])])).strip()


def _prose(markdown: str) -> str:
    named = _IMAGE.sub(lambda match: match[1].strip(), markdown)
    linked = _LINK.sub(_outward, named)
    quoted = _QUOTED_TAG.sub(lambda match: f"`<{match[1]}>`", linked)
    numbered = _ESCAPED_MARK.sub(r"\1\2", _brackets(quoted).replace("\u00a0", " "))
    return re.sub(r"[ \t]+(?=\n)", "", numbered)


def _outward(match: re.Match[str]) -> str:
    """Return a link to another page unchanged, and only the words of every other link."""
    address = match[2].strip("<>")
    if re.match(r"(?:https?://|mailto:)", address, re.IGNORECASE):
        return f"[{match[1]}]({address})" if match[1].strip() else ""
    return match[1]


def _brackets(text: str) -> str:
    return text.replace(_OPEN, "<").replace(_CLOSE, ">")
