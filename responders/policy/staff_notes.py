"""Sentences of sources that are written for the operator's own staff and must not reach a customer."""

from typing import Final

import regex

_STAFF: Final = (
    r"internal(?:ly)?|staff|employees?|agents?|operators?|intern|interne|interno|interna|personnel"
    r"|personale"
    r"|mitarbeiter\w*|medewerkers|wewnętrzn\w+|внутренн\w+|内部|社内"
)
_ONLY: Final = r"(?:\s+(?:only|use(?:\s+only)?|note|remark|nur|seulement|solo|solamente|uniquement))?"
_SECRETS: Final = (
    r"(?:pass(?:word|code|wort)|pin|code|codes|key|login|number|line|extension|price|margin|limit"
    r"|discount|note"
    r"|notes|remark|memo|kennwort|nummer|durchwahl|notiz|hinweis|mot\s+de\s+passe|contraseña|clave|nota)"
)
_FOR_STAFF = regex.compile(
    rf"(?:^|[.!?;–-]\s|[(\[【])\s*(?:for\s+)?(?:{_STAFF}){_ONLY}\s*[:：)\]】–-]"
    rf"|^\s*internal\s+(?=\S*[\d_])|\binternal\s+{_SECRETS}\b[^.]{{0,40}}:"
    r"|\bnot\s+for\s+(?:the\s+)?(?:customers?|clients?|public|publication|users)\b"
    r"|\b(?:do\s+not|don['’]t|never|must\s+not\s+be)\s+(?:share|shared|tell|told|give|given|disclose"
    r"|disclosed"
    r"|pass|passed|show|shown|forward|forwarded|reveal)\b[^.]{0,40}\b(?:to|with)\s+(?:the\s+)?(?:customers?"
    r"|clients?|callers?|outsiders|guests)\b"
    r"|\bnur\s+(?:für\s+)?(?:intern\w*|mitarbeiter\w*)|\bnicht\s+(?:an|für)\s+kund\w+"
    r"|\b(?:usage|document)\s+interne|\bréservé\w*\s+(?:au\s+personnel|aux\s+(?:agents|employés))"
    r"|\bne\s+pas\s+(?:communiquer|transmettre|divulguer)\s+(?:au|aux|à)"
    r"|\buso\s+(?:exclusivo\s+)?interno|\bno\s+(?:compartir|mostrar|divulgar)\s+(?:con|a)\s"
    r"|\bnon\s+(?:comunicare|condividere)\s|\bnão\s+(?:partilhar|compartilhar|divulgar)\s"
    r"|\balleen\s+(?:voor\s+)?(?:intern|medewerkers)|\bniet\s+(?:delen|voor\s+klanten)"
    r"|\btylko\s+do\s+użytku\s+wewn|\bдля\s+внутреннего|仅供内部|内部使用|不得告知客户|社外秘|お客様には",
    regex.IGNORECASE,
)


def is_for_staff(sentence: str) -> bool:
    """Tell whether a sentence of a source says that it is for the operator's staff only.

    >>> is_for_staff("Dealer password (internal): HERON-4."), is_for_staff("Internal links: how to set them")
    (True, False)
    """
    return _FOR_STAFF.search(sentence) is not None
