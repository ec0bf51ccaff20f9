"""The customer's newest words out of an e-mail, a web form or a chat message.

Everything here is pure and linear in the length of the text: every pattern is anchored to a line or bounded.
"""

import html
import re
import unicodedata

_UNWANTED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 0x200B, 0x2060, 0xFEFF))
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b[^<>]{0,4000}>|<!--.{0,4000}?-->", re.DOTALL)
_MARKUP = re.compile(
    r"</?(?:html|body|div|p|br|span|table|td|tr|a|blockquote|b|i|u|ul|ol|li|h[1-6]|font|img|strong|em"
    r"|pre|code)\b"
    r"[^<>]{0,4000}>",
    re.IGNORECASE,
)
_BREAKING = set("p div br tr li ul ol table h1 h2 h3 h4 h5 h6 pre hr blockquote".split())
_UNREAD = {"script", "style", "head", "title", "blockquote"}

_REPLY_ABOVE = re.compile(
    r"\s{0,8}#{0,2}[-\s#]{0,8}please (?:type|reply|write)[^\n]{0,60}above this line", re.IGNORECASE
)
_QUOTE_HEADER = re.compile(
    r"\s{0,8}(?:"
    r"on\b.{4,200}\bwrote\s?:|am\b.{4,200}\bschrieb\b.{0,100}:|le\b.{4,200}\ba écrit\s?:"
    r"|el\b.{4,200}\bescribió\s?:"
    r"|-{2,}\s?(?:original message|forwarded message|ursprüngliche nachricht)\s?-{2,}"
    r"|begin forwarded message:"
    r")\s{0,8}$",
    re.IGNORECASE,
)
_MAIL_FIELD = re.compile(
    r"\s{0,8}\*{0,2}(?:from|sent|to|cc|date|subject|von|gesendet|an|betreff):\*{0,2}\s", re.IGNORECASE
)
_QUOTED = re.compile(r"\s{0,8}(?:>|\|\s)")
_SIGNATURE = re.compile(r"\s{0,4}(?:--\s?|_{5,}|—)\s{0,4}$")
_CLOSING = re.compile(
    r"\s{0,4}(?:(?:with )?(?:best|kind|warm|kindest|warmest|many)?\s?(?:regards|wishes|thanks)"
    r"|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|cheers|thanks|thank you|thx|best|br|thanks (?:and|&) regards"
    r"|respectfully)"
    r"\s?(?P<mark>[,.!]?)\s{0,4}$",
    re.IGNORECASE,
)
_FOOTER_LINE = re.compile(
    r"\s{0,8}(?:"
    r"sent (?:from|via|with) (?:my |the |an? )?(?:iphone|ipad|android|samsung|galaxy|mobile|blackberry"
    r"|outlook|mail|proton|yahoo|gmail).{0,60}"
    r"|get outlook for .{1,60}|(?:click here )?to unsubscribe\b.{0,200}|unsubscribe\b.{0,100}"
    r"|you(?: are receiving|'re receiving| received) this (?:e-?mail|message) because.{0,300}"
    r"|view this e-?mail in your browser.{0,100}|please consider the environment.{0,100}"
    r"|(?:caution|external|warning)\s?:\s?this (?:e-?mail|message) (?:originated|was sent|came) .{0,300}"
    r"|(?:your )?(?:ticket|case|request|reference|ref)(?: id| number"
    r"| no\.?)?\s?[:#]\s?\S{1,60}(?:\s+has been \w{1,20}\.?.{0,100})?"
    r"|your request \(#?\w{1,20}\) has been .{0,100}|\[?(?:ticket|case) #\w{1,30}\]?|ref:\S{1,80}:ref"
    r"|(?:priority|status|assignee|requester|category|browser|channel|submitted (?:by|via))\s?:\s?.{0,120}"
    r"|attachments?\s?(?:\(\d{1,3}\))?\s?:.{0,200}"
    r")\s{0,8}$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\s{0,8}\*{0,2}(?:confidentiality notice|disclaimer|legal notice|important notice)\b"
    r"|.{0,60}\bthis (?:e-?mail|message|communication|transmission)\b.{0,120}\b(?:confidential"
    r"|intended (?:only|solely)|privileged|attachments?)\b"
    r"|.{0,40}\bif you (?:are|have) (?:not the intended recipient|received this (?:e-?mail"
    r"|message) in error)\b",
    re.IGNORECASE,
)
_ADVANCE = re.compile(
    r"\b(?:many )?(?:thanks|thank you|thx)(?: so much| very much| a lot)? in advance"
    r"(?: for (?:your|any|the) (?:\w{1,20} ){0,2}(?:help|support|assistance|answer|reply|time))?\b[.!,]{0,3}",
    re.IGNORECASE,
)
_SIGNATURE_LINES = 7
_SIGNATURE_WIDTH = 70


