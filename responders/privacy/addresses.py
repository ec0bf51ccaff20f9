"""Postal addresses: a street with a number, a post box or a postcode, and the parts around it."""

from collections.abc import Iterator
from typing import Final

import regex

from responders.late_pattern import LatePattern
from responders.privacy.cued import CuedPattern
from responders.privacy.span import PersonalValue
from responders.privacy.streets import (
    AFTER_NAME,
    AFTER_NAME_SMALL,
    AFTER_NAME_TOO,
    BEFORE_NAME,
    BEFORE_NAME_SMALL,
    BOXES,
    COMPOUND_ENDINGS,
    CUES,
    NOUNS_AFTER,
)

_NO_PART: Final = (
    r"(?!(?:Tel|Telefon|Phone|Fax|Mobile|Mobil|Handy|Mail|E-?mail|Regards|Cordialement|Gruß|Grüße"
    r"|Terveisin|Matkaliput|Best"
    r"|Kind|Thanks|Thank|Merci|Danke|Gracias|Obrigad[oa]|Grazie|Please|Bitte"
    r"|Ask|Call|Contact|Customer|Kunden\w*|Account|Owner|Attn|My|Our|The\s+\p{Ll}|I|We|He|She|It|They"
    r"|You|Is|Can|Could|Und|Ich|Wir|Je|Nous|Ticket|Order|Invoice|Aktenzeichen|DOB"
    r"|(?:Version|Build|Release|Error|Case|Level|Step|Page|Protocol|Train|Flight|Seat|Model|Meter"
    r"|Patch|Port"
    r"|Chapter|Line|Item|Code|Row|Table)(?=\s[\d#]))\b)"
)
_WORD: Final = rf"{_NO_PART}\p{{Lu}}[\p{{L}}\p{{M}}'’.-]*+(?!\d)"
_SMALL: Final = (
    r"(?:de|la|le|les|du|des|del|della|di|da|das|do|dos|los|las|el|am|an|der|den|dem|im|in|ob|bei|y|e|of"
    r"|upon|on|the|and|sul|sur|sous|nad|pod|K|op|aan|bij|ten|ter|te|auf|na|les|och|og|d['’]\p{L}+"
    r"|l['’]\p{L}+)"
)
_NUMBER: Final = (
    r"\d{1,5}(?:\s?(?:bis|ter"
    r"|quater)\b)?[A-Za-z]?(?:[-/]\d{0,4}[A-Za-z]?){0,3}(?:-[IVX]{1,4}\b)?(?:\s[A-Ha-d]\b(?![:.'’])(?:\s\d{1,3}\b)?)?"
)
_POSTCODE: Final = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]\d[\dW]\s?[A-Z\d]{4}"
    r"|\d{5}-\d{3,4}|\d{4}-\d{3}|\d{3}-\d{4}|[A-Z]{2,3}\s\d{4,5}(?:-\d{4})?"
    r"|\d{4}\s?[A-Z]{2}\b|\d{2}-\d{3}|(?:[A-Z]{1,2}-)?\d{4,6}|\d{3}\s\d{2,3})(?![\w€$£%])"
)
_UNIT: Final = (
    r"(?:Flat|Apt\.?|Apartment|Unit|Suite|Ste\.?|Floor|Room|Rm\.?|Block|Blk\.?|Tower|Building|Bldg\.?"
    r"|Level|Shop|Warehouse|Dept\.?|Door|app(?:t|artement)?\.?|bât(?:iment)?\.?|Bât(?:iment)?\.?"
    r"|esc(?:alier)?\.?"
    r"|étage|Haus|Hinterhaus|Vorderhaus|Seitenflügel|Stiege|Top|Tür|Whg\.?|Wohnung|c/o|bl(?:oco)?\.?"
    r"|Bloco|ap(?:to)?\.?|Apto\.?|scala|Scala|int\.|Int\.|interno|bajos?|Bajo|piso|Piso|puerta|portal"
    r"|esc\.|dpto\.?|Depto\.?"
    r"|bus|bte|boîte|кв\.|корп\.|стр\.|оф\.|под\.|lok\.|m\.|RT|RW|RD|No\.?:?|Nr\.?|D:|K:|Daire:?|Kat:?"
    r"|Blok|lakás|byt|et\.|sc\.|ap\.|lejl\.?|lgh|leilighet|P\.?O\.? Box|#)"
)
_FLOOR: Final = (
    r"\d{1,3}(?:\.|er|e|ème|eme|st|nd|rd|th)?\s?[ºª°]?\.?\s?(?:floor|fl\.?|étage|OG|EG|Etage|Stock"
    r"|Stiege|piso|andar|esq\.?|Esq\.?|izq(?:da)?\.?|izda\.?|dcha\.?|dto\.?|Dto\.?|drt\.?|frente|tv\.?"
    r"|th\.?|mf\.?"
    r"|tr\.?|kat|em\.|Obergeschoss|Erdgeschoss|lgh|patio|verdieping|piętro|emelet|patro|[A-H](?!\w))"
    r"|\#\d{1,3}-\d{1,4}|[IVX]{1,4}\.\s?(?:em|p|kat)\.?(?:\s?\d{1,3}\.?)?"
)
_PART_IN_SMALL: Final = (
    r"(?:(?!(?i:order|ticket|case|invoice|ref\w*|phone|tel\w*|mob\w*|fax|seat|since|before|until|by"
    r"|at|from|on"
    r"|in|the|for|and|or|i|we|meter|customer|account|version|error|call\w*|iban|code|digicode|born"
    r"|age|dob|page"
    r"|step|line|item|row|contract|policy|passport|booking|plan|pin|flight|zähler|rechnung|auftrag"
    r"|kunde\w*)\b)"
    r"(?:\p{L}{1,14}\.?\s?[A-Z]?\d[\w/.-]{0,7}|\p{L}{2,14}\.?\s[A-Z0-9])|\d{1,3}(?:st|nd|rd|th|er|ère"
    r"|ème|[.eºª])?"
    r"\s?\p{L}{2,14}(?:\s\p{Ll}{3,10})?|\p{Lu}\p{L}+\s\p{Ll}{4,12})\.?(?=\s?(?:[,;.\n)]|$))"
)
"""A part between commas of a few words: a stair, a floor or a flat, as in "etaj 4" or "3e étage gauche"."""

