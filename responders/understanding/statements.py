"""What a sentence without a question does: requests, wishes, problems, courtesies. Chosen by hand."""

import re
from typing import Final

_I: Final = re.IGNORECASE

_VERBS: Final = (
    r"(?:send|resend|delete|cancel|change|close|remove|add|move|extend|restore|correct|fix|call|stop|merge"
    r"|unlock|unblock|activate|reactivate|deactivate|switch|transfer|reset|raise|increase|lower|refund|give"
    r"|put"
    r"|take|escalate|connect|show|make|provide|forward|upgrade|downgrade|update|enable|disable|set|turn|book"
    r"|rename|replace|return|repair|issue|erase|wipe|block|cut|lift|waive|book|order|unban|unsubscribe"
    r"|reverse"
    r"|exchange|treat|check|arrange|schedule|confirm|sign|export|import|create|install|open|assign|credit"
    r"|reimburse|offer|quote|name|roll|let|tell|explain|advise|inform|bring|deliver|ship|process|help|look"
    r"|come"
    r"|do|get|pay|keep|write|allow|accept|adjust|approve|convert|copy|print|register|release|renew|ship|split"
    r"|swap|sync|test|upload|verify|link|leave|note|clarify|answer|respond|reply)"
)
REQUEST: Final = re.compile(
    rf"(?:\b(?:please|pls|plz|kindly)\b,? (?:also |just |immediately |urgently |quickly |kindly )?{_VERBS}\b"
    rf"|\b(?:can|could|would|will) (?:you|u|some(?:one|body)|any(?:one|body)) (?:please |kindly |also "
    rf"|still |just )*{_VERBS}\b"
    r"|\b(?:i|we) (?:\w+ )?(?:want|need|ask|request|expect|demand|would like) (?:you|u) (?:to|for)\b|\b(?:i"
    r"|we) ask (?:you )?for\b|^\W*\w+,? (?:please|pls|plz)\W*$"
    r"|\b(?:i|we) (?:demand|request|insist|claim)\b|\bbe so kind\b|\b(?:i|we) (?:want|need|expect"
    r"|would like) (?:\w+ ){1,3}(?:stopped|removed|fixed|corrected|back)\b"
    r"|\b(?:i|we)(?:'d| would) like .{1,60}\b(?:removed|deleted|corrected|changed|compensated|refunded)\b"
    r"|\bbitte (?:\w+ )?\w+en sie\b|\bbitte um\b|\b(?:können|könnten|würden) sie\b|\b(?:ich|wir) (?:möchte"
    r"|möchten|will|wollen)\b"
    r"|\bpor favor\b|\b(?:quiero|queremos|solicito|necesito|exijo)\b|\b(?:pueden|podrían|puede|podría)\b)",
    _I,
)
IMPERATIVE: Final = re.compile(
    rf"\W*(?:please |pls |plz |kindly |and |then |just |so |also )*{_VERBS}\b(?! (?:is|are|was|does|button"
    rf"|the fact|#|no\.|\d))(?!:)",
    _I,
)
NEEDS_ACTION: Final = re.compile(
    r"\b(?:delete|cancel|change|close|remove|move|extend|restore|merge|unlock|unblock|activate|reactivate"
    r"|deactivate"
    r"|switch (?:on|off)|turn (?:on|off)|transfer|reset|raise|increase|refund|put|take|upgrade|downgrade"
    r"|enable|disable"
    r"|erase|lift|waive|book|rename|replace|unban|reverse|stellen sie|ändern sie|löschen sie|cambien"
    r"|cambiar|activen"
    r"|borren|correct|unsubscribe|reimburse|block|add)\b",
    _I,
)
"""The actions on an account or order that a person must do."""

