"""Places and companies that are called like people: San José, Holt & Sons."""

import regex

from responders.privacy.gazetteer import COMPANIES, folded, is_first_name
from responders.privacy.span import PersonalValue

_PLACE_BEFORE = regex.compile(
    r"(?<!\p{L})(?:San|Santa|Santo|Saint|Sainte|Sankt|São|St\.?|Ste\.?|Port|Fort|Lake|Mount|Mt\.?|Puerto|Playa|Rio"
    r"|Los|Las|Cape|Isle\sof|Bad|Monte|Villa)[ -]$"
)
_COMPANY_BEHIND = regex.compile(
    r"\s?(?:(?:&|and|und|et|e|y|en|i)\s(?:Sons?|Co\b|Söhne|Fils|Hijos|Figli|Partners?|Daughters?|Associates|Company)"
    r"|(?<=\s)(?:Ltd|Limited|Inc|GmbH|AG|KG|LLC|LLP|Corp|plc|PLC|S\.?A\.?S?\b|S\.?r\.?l|B\.?V|Oy|AB|Bank|Group|Savings"
    r"|Stores?|Motors|Airlines|Airways|Hotels?|Brothers|Bros|Pharma|Foods|Insurance|Clinic|University|College"
    r"|School|Hospital|Foundation|Street|Road|Avenue|Airport|Station|Stadium|Museum)(?!\p{L}))"
)


def is_place_or_company(text: str, value: PersonalValue) -> bool:
    """Tell whether words that look like a name are part of a place or of a company.

    >>> text = "San José, Holt & Sons, Ada Holt"
    >>> [is_place_or_company(text, PersonalValue(*at, "NAME")) for at in ((4, 8), (10, 14), (23, 31))]
    [True, True, False]
    """
    if _PLACE_BEFORE.search(text, max(0, value.start - 9), value.start):
        return True
    words = text[value.start : value.end].split()
    if _PLACE_BEFORE.fullmatch(f"{words[0]} ") and not is_first_name(words[0]):
        return True
    return bool(_COMPANY_BEHIND.match(text, value.end)) or folded("-".join(words[:2])) in COMPANIES
