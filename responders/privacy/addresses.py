"""Postal addresses: a street with a number, a post box or a postcode, and the parts around it."""

from collections.abc import Iterator
from typing import Final

import regex

from responders.privacy.span import PersonalValue

_WORD: Final = (
    r"(?!(?:Tel|Telefon|Phone|Fax|Mobile|Mail|Regards|Cordialement|Gruß|Best|Thanks|Merci)\b)"
    r"\p{Lu}[\p{L}\p{M}'’.-]*+(?!\d)"
)
_NUMBER: Final = r"\d{1,5}(?:\s?(?:bis|ter)\b)?[A-Za-z]?(?:[-/]\d{0,4}[A-Za-z]?){0,3}"

_STREETS_AFTER_NUMBER: Final = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Dr|Court|Ct|Place|Pl|Way|Rise|Grove|Crescent|Cres"
    r"|Terrace|Boulevard|Blvd|Square|Sq|Hill|View|Gardens|Gdns|Park|Walk|Row|Mews|Parkway|Pkwy|Highway|Hwy"
    r"|Circle"
    r"|Cir|Loop|Trail|Quay|Green|Parade|Heights|Wharf|Yard|Esplanade|Cross|Main|Alley)\b\.?"
)
_STREETS_BEFORE_NUMBER: Final = (
    r"(?:Via|Viale|Piazza|Piazzale|Corso|Vicolo|Rua|Avenida|Av\.|Avda\.?|Calle|C/|Paseo|Plaza|Pza\.|Praça"
    r"|Travessa"
    r"|Rue|ul\.|al\.|os\.|pl\.|ulica|Str\.|Strada|Bulevardul|Straße|Platz|Am|An\s+der|Im|In\s+der|Auf\s+der"
    r"|Zum|Zur"
    r"|Jl\.|Jalan|Oude|ул\.|пр\.|пер\.|улица|проспект|вул\.|Οδός|Αγίου|Heol|Rruga|Cesta|Ulice|Náměstí"
    r"|Tverrveien"
    r"|Lungotevere|Largo|Carrer|Gran\s+Vía)"
)
_STREET_ENDINGS: Final = (
    r"\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|gasse|allee|weg|platz|ring|damm|ufer|steig|chaussee|gracht"
    r"|straat|laan"
    r"|plein|kade|singel|dijk|vägen|gatan|gade|vej|veien|gata|gaten|katu|tie|utca|út|stieg|markt|hof|graben"
    r"|zeile"
    r"|promenade|á|ova|ská|ní|vaara)"
)
_FRENCH: Final = (
    r"(?:rue|avenue|av\.|boulevard|bd|place|allée|quai"
    r"|impasse|chemin|route|cours|square|passage|faubourg|sentier)"
)
_ANCHORS: Final = (
    # 12 Fjord Lane, 742 Juniper Ct
    rf"(?<![\w.:/-]){_NUMBER},?\s(?:\d{{1,3}}(?:st|nd|rd|th)\s|{_WORD}\s){{1,4}}?{_STREETS_AFTER_NUMBER}",
    # 14 bis, rue des Tanneurs
    rf"(?<![\w.:/-]){_NUMBER},?\s(?i:{_FRENCH})\s(?:(?:de|du|des|de\sla|d'|l')\s?)?(?:{_WORD}[\s-]?"
    rf"|d['’]\p{{Lu}}\p{{L}}+\s?"
    r"|(?:et|de|du|des|la)\s){1,5}",
    # Rue du Rhône 100, Via Garibaldi 88
    rf"(?<![\p{{L}}]){_STREETS_BEFORE_NUMBER}\s?(?:(?:de|du|des|del|della|da|das|do|dos|la|las|los|of"
    rf"|17\.)\s){{0,2}}"
    rf"(?:{_WORD}\s?,?\s?){{1,4}}(?:(?:s/n)|(?:nr\.?|No\.?|n\.?|n°|д\.)?\s?{_NUMBER})",
    # Lindenallee 47a, Prinsengracht 1021-B
    rf"(?<![\p{{L}}])(?:{_WORD}\s)?{_STREET_ENDINGS}\s{_NUMBER}(?![\w-])",
    # P.O. Box 331
    r"(?:P\.?\s?O\.?\s?Box|Postfach|Postbus|BP|Apartado|Casella\s+Postale|Private\s+Bag)\s\d{1,6}",
    r"\bRR\s\d+(?:\s(?:Site|Box)\s\d+)+",
    # Flat 302, …; Lot 7 Old Mill Rd; House 9, Adeola Close
    rf"(?:Flat|House|Villa|Lot|H\.No\.|Plot|Apt\.?|Apartment|Unit)\s\d{{1,4}}[A-Z]?,?\s(?:{_WORD},?\s){{1,4}}"
    rf"(?:{_STREETS_AFTER_NUMBER}|{_NUMBER}(?!\w))",
    r"〒\s?\d{3}-?\d{4}\s?[^\s、。,]{4,40}(?:\s?[^\s、。,]{1,15}\d+F)?",
    r"\p{Hangul}{2,10}(?:시|도)\s\p{Hangul}{1,6}(?:구|시|군)\s\p{Hangul}{1,10}(?:로|길"
    r"|동)\s?\d{1,4}(?:-\d+)?(?:,\s\d{1,5}호)?",
    r"\p{Han}{2,8}[省市]\p{Han}{1,8}[市区县區縣]\p{Han}{1,12}[路街道巷]\d{1,5}[号號](?:[\p{Han}\d]{1,12})?",
    rf"(?:г\.\s?{_WORD},\s)?(?:ул\.|пр\.|просп\.|пер\.)\s?(?:{_WORD}\s?){{1,3}},\s?д\.\s?\d+\w?",
)
_ANCHOR = regex.compile("|".join(_ANCHORS))