_SEGMENT: Final = (
    rf"(?:{_PART_IN_SMALL}|{_POSTCODE}(?:\s(?:{_WORD}|{_SMALL}\b|-\s[A-Z]{{2}}\b"
    rf"|\([^()\n]{{2,20}}\))){{0,5}}"
    rf"|{_UNIT}\s?[\p{{L}}\d./-]{{0,12}}(?:\s(?:[A-Z]|\d{{1,3}})\b)?|{_FLOOR}"
    rf"|(?:\d{{1,3}}(?:st|nd|rd|th)\s)?{_WORD}(?:\s(?:{_WORD}|{_SMALL}\b"
    rf"|\d{{1,4}}[a-z]?\b(?!\s?[€$£%]))){{0,5}}(?:\s-\s[A-Z]{{2}}\b)?(?:,?\s{_POSTCODE})"
    rf"?(?:\s\([A-Z][\p{{L}} ]{{1,20}}\))?)"
)
_TOWN: Final = (
    rf"(?:(?:(?!(?:19|20)\d\d\b){_POSTCODE}"
    rf"|\d{{3}}(?!\d))\s\p{{Lu}}\p{{L}}{{2,}}+(?![’'])(?:\s(?:{_WORD}|{_SMALL}\s{_WORD})){{0,2}}"
    rf"|(?=[^\d\n]{{3,30}}\d){_WORD}(?:\s{_WORD}){{0,2}}\s(?!(?:19|20)\d\d\b)(?=\d{{4,6}}"
    rf"|[A-Z]{{1,3}}){_POSTCODE})"
)
"""A postcode and a town, in either order; a year is no postcode."""

