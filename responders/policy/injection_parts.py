"""The parts that rules about injected instructions are made of: beginnings of clauses, quotes, people."""

from typing import Final, NamedTuple


class Joint(NamedTuple):
    """A family is marked if one sentence has all of `parts` and none of `unless`."""

    family: str
    parts: tuple[str, ...]
    unless: str | None = None


FIRST: Final = r"(?:^|[\n.!?:;>*#\]]\s*)\W{0,3}"

POLITE: Final = (
    r"(?:\b(?:please|kindly|bitte|veuillez|merci\s+de|por\s+favor|proszę|graag|gelieve|prego|vi\s+prego"
    r"|per\s+favore|favor\s+de)\s+(?:\w+\s)?|пожалуйста,?\s|请|必ず)"
)

START: Final = (
    rf"(?:{FIRST}(?:(?:then|now|just|and|also|instead|so|und|jetzt|dann|et|puis|y|e|poi|en|dan"
    rf"|(?-i:i))\s)?|{POLITE}|\b(?:must|shall)\s)"
)
"""The beginning of a sentence, or a word that asks: an order follows."""

LOOSE_START: Final = (
    r"(?:^|[\n.!?:;,()\"“„>—–*#\]-]\s*|\b(?:please|kindly|just|then|now|also|and|bitte|und|jetzt|dann|et"
    r"|puis|y|luego|e|poi|en|dan|(?-i:i)|oraz|to|must|shall|should|will|proszę|por\s+favor|merci\s+de"
    r"|veuillez)\s+|и\s|затем\s|请)"
)
"""The beginning of any clause."""

QUOTE: Final = r"[\"“„«「『‘][^\"”“»」』\n]{3,240}[\"”“»」』’]"

OTHERS: Final = (
    r"(?:my|our|his|her|the)\s+(?:sister|brother|cousin|uncle|aunt|ex|ex-\w+|exhusband|neighbou?rs?"
    r"|tenants?|lodger|landlord|landlady|roommate|flatmate|competitors?|boss|colleague|niece|nephew"
    r"|wife|husband|son|daughter|mother|father|girlfriend|boyfriend|friend)(?!['’]s\s+(?:parcel|order"
    r"|phone\s+number\s+to))(?!\s+compan)"
    r"|(?:the|a)\s+(?:person|man|woman|family|customer|user|people)\s+(?:who|in\s+flat|in\s+number"
    r"|above|below|next\s+door|upstairs|downstairs|that\s+(?:bought|sold))|another\s+(?:customer|user"
    r"|account|person)|other\s+(?:customers|users|accounts)"
)

ABOUT_A_SCREEN: Final = (
    r"\b(?:you\s+(?:wrote|said|say|write)|(?:page|screen|it|app|display|system|website|button|status"
    r"|ticket)\s+(?:just\s+|now\s+|always\s+)?(?:says?|shows?|said|reads)|error|button|click|menu|press"
    r"|wählen|klick\w*|cliqu\w+|haga\s+clic|field|call\s+it|label\w*|search\w*"
    r"|titled|subject|option|settings|tab|template|macro|when\s+i|i\s+(?:say|answer|reply|write)"
    r"|(?:answer|reply|response)\s+(?:is|was)|the\s+question|let\s+me|card\s+saying)\b"
)

NOT_OURS: Final = (
    r"\b(?:my|our|notification|automation|validation|firewall|e-?mail|routing|assembly|delivery|washing|css"
    r"|header|certificate|installation|care|meine\w*|unsere\w*|mes|nos|mis|nuestr\w+|meus?|minhas?|mie|miei"
    r"|mijn|onze|moje|moich|мои|нашей|from\s+the\s+(?:old|manual)|in\s+the\s+manual|de\s+entrega"
    r"|i\s+ignored|delivery)\b"
)