_POSTCODES: Final = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]\d\d\s[A-Z0-9]{4}|\d{5}-\d{3}"
    r"|\d{4}-\d{3}"
    r"|[A-Z]{2,3}\s\d{4,5}(?:-\d{4})?|\d{4}\s?[A-Z]{2}\b|\d{2}-\d{3}|(?:[A-Z]{1,2}-)?\d{4,6}|\d{3}\s\d{2})"
)
_UNIT: Final = (
    r"(?:Flat|Apt\.?|Apartment|Unit|Suite|Floor|Room|app(?:t|artement)?\.?|bât\.?|Bât\.|Haus|Stiege|Top"
    r"|Whg\.?|c/o"
    r"|bl\.|ap\.|apto\.?|scala|int\.|Int\.|bajo|piso|bus|кв\.|корп\.|оф\.|th\.|tr|RT|RW|RD|m\.|lok\."
    r"|P\.?O\.? Box|#)"
)
_SEGMENT: Final = (
    rf"(?:{_POSTCODES}(?:\s(?:{_WORD}|(?:de|la|le|am|an|der|do|of|K)\b)){{0,4}}"
    rf"|{_UNIT}\s?[\p{{L}}\d./-]{{1,12}}(?:\s[A-Z]\b|\s\d{{1,2}}\b)?|\d{{1,3}}(?:st|nd|rd|th)\s{_WORD}"
    rf"|\d{{1,2}}\.?º?\s?(?:th\.|tr|OG|Stock|étage|Dto\.|floor|F)"
    rf"|{_WORD}(?:\s(?:{_WORD}|de|la|le|am|an|der|do|of|upon|on|sul|sur"
    rf"|-)){{0,4}}(?:\s-\s[A-Z]{{2}})?(?:\s\d{{1,3}}[a-z]?\b)?"
    rf"(?:[,\s]+{_POSTCODES}(?!\w)(?:\s{_WORD}){{0,2}})?(?:\s\([A-Z][\p{{L}}]{{1,12}}\))?)"
)
_REST = regex.compile(
    rf"(?:\s{_UNIT}\s?[\p{{L}}\d./-]{{1,12}}(?:\s\d{{1,2}}\b)?|\s?\([A-Z]\p{{L}}{{1,14}}\)|(?:[ ]?"
    rf"|\n(?=\d{{4,6}}[ ]\p{{Lu}})){_POSTCODES}(?!\w)(?:\s{_WORD}){{0,2}}"
    rf"|\s?(?:,|\n)\s?{_SEGMENT})*"
)
_SEGMENTS_BEFORE = regex.compile(
    rf"(?:(?:(?:The\s)?{_WORD}(?:\s{_WORD}){{0,3}}|{_UNIT}\s?[\p{{L}}\d.-]{{1,12}}"
    r"|Hinterhof\s\p{L}+|\d{4,6}\s\p{Lu}\p{L}+|\d{6})(?:,\s?|\n))+$"
)
_BUILDING: Final = regex.compile(
    r"^(?:Flat|Apt|Apartment|Unit|House|Haus|Villa|Résidence|Residence|Bât|c/o|The|Block|Tower|Building"
    r"|Palazzo"
    r"|Edificio|Hof|Gut|Schloss|Suite|Room|Lot|Plot|H\.No|P\.?O|\d{4,6}[\s,]|г\.)"
)
_LAST_SEGMENTS = regex.compile(
    rf"(?:The\s)?{_WORD}(?:\s{_WORD}){{0,3}}(?:,\s{_WORD}(?:\s(?:{_WORD}|y|of|on|the)){{0,3}}){{1,4}},?\s"
    r"(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]\d\d\s[A-Z0-9]{4})(?!\w)"
)
"""An address without a number, which ends with a postcode of letters and digits."""


def addresses(text: str) -> Iterator[PersonalValue]:
    """Yield postal addresses: street and number, or a post box, with building, postcode, town and country.

    A town or country alone is none.

    >>> from responders.privacy.span import texts_of, without_overlaps
    >>> text = "to 12 Fjord Lane, Lerwick ZE1 0AA!"
    >>> texts_of(text, without_overlaps(addresses(text)))
    ['12 Fjord Lane, Lerwick ZE1 0AA']
    """
    for match in _ANCHOR.finditer(text):
        rest = _REST.match(text, match.end())
        end = rest.end() if rest else match.end()
        yield PersonalValue(_start(text, match.start()), _trimmed(text, match.start(), end), "ADDRESS")
    for match in _LAST_SEGMENTS.finditer(text):
        yield PersonalValue.at(match.span(), "ADDRESS")


def _start(text: str, anchor: int) -> int:
    """Return where the address begins: a building or a flat may stand before the street."""
    line = max(0, anchor - 80)
    before = _SEGMENTS_BEFORE.search(text, line, anchor)
    return before.start() if before and _BUILDING.match(before.group()) else anchor


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip(" ,;.-\n"))