_NUMBER_FIRST: Final = (
    r"(?<![\w.:/€$£-])(?<!\d[ ])(?:No\.?\s?)?\d{1,5}(?:\s?(?:bis"
    r"|ter))?[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?){0,2}"
)
_MORE_FOLLOWS: Final = r"(?=\s?(?:,|\n|\(|\s(?:in|near|off)\s)|\s[A-Z]{1,2}\d)"
_NUMBER_ANCHORS: Final = (
    rf"{_NUMBER_FIRST},?\s(?:\d{{1,3}}(?:st|nd|rd|th)\s|{_WORD}\s|of\s"
    rf"|the\s){{1,4}}?(?:{AFTER_NAME})\b\.?(?:\s(?:North|South|East|West|N|S|E|W|NE|NW|SE|SW)\b)?",
    rf"{_NUMBER_FIRST},?\s(?:\d{{1,3}}(?:st|nd|rd|th)\s|{_WORD}\s|of\s"
    rf"|the\s){{1,4}}?(?:{AFTER_NAME_TOO})\b\.?{_MORE_FOLLOWS}",
    rf"{_NUMBER_FIRST},?\s(?:The\s)?(?:Kingsway|Broadway|Strand|Promenade|Esplanade|Queensway|Parkway"
    rf"|\w+way)\b{_MORE_FOLLOWS}",
    rf"{_NUMBER_FIRST},?\s(?i:rue|avenue|av\.|boulevard|bd|place|allée|allées|quai|impasse|chemin|route"
    rf"|cours|square|passage|faubourg|sentier|ruelle|chaussée|villa|résidence)\s(?:(?:de|du|des|d['’]"
    rf"|l['’]|la|le|les|à|en)\s?){{0,3}}(?:{_WORD}[\s-]?|(?:et|de|du|des|la)\s"
    rf"|\d{{1,2}}\s){{0,5}}{_WORD}",
    rf"(?<![\w.])\d{{4,6}}\s\p{{Lu}}\p{{L}}+,\s(?:{_WORD}\s)(?:{_WORD}\s|(?i:{NOUNS_AFTER})\s"
    rf"|\p{{Ll}}{{2,12}}\s){{0,3}}"
    rf"\d{{1,4}}\.?(?:\s\d{{1,3}}\.?/\d{{1,3}}\.?|(?!\w))",
    rf"(?<![\w.+-])\d{{1,3}}(?:-\d{{1,3}}){{1,2}},?\s(?:{_WORD}[\s,]{{1,2}}){{1,6}}{_POSTCODE}",
    rf"{_NUMBER_FIRST},?\s(?:{_WORD}\s?){{1,4}},\s(?:{_WORD}[\s,]{{1,2}}){{1,4}}(?:[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}"
    rf"|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{{2,3}}\s\d{{4,5}}|[A-Z]\d[\dW]\s?[A-Z\d]{{4}}"
    rf"|\d{{3}}-\d{{4}}|(?!(?:19|20)\d\d\b)\d{{4,6}})(?!\w)",
)
"""Addresses that begin with a number."""