COURTESY: Final = re.compile(
    r"\W*(?:(?:so|and|but|also|hi|hello|thanks|sorry)\b\W*)*(?:(?:please|pls|kindly|just) )?"
    r"(?:(?:can|could|would|will) (?:you|u|some(?:one|body)|any(?:one|body)|we)(?: guys)? (?:please "
    r"|kindly |maybe |possibly )*)?"
    r"(?:help|assist|support|look(?:ing)?|check|take a look|have a look|fix|sort|advise|solve|investigate"
    r"|do something"
    r"|any (?:help|ideas?|advice|hints?|thoughts|suggestions?|clue)|ideas|thoughts|is there a trick"
    r"|let me know"
    r"|get back|tell me(?: what you (?:need|think))?|hope you (?:can|are)|i hope|looking forward|thank"
    r"|see subject|as above|have (?:a|an) (?:nice|good|great|lovely|pleasant))\b"
    r"(?:,? (?:me|us|this|it|that|these|into|at|out|with|on|here|please|asap|urgently|quickly|soon|the"
    r"|issue|problem|for|to"
    r"|you|your|help|reply|answer|from|in advance|would be|is|appreciated|great|welcome|hearing|back|about"
    r"|are|well|can|a|what|tell|week|day|weekend|evening|one"
    r"|could|be|very|much|both|these|all|thanks|know|if|need|more|anything|i|find|so|doing))*\W*$",
    _I,
)
"""A plea for help that names nothing; the sentences before it say what it is about."""

EMPTY_QUESTION: Final = re.compile(
    r"\W*(?:hello|hi|hey|really|seriously|right|ok(?:ay)?|correct|huh|what|yes|no|anyone(?: there)?"
    r"|anybody(?: there)?|is anyone there"
    r"|hello anyone there|are you (?:there|kidding|serious)|do you (?:test|read|listen|even)\b.*|remember"
    r"|how are you|you know|who cares|see)\W*$",
    _I,
)

DEPENDENT: Final = re.compile(
    r"\W*(?:(?:and|so|but|if (?:so|not|yes)|oh)\b\W*)*(?:why(?: (?:is|does|did) (?:that|this|it)(?: so"
    r"| happen)?)?|how come|how(?: so)?|what (?:now|then|next|gives|to do(?: now)?"
    r"|(?:can|should|do|must|could|shall) (?:i|we) do(?: now| about (?:it|this|that)| next)?"
    r"|am i doing wrong|is (?:wrong|happening|going on|it|this|the best way|the reason)"
    r"|does (?:it|this|that) mean)|possible|fixable|doable|how (?:much|early|late|soon|often|long)"
    r"|since when|until when|is this true|doable for us|can (?:this|that"
    r"|it) be (?:changed|fixed|done)"
    r"|which (?:one |of them |of the two )?is (?:right|correct|true)|ok(?:ay)? or not|ok like that"
    r"|(?:is )?(?:this|that|it) (?:possible|ok|okay|right|correct)"
    r"|woran liegt (?:das|es)|warum(?: ist das so)?|was (?:kann|soll|muss) (?:ich|man|wir) (?:da )?(?:tun"
    r"|machen)|wie geht das|qué (?:puedo|debo) hacer|por qué|[\w-]+)\W*$",
    _I,
)
"""A question that says nothing without the sentence before it."""

STATUS: Final = re.compile(
    r"\b(?:any|some) (?:news|updates?|progress|word|estimate)\b|\bis there (?:already "
    r"|any )?(?:\w+ )?(?:news|an? (?:update|estimate))\b|\bhad? a chance to\b|\bhave a chance to\b"
    r"|\b(?:has|have|did) (?:somebody|someone|anyone|anybody|you) (?:seen|read|see|get|got"
    r"|received) my (?:\w+ )?(?:message|e?-?mails?|ticket|request|question|letter|documents?|papers?|form"
    r"|reply)\b|\b(?:somebody|someone|anyone) has seen my\b"
    r"|\bwhat(?:'s| is) the (?:current )?(?:status|state)\b|\bdo you know more\b|\bdid anything happen\b"
    r"|\bwhere my .{1,40} stands\b|\bwhere are we (?:with|on)\b"
    r"|\bgibt es (?:schon )?(?:etwas )?neue\w*\b|\b(?:hay|tienen) (?:alguna )?(?:novedad|noticia)"
    r"|\bsomething new\b",
    _I,
)
"""A question for the state of an earlier message."""

WISH: Final = re.compile(
    r"\b(?:i|we)(?:'d| would)? (?:also )?(?:like|love|want|need|wish|prefer|plan|intend|hope|must"
    r"|have to)\b|\b(?:i'm"
    r"|we're|i am|we are|am) (?:trying|looking|hoping|planning)\b|^\W*(?:looking for|trying to"
    r"|need(?:ing|ed)?\b|want to|wish to|searching for)\b"
    r"|\bit would be (?:great|nice|good|helpful|useful) if\b|\b(?:wünsche|bräuchte|suche)\b|\bhelp with\b"
    r"|\b(?:my|our|the) \w+ (?:wants?|needs?|would like) (?:to|me|us|a|the)\b|\bi don't (?:understand|see"
    r"|find)\b|\b(?:i|we) (?:can't|cannot|can not|couldn't) (?:find|see|figure)\b",
    _I,
)