def clean(text: str) -> str:
    r"""Return what the customer wrote last, as plain text; '' when nothing of it is left.

    Removed: control characters and lone surrogates, markup, quoted replies, signatures, closing formulas,
    disclaimers, mailer footers and the ticket system's own lines. Pure; never raises.

    >>> clean("It failed again.\n\nOn Mon, 3 Mar 2025 at 10:12, Ann <ann@x.io> wrote:\n> Try it now.\n> Ann")
    'It failed again.'
    >>> clean("> Does it work now?\nNo, still broken.\n-- \nBob\nACME Ltd")
    'No, still broken.'
    >>> clean("<p>Where is <b>my&nbsp;invoice</b>?</p><blockquote>old words</blockquote>")
    'Where is my invoice?'
    >>> clean("How do I add a seat? Thanks in advance!\n\nBest regards,\nEve\n\nSent from my iPhone")
    'How do I add a seat?'
    >>> clean("Nothing works.\n\nThis e-mail and its attachments are confidential.\nDelete it otherwise.")
    'Nothing works.'
    >>> clean("bad \x00 \ud800 input")
    'bad ? input'
    """
    plain = _plain(text)
    if _MARKUP.search(plain):
        plain = _without_markup(plain)
    lines = _above_reply_line([line.rstrip() for line in plain.split("\n")])
    lines = _without_quotes(lines)
    lines = _without_signature([line for line in lines if not _FOOTER_LINE.match(line)])
    lines = _without_disclaimers(lines)
    joined = _ADVANCE.sub(" ", "\n".join(lines))
    return _tidy(joined)


def _plain(text: str) -> str:
    valid = text.encode("utf-8", errors="replace").decode("utf-8")
    valid = valid.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", valid.translate(_UNWANTED))


def _without_markup(text: str) -> str:
    read = _text_of(text, _UNREAD)
    return read if read.strip() else _text_of(text, {"script", "style"})


def _text_of(text: str, unread: set[str]) -> str:
    pieces: list[str] = []
    closing: str | None = None
    depth = position = 0
    for match in _TAG.finditer(text):
        name = (match.group(2) or "").lower()
        if closing is None:
            pieces.append(text[position : match.start()])
            pieces.append("\n" if name in _BREAKING else " " if not name else "")
            if name in unread and not match.group(1):
                closing, depth = name, 1
        elif name == closing:
            depth += -1 if match.group(1) else 1
            closing = closing if depth > 0 else None
        position = match.end()
    if closing is None:
        pieces.append(text[position:])
    return html.unescape("".join(pieces)).replace("\xa0", " ")


def _above_reply_line(lines: list[str]) -> list[str]:
    """Return what stands above the "type your reply above this line" line, or below it when nothing does."""
    for number, line in enumerate(lines):
        if _REPLY_ABOVE.match(line):
            above = lines[:number]
            return above if any(part.strip() for part in above) else lines[number + 1 :]
    return lines


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    number = 0
    while number < len(lines):
        width = _header_width(lines, number)
        if width:
            following = _after_quote(lines, number + width)
            if following is None and any(line.strip() for line in kept):
                return kept
            number = number + width if following is None else following
        elif _QUOTED.match(lines[number]):
            number += 1
        else:
            kept.append(lines[number])
            number += 1
    return kept


def _header_width(lines: list[str], number: int) -> int:
    """How many lines from `number` on are the header of a quoted message; 0 when none is."""
    line = lines[number]
    if _QUOTE_HEADER.match(line):
        return 1
    wrapped = f"{line} {lines[number + 1].strip()}" if number + 1 < len(lines) else line
    if (
        line[:3].lower().strip() in {"on", "am", "le", "el"}
        and len(wrapped) < 400
        and _QUOTE_HEADER.match(wrapped)
    ):
        return 2
    width = 0
    while number + width < len(lines) and width < 8 and _MAIL_FIELD.match(lines[number + width]):
        width += 1
    return width if width >= 2 else 0


def _after_quote(lines: list[str], number: int) -> int | None:
    """Return where the text goes on behind `>` lines; None when all below is an unmarked quote."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    if number == len(lines) or not _QUOTED.match(lines[number]):
        return None
    while number < len(lines) and _QUOTED.match(lines[number]):
        number += 1
    return number


def _without_signature(lines: list[str]) -> list[str]:
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    first = next((number for number, line in enumerate(lines) if line.strip()), last)
    for number in range(first + 1, last):
        if lines[number].strip() == "--":
            return lines[:number]
        if last - number <= 2 * _SIGNATURE_LINES and _is_signature(lines[number:last]):
            return lines[:number]
    return lines[:last]


def _is_signature(lines: list[str]) -> bool:
    if _SIGNATURE.match(lines[0]):
        return True
    closing = _CLOSING.match(lines[0])
    if closing is None:
        return False
    below = [line for line in lines[1:] if line.strip()]
    if not below:
        return closing["mark"] == ","
    return len(below) <= _SIGNATURE_LINES and all(len(line) <= _SIGNATURE_WIDTH for line in below)


def _without_disclaimers(lines: list[str]) -> list[str]:
    kept: list[str] = []
    inside = False
    for line in lines:
        inside = bool(line.strip()) and (inside or _DISCLAIMER.match(line) is not None)
        if not inside:
            kept.append(line)
    return kept


def _tidy(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