_NAME_ANCHORS: Final = (
    rf"(?<![\p{{L}}])(?:{BEFORE_NAME})\s?(?:{_SMALL}\s){{0,2}}(?:{_WORD}\s?,?\s?|{_SMALL}\s"
    rf"|\d{{1,2}}\.?\s(?=de\s)){{1,7}}(?:s/n\b|(?i:nr\.?|no\.?:?|n\.?|n°|nº|д\."
    rf"|#)?\s?{_NUMBER}(?![\w]))",
    rf"(?<![\p{{L}}])(?:{_WORD}\s){{0,2}}\p{{Lu}}[\p{{L}}-]*(?i:{COMPOUND_ENDINGS})\s{_NUMBER}(?![\w]"
    rf"|\s?(?:€|Euro|EUR|%|Uhr|kg|Stück|cm|mm))",
    rf"(?<![\p{{L}}])(?:{_WORD}\s){{1,3}}(?:{NOUNS_AFTER})\s?(?:No\.?:?|Nr\.?|nr\.?)?\s?{_NUMBER}(?!\w)\.?",
    rf"{_WORD}(?:\s(?:{_WORD}|{_SMALL}\b|\p{{Ll}}{{3,14}}\.?)){{0,4}},?\s(?:(?i:no|nr|nº|n°|č\.p"
    rf"|č)\.?:?\s?|\#\s?)?"
    rf"{_NUMBER}\.?(?:\s(?:bte|bus|app|appt|apt|m|k|t|lok|Top|Tür)\.?\s?\w{{1,4}})?"
    rf"(?:,\s(?!\p{{Ll}}+\s\p{{Ll}}+\s\p{{Ll}}+)[^,\n.!?]{{1,25}}){{0,2}}(?:,\s|\n|\s[-–]\s){_TOWN}",
    rf"(?<![\p{{L}}])(?i:{BEFORE_NAME_SMALL})\.?\s(?:(?:{_SMALL}|\p{{Ll}}{{2,3}})\s){{0,3}}"
    rf"(?:{_WORD}\s?|{_SMALL}\s|la\s\p{{Ll}}+\s){{1,5}},?\s?(?i:nr\.?|no\.?:?|n\.?|n°|nº"
    rf"|\#)?\s?{_NUMBER}(?!\w)",
    rf"(?<![\p{{L}}\d])(?:{BOXES})\s?(?:[Nn]o?\.?\s|[Nn]r\.?\s)?\d{{1,6}}(?:\s\d{{1,3}}){{0,3}}(?!\w)",
    rf"[A-Z]{{1,2}}[-/]\d{{1,4}}(?:/\d{{1,4}})?,\s(?:{_WORD}(?:\s(?:{_WORD}|\d{{1,3}}))*,\s){{1,4}}{_WORD}"
    r"\s?[-–]?\s?\d{6}(?!\w)",
    rf"(?:Cnr|Corner)\s(?:of\s)?(?:{_WORD}\s){{1,3}}(?:and|&|/)\s(?:\d{{1,3}}(?:st|nd|rd"
    rf"|th)\s)?(?:{_WORD}\s?){{1,3}}",
    r"\bRR\s?\d+(?:\s(?:Site|Box)\s\d+)+",
    rf"(?<![\p{{L}}])(?:{_WORD}\s"
    rf"|{_SMALL}\s){{1,4}}\d{{1,4}}[a-zA-Z]?(?:[/-]\w{{1,4}}){{0,2}}(?:\s[A-D])?,?\s(?:[A-Z]{{1,3}}-)"
    rf"?(?:\d{{4,5}}|\d{{3}}\s\d{{2}}|\d{{4}}\s?[A-Z]{{2}}|\d{{2}}-\d{{3}}"
    rf"|\d{{4}}-\d{{3}})\s\p{{Lu}}\p{{L}}+(?:\s(?:{_WORD}|{_SMALL}\b)){{0,3}}",
    rf"(?<![\p{{L}}])(?:Flat|House|Villa|Lot|H\.?\s?No\.?|Plot|Door|Apt\.?|Apartment|Unit|Croft"
    rf"|Bungalow|Shop|Block|Warehouse|Building|Suite|Plot\s+No\.?|House\s+No\.?"
    rf"|Site)\s?(?:[Nn]o\.?\s?)"
    rf"?\d{{1,4}}[A-Z]?(?:[-/]\d{{1,4}}){{0,3}},?\s(?:{_WORD},?\s){{1,4}}(?:{AFTER_NAME}"
    rf"|{_NUMBER}(?!\w)|{_POSTCODE})",
    rf"(?<![\p{{L}}])(?:The\s)?{_WORD}(?:\s{_WORD}){{0,2}},\s(?:{_WORD}\s){{1,3}}(?:{AFTER_NAME}"
    rf"|{AFTER_NAME_TOO}),\s(?:{_WORD}[\s,]{{1,2}}){{1,4}}{_POSTCODE}",
    rf"(?:г\.\s?{_WORD},\s)?(?:ул\.|пр\.|просп\.|пер\.|проспект|улица|вул\."
    rf"|б-р|наб\.|набережная|шоссе|бул\.)\s?(?:[\p{{Cyrillic}}.-]+\s?){{1,4}},\s?(?:д\.|дом"
    rf"|буд\.)?\s?\d+\w?",
)
"""Addresses that begin with a word."""

