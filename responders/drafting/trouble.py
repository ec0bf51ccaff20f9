"""Words by which a message tells of trouble or of leaving: evidence for what the mood model found."""

import re
from typing import Final

_TROUBLE: Final = re.compile(
    r"\b(?:errors?|fail(?:s|ed|ing|ures?)?|crash\w*|bugs?|broke(?:n)?|stuck|frozen|freezes|locked out"
    r"|kicked out"
    r"|thrown out|throws? (?:us|me|him|her|them) out|rejected|bounc(?:e|es|ed)|missing|disappear\w*|vanish\w*"
    r"|lost|gone|expired|wrong(?:ly)?|nonsense|rubbish|garbage|trouble|problems?|issues?|unable|stolen|damaged"
    r"|leak(?:s|ed|ing)?|loud|smells?|nothing (?:loads?|happens|arriv\w+|works|goes)|(?:is|are|was"
    r"|were) empty"
    r"|(?:does|do|did|is|are|was|will|has|have|would)(?:n't| not) (?:\w+ )?(?:work\w*|load\w*|open"
    r"|arriv\w+|come"
    r"|start\w*|respond\w*|answer\w*|react\w*|sync\w*|connect\w*|let (?:me|us)|show\w*|send\w*|sent|happen\w*"
    r"|print\w*|ring\w*|heat\w*)|won't (?:\w+ )?(?:work|load|open|start|let (?:me|us)|connect|sync|print)"
    r"|not working|no longer works?|stopped|keeps? (?:\w+ing)|too slow|very slow|takes (?:ages|forever)"
    r"|no (?:answer|reply|response|reaction)|not (?:yet )?(?:arrived|received)|never (?:arrived|came|got)"
    r"|waiting|waited|overwrote|overwritten|outage|by mistake|charged twice|double charge"
    r"|stood around|sit(?:ting)? idle|disgrace|unbelievable|shame|angry|furious|upset|tears|sorry to say"
    r"|disappoint\w*|unacceptable|frustrat\w*|annoy\w*|complain\w*|ridiculous|useless|terrible|awful|horrible"
    r"|unusable|unfortunately|sadly|fed up|worse|worst|overcharged|misled|lied|scam|ignored|let (?:me"
    r"|us) down"
    r"|(?:second|third|fourth|fifth|sixth) time|still (?:not|no|waiting|failing|nothing|(?:do|does|is"
    r"|have|has)n't)"
    r"|fehler\w*|kaputt|geht nicht|funktioniert nicht|klappt nicht|leider|ärger\w*|verloren|falsch"
    r"|no funciona|roto|fallo|problema|perdido|mal)\b|!{2,}",
    re.IGNORECASE,
)
_LEAVING: Final = re.compile(
    r"\b(?:cancel\w*|leav(?:e|ing) (?:you|your)|(?:we|i)(?:'ll| will| shall|'m| are| am"
    r"|'re) (?:\w+ )?(?:leav(?:e|ing)"
    r"|gone|off|out)|switch(?:ing)? to|mov(?:e|ing) (?:to|over to) (?:another|a different|your|one of)"
    r"|go(?:ing)? (?:to|with) (?:a |another |your )?(?:competitor|rival|somebody|someone)"
    r"|competitors?|elsewhere"
    r"|terminat\w*|end (?:our|the|my) (?:contract|subscription|membership)|clos(?:e|ing) (?:our|the|my|this)"
    r"|give notice|quit|stop (?:using|paying)|last (?:straw|chance|message)|alternatives?|looking around"
    r"|charge ?back|had enough|fed up|done with you|lose (?:us|me|a customer)|kündig\w*|wechseln"
    r"|cancelar|darnos de baja|darme de baja)\b",
    re.IGNORECASE,
)


def tells_trouble(text: str) -> bool:
    """Tell whether a message says in its own words that something went wrong.

    >>> tells_trouble("The export fails since Monday."), tells_trouble("I want to pay for ten, not twelve.")
    (True, False)
    """
    return _TROUBLE.search(text.replace("’", "'")) is not None


def speaks_of_leaving(text: str) -> bool:
    """Tell whether a message speaks of leaving, cancelling or another provider.

    >>> speaks_of_leaving("Then we go to a competitor."), speaks_of_leaving("When is our year up?")
    (True, False)
    """
    return _LEAVING.search(text.replace("’", "'")) is not None