PROBLEM: Final = re.compile(
    r"\b(?:(?:do|does|did|is|are|was|were|has|have|wo|ca|could|would)n'?t|cannot|can not|cant|dont|doesnt"
    r"|didnt|wont|isnt|(?:do|does|did|is|are|was|were|has|have|will|could) not|never)\b"
    r"(?! (?:\w+ )?(?:want|know|understand|find|see|need|like|have|mind|think|remember|sure|figure|clear"
    r"|only|use|yet decided|get it|abroad|the reason|mine)\b)(?! (?:any|an?|yours|sure)\b)"
    r"|\b(?:unable|not able) to\b|\bno longer\b|\bnothing happens\b|\b(?:shows?|gets?|returns?|is|comes?"
    r"|arrives?|prints?|appears?) (?:\w+ )?(?:nothing|empty|blank|twice|wrong|broken|black|white|double"
    r"|again)\b"
    r"|\b(?:fail(?:s|ed|ing|ure)?|errors?|crash(?:es|ed|ing)?|stuck|hangs?|frozen|freezes?|broken|bugs?"
    r"|wrong|incorrect|missing|lost|disappear\w*|vanish\w*|gone|offline|damaged|defect\w*|faulty"
    r"|timeout|times? out|declined|rejects?|rejected|refuses?|refused|expired|invalid|slow(?:er|ly)?|laggy"
    r"|loud|stops?|stopped|cuts? off|jumps? back|closes itself|keeps? \w+ing|won't|unreadable|torn|leaks?"
    r"|broke|spinning"
    r"|empty|duplicated?|double|overwr\w+|by accident|by mistake|all of a sudden|suddenly"
    r"|since the (?:\w+ )?update|already in use|instead of|thrown out|too (?:small|high|low|late|big)"
    r"|not working|gives? (?:0|zero)|"
    r"should (?:have|already) (?:been|arrived|come|be here)|has been (?:saying|running|loading|pending"
    r"|processing)|no (?:newspaper|signal|connection|sound|picture|hot water|heating|water|reception)"
    r"|where it should|still (?:show|open|the same))\b"
    r"|\b(?:get|gets|getting|got|says?|shows?|message|code|with|returns?) (?:the |an? )?(?:message "
    r"|error )?[\"“'„](?=\w)|\b(?:40\d|50\d)\b|\bFW-\d+|\b(?:all|every)\w* .{0,20}\b(?:wrong|too high)\b"
    r"|\b(?:says|shows?|tells me)\b.{0,80}\b(?:although|even though|but)\b|\b(?:although|even though)\b"
    r"|\b(?:funktionier\w+|geht|gehen|kommt|kann|können|bekomme|lässt) (?:\w+ ){0,4}(?:nicht|nichts"
    r"|kein\w*)\b|\bfehl(?:t|en|er\w*)\b|\b(?:falsch|kaputt|abgestürzt|hängt|abgelaufen|zu hoch"
    r"|alte adresse)\b|\bnicht mehr\b"
    r"|\b(?:no (?:puedo|funciona|me deja|carga|llega|aparece)|falla|fallo|roto|no es válido)\b",
    _I,
)
"""The words of a sentence that says that something does not work or is wrong."""

CONFESSES_NO_FAULT: Final = re.compile(
    r"\b(?:is|works?|are|was) (?:fine|ok|okay|the same|good|correct|normal)\b|\b(?:i"
    r"|we) (?:have )?(?:already )?(?:tried|tested|checked|restarted|reinstalled|replaced|pulled|cleared)\b"
    r"|\bis not the reason\b|\bno change\b",
    _I,
)
"""What a customer tells about attempts and what works: it explains a problem and is none."""

OFFER: Final = re.compile(
    r"\W*if (?:you (?:want|need|require|wish|like|have (?:any )?questions)"
    r"|(?:this|it|you) (?:is|are) the right)\b",
    _I,
)
"""What looks like an indirect question and offers something: "tell me if you need it"."""