_ASIAN: Final = (
    r"(?<![\w-])〒?\s?\d{3}-\d{4}\s?(?=[\p{Han}\p{Hiragana}\p{Katakana}]{2}[^\s、。,の]{2})"
    r"[^\s、。,の]{4,40}(?:\s?[^\s、。,]{1,15}\d+(?:F|階|号室?))?",
    r"\p{Han}{1,4}[都道府県][\p{Han}ヶ\p{Hiragana}\p{Katakana}]{1,8}[市区町村郡][^\s、。,]{1,20}\d(?:[\d丁目番地号-]{0,14})"
    r"(?:[\s　]?[^\s、。,]{1,14}\d{1,4}号?室?)?",
    r"\p{Hangul}{2,10}(?:시|도)\s\p{Hangul}{1,6}(?:구|시|군)\s\p{Hangul}{1,10}(?:로|길"
    r"|동)\s?\d{1,4}(?:-\d+)?(?:길\s?\d+)?(?:,?\s\d{1,5}(?:호|동)){0,2}",
    r"(?:\p{Han}{2,8}[省市])?\p{Han}{1,8}[市区县區縣]\p{Han}{1,12}[路街道巷弄里村]\d{1,5}[号號弄]?(?:[\p{Han}\d]{1,12})?",
)
_NUMBER_ANCHOR = LatePattern("|".join(_NUMBER_ANCHORS))
_NAME_ANCHOR = LatePattern(
    rf"(?=\p{{Lu}}|[\p{{Ll}}/-]{{1,9}}[.]?\s?(?:[\p{{Lu}}\d]|d[aeiou]?[ls]?\s"
    rf"|las?\s))(?:{'|'.join(_NAME_ANCHORS)})"
)
_PLACE = LatePattern(r"(?<![\p{L}\d])(?:(\d)|No\b|\p{L})")
_ASIAN_ANCHOR = LatePattern("|".join(_ASIAN))
_DIGIT = LatePattern(r"\d+")
_REACH: Final = 120
"""Characters before and after a digit in which an address with that number stands. Chosen by hand."""
_NO_PHONE: Final = r"(?!\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|\+\d)"
_REST = LatePattern(
    rf"(?:(?<=\p{{L}}{{3}})/{_WORD}|\s{_UNIT}\s?[\p{{L}}\d./-]{{1,12}}(?:\s\d{{1,2}}\b)?"
    rf"|\s?\([A-Z]\p{{L}}{{1,14}}\)"
    rf"|[ ]{_FLOOR}(?!\w)|(?:[ ]?|\n(?=\d{{4,6}}[ ]\p{{Lu}}))(?<=[ \n]){_POSTCODE}(?:\s(?:{_WORD}"
    rf"|{_SMALL}\b)){{0,4}}"
    rf"|(?<=\d{{4}})\s{_WORD}(?:\s{_WORD}){{0,3}}|,?\s(?:in|near|off|opposite|behind|beside|next\sto|à"
    rf"|nach)\s(?=\p{{Lu}}|\d){_SEGMENT}"
    rf"|(?<=\p{{L}})\s(?:[A-Z]?\d{{1,4}}[A-Z]?|{_WORD})(?=\s?(?:[,.\n]|$))"
    rf"|,\s(?:\p{{Ll}}+\s){{1,3}}\p{{Ll}}+,\s(?={_POSTCODE}\s\p{{Lu}}){_SEGMENT}"
    rf"|(?:\s?[,;]\s?|\n|\s[-–—·|/]\s){_NO_PHONE}{_SEGMENT}){{0,9}}"
)
_SEGMENTS_BEFORE = LatePattern(
    rf"(?<![\w.+-])(?<!\d[ ])(?:(?:\d{{1,3}}(?:st|nd|rd|th|er|ème|[.eºª])?\s\p{{L}}{{2,14}}"
    rf"|(?:The\s)?{_WORD}(?:\s(?:{_WORD}|\d{{1,4}}[A-Z]?\b)){{0,3}}"
    rf"|{_UNIT}\s?[\p{{L}}\d.-]{{1,12}}|Hinterhof\s\p{{L}}+|\d{{4,6}}\s\p{{Lu}}\p{{L}}+|\d{{6}}"
    rf"|\d{{1,4}}[A-Z]?(?:/\d+)?)(?:,\s?|\n))+$"
)
_BUILDING: Final = LatePattern(
    r"^(?:Flat|Apt|Apartment|Unit|House|Haus|Villa|Résidence|Residence|Residencial|Bât|c/o|The|Block"
    r"|Tower|Building|Bldg|Palazzo|Edificio|Edifício|Hof|Gut|Schloss|Suite|Room|Lot|Plot|H\.No|P\.?O"
    r"|\d{1,6}[\s,/A-Z]|г\.|Warehouse"
    r"|Shop|Level|Floor|Studio|Hotel|Hostel|Cottage|Farm|Mill|Lodge|Bungalow|Croft|Condominio|Cond"
    r"|Urbanización|Urb|Torre|Bloco|Bloque|Lote|Quinta|Site|Door|Wing|\p{Lu}\p{L}+\s(?:House|Court"
    r"|Cottage|Farm|Lodge|Tower|Towers|Mansions?|Building|Apartments?|Heights|Villas?|Hall|Point|Place"
    r"|Residency|Residences?))"
)
_SMALL_ANCHOR = LatePattern(
    rf"(?<![\w.:/€$£-])\d{{1,5}}[a-z]?,?\s(?:[nsew]{{1,2}}\.?\s)?(?:\p{{L}}{{2,14}}\s){{1,3}}(?:{AFTER_NAME_SMALL})"
    rf"\b(?!\s(?:ago|of))"
    r"(?:,?\s(?:apt|unit|ste|suite|flat|floor|#)\.?\s?[\w-]{1,6})?"
    r"(?:(?:,?\s(?:flat\s\d+[a-z]?|\p{L}{2,16})){0,4},?\s(?:[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|\d{5})\b)?"
)
_LAST_SEGMENTS = LatePattern(
    rf"(?:The\s)?{_WORD}(?:\s{_WORD}){{0,3}}(?:,\s{_WORD}(?:\s(?:{_WORD}|y|of|on|the)){{0,3}}){{1,4}},?\s"
    r"(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]\d[\dW]\s?[A-Z0-9]{4})(?!\w)"
)
"""An address without a number, which ends with a postcode of letters and digits."""

