"""The warning that a company's mail server adds at the top of a mail from outside."""

import re
from collections.abc import Sequence
from typing import Final

from schemas.reading.lines import Line, matches
from schemas.reading.voice import speaks_of_this_mail

_MAX_BANNER_LINES: Final = 4
_BANNER: Final = re.compile(
    r"\s{0,8}(?:[\[(*⚠\s]{0,6}(?:external|extern|externe|externo|externa|esterno|caution|warning"
    r"|achtung|vorsicht|attention|atención"
    r"|atenção|attenzione|let op|uwaga|varning|advarsel|you don't often get email from)\b)",
    re.IGNORECASE,
)
_BANNER_WORDS: Final = re.compile(
    r"e-?mails?\b|mails?\b|message|sender|nachricht|absender|organi[sz]ation|expéditeur|remitente"
    r"|remetente|mittente|afzender|nadawc"
    r"|links?\b|correo|courriel|bericht|wiadomo|avsändare|afsender",
    re.IGNORECASE,
)
_EXTERNAL: Final = re.compile(
    r"outside|extern|außerhalb|ausserhalb|from outside|extérieur|fuera|fora|esterno|buiten|spoza"
    r"|utanför|unknown|recogni[sz]e"
    r"|learn why this is important|careful|vertrauen",
    re.IGNORECASE,
)


def banner_lines(lines: Sequence[Line]) -> set[int]:
    """Return the numbers of the lines of a mail server's warning at the top."""
    filled = next((number for number, line in enumerate(lines) if not line.blank), None)
    if filled is None or not matches(_BANNER, lines[filled]):
        return set()
    end = filled
    while end < len(lines) and not lines[end].blank:
        end += 1
    if end - filled > _MAX_BANNER_LINES or end == len(lines):
        end = filled + 1
    paragraph = " ".join(line.text for line in lines[filled:end])
    is_banner = (
        _BANNER_WORDS.search(paragraph) and _EXTERNAL.search(paragraph) and speaks_of_this_mail(paragraph)
    )
    return set(range(filled, end)) if is_banner else set()