_CUED = CuedPattern(
    CUES,
    rf"\s?[:,=]?[\s\"“„]{{1,2}}(?=[^\n]{{0,60}}\d)"
    rf"((?:(?:\d{{1,5}}[\w/-]{{0,6}}|#?[\w/-]{{0,3}}\d[\w/-]{{0,6}}|(?:near|opp\.?|behind|opposite"
    rf"|next\sto)\b|{_SMALL}\b|{_WORD}|(?i:{NOUNS_AFTER}))(?:,?[ ]|,?\n|,|(?=[.;!?\"”\n]|$))){{2,16}})",
    before=r"(?<!\p{L})",
)
"""An address in any form after the words that announce it: capital letters and numbers."""

_MIN_CUED_WORDS: Final = 2
_MAX_BEFORE: Final = 80
"""Characters before a street in which a building may stand. Chosen by hand."""


def addresses(text: str) -> Iterator[PersonalValue]:
    """Yield postal addresses: street and number, or a post box, with building, postcode, town and country.

    A town or country alone is none.

    >>> from responders.privacy.span import texts_of, without_overlaps
    >>> text = "to 12 Fjord Lane, Lerwick ZE1 0AA!"
    >>> texts_of(text, without_overlaps(addresses(text)))
    ['12 Fjord Lane, Lerwick ZE1 0AA']
    """
    end = -1
    for value in sorted(_parts(text)):
        if value.start >= end:
            start = value.start
        yield PersonalValue(start, max(value.end, end), "ADDRESS")
        end = max(value.end, end)


def _parts(text: str) -> Iterator[PersonalValue]:
    """Yield addresses by each mark of one; they may overlap."""
    for start, end in _around_digits(text):
        for match in _anchors(text, start, end):
            yield PersonalValue(
                _start(text, match.start()), _end(text, match.start(), match.end()), "ADDRESS"
            )
    for match in _ASIAN_ANCHOR.finditer(text) if _HAS_ASIAN.search(text) else ():
        yield PersonalValue.at(match.span(), "ADDRESS")
    for match in _LAST_SEGMENTS.finditer(text):
        yield PersonalValue(_start(text, match.start()), match.end(), "ADDRESS")
    for match in _SMALL_ANCHOR.finditer(text):
        yield PersonalValue.at(match.span(), "ADDRESS")
    for match in _CUED.finditer(text):
        if _is_place(match.group(1)):
            end = match.start(1) + len(match.group(1).rstrip(" ,\n"))
            yield PersonalValue(match.start(1), _end(text, match.start(1), end), "ADDRESS")


def _anchors(text: str, start: int, end: int) -> Iterator[regex.Match[str]]:
    """Yield streets with a number and post boxes; they may overlap."""
    for place in _PLACE.finditer(text, start, end):
        if place.start() >= start:
            numbered = place.group(1) or place.group() == "No"
            match = _NUMBER_ANCHOR.match(text, place.start(), end) if numbered else None
            match = match or (None if place.group(1) else _NAME_ANCHOR.match(text, place.start(), end))
            if match:
                yield match


_HOUSE = LatePattern(r"(?<![\w.,:/-])#?\d{1,5}(?:[\w/-]{0,6})(?![\w:%€$£]|[.:]\d)")
_NO_HOUSE = LatePattern(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Januar"
    r"|Februar|März|Mai|Juni|Juli|Oktober|Dezember|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"
    r"|Sunday"
    r"|EUR|USD|GBP|Version|v\d|Plan|Team|Pro|Windows|iOS|Android|Gate|Terminal|Level|Room|Order|Invoice"
    r"|Ticket|Page|Step|Build|Release|Chrome|Flight|Train)\b"
)


def _is_place(words: str) -> bool:
    """Tell whether words after "address" have a number of a house and a name, and no date or product."""
    names = _CAPITAL.findall(words)
    return len(names) >= _MIN_CUED_WORDS - 1 and bool(_HOUSE.search(words)) and not _NO_HOUSE.search(words)


_CAPITAL = LatePattern(r"\p{Lu}\p{L}{2,}")
_HAS_ASIAN = LatePattern(r"[\p{Han}\p{Hangul}]")


def _around_digits(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text near a digit, in order."""
    start = end = 0
    for match in _DIGIT.finditer(text):
        if match.start() - _REACH > end:
            if end:
                yield start, end
            start = match.start() - _REACH
        end = min(len(text), match.end() + _REACH)
    if end:
        yield start, end


def _start(text: str, anchor: int) -> int:
    """Return where the address begins: a building or a flat may stand before the street."""
    line = max(0, anchor - _MAX_BEFORE)
    before = _SEGMENTS_BEFORE.search(text, line, anchor)
    return before.start() if before and _BUILDING.match(before.group()) else anchor


def _end(text: str, start: int, end: int) -> int:
    """Return where the address ends: postcode, town, floor and country may follow the street."""
    rest = _REST.match(text, end)
    end = rest.end() if rest else end
    return start + len(text[start:end].rstrip(" ,;.-–|/\n"))
