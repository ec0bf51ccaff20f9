"""The phrases of money and of parting that a person must answer: disputes, refunds, leaving, sales, a human.

Chosen by hand, in English, German and Spanish; see `route_phrases` for `asked` and `told`.
"""

from typing import Final

from responders.policy.route_phrases import RoutePhrases, phrases

_CONTRACT: Final = (
    r"(?:(?:paid|current|annual|yearly|monthly|whole|customer|entire|premium|team|business|online|user"
    r"|\w+ly) ){0,2}"
    r"(?:subscriptions?|contracts?|accounts?|membership|plan|agreement|policy|pilot|workspace|services?"
    r"|licen[cs]es?)"
)
_OWNED: Final = r"(?:my|our|the|this|all|all of our)"
_BILL: Final = r"(?:invoices?|bills?|statements?|charges?|amounts?|payments?|rechnung(?:en)?|facturas?|price)"
_CHARGED: Final = r"(?:charged?|billed?|debit(?:ed)?|invoiced?|deducted|took|taken|withdrawn|withdrew|take)"
_SOMEWHERE_ELSE: Final = (
    r"(?:another|a different|an? other|your|a competing|one of your|some other|other) "
    r"(?:\w+ ){0,2}?(?:competitors?|vendors?|providers?|suppliers?|products?|tools?|compan(?:y|ies)"
    r"|platforms?|bank|insurer|shop|operator|solution)"
)

MONEY_PHRASES: Final[tuple[RoutePhrases, ...]] = (
    phrases(
        "billing_dispute",
        asked=(
            r"\bwhy (?:did|do|have|has|was|were|am|are) (?:you|u|i|we|my card"
            r"|our card)\b.{0,15}\b(?:charged?|billed?|debited?|take|taken|took|deducted)\b"
            r"(?!.{0,20}\b(?:for guests|per)\b)"
            r"|\b(?:was|were|been|being|got|am|are) (?:\w+ )?(?:charged|billed|debited"
            r"|invoiced) (?:\w+ ){0,4}(?:twice|two times|double|three times)\b"
            r"|\b(?:doble cargo|cobro duplicado|cobrado dos veces|zweimal abgebucht|doppelt abgebucht"
            r"|doppelte abbuchung)\b"
        ),
        told=(
            rf"\b{_CHARGED}\b.{{0,60}}\b(?:twice|two times|double|three times|by mistake|although"
            rf"|even though|but (?:i|we)|never (?:ordered|used|had)|without (?:asking|my|our|permission"
            rf"|consent|authori)|w/o|again)\b"
            rf"|\b(?:i|we) (?:cancelled|canceled|left|quit|paid|downgraded|returned)\b.{{0,60}}\b(?:still"
            rf"|yet|again|nevertheless)\b.{{0,30}}\b{_CHARGED}"
            r"|\bovercharg\w+|\b(?:double|duplicate|wrong|unauthori[sz]ed|unknown|incorrect"
            r"|unexplained) (?:charge|charged|payment|transaction|debit|billing)s?\b"
            r"|\bstill (?:debit|charg|bill|being (?:charged|billed)|deduct|tak(?:e|ing) (?:\w+ )?money)\w*"
            rf"|\b(?:you|u) (?:have |just |still |also )?{_CHARGED} (?:me|us|our|my|for|the|[€$£]|\d)"
            rf"|\b(?:you|u) put .{{0,30}} on (?:my|our) (?:card|{_BILL})\b|\b(?:remove|reverse|take off"
            rf"|cancel|undo) (?:this|that|the|these) (?:charge|fee|debit)s?\b"
            rf"|\b(?<!sent )(?<!sent a )(?<!sent the )(?<!sent an ){_BILL}\b.{{0,60}}\b(?:never|not (?:mine"
            rf"|correct|right|ours|what)|wrong|incorrect|mistake|too (?:high|much)|we have (?:only )?\d+"
            rf"|nobody ordered|i was not|we were not)\b"
            rf"|\b{_BILL} (?:\w+ ){{0,3}}(?:lists?|shows?|has|contains?|says?)\b.{{0,50}}\b(?:we|i) (?:have"
            rf"|had|only|never|was|were|did)\b"
            rf"|\b(?:object to|dispute|contest|refuse to pay|(?:will|do) not pay|won't pay"
            rf"|not going to pay)\b.{{0,20}}\b(?:this|the|your|that|it)\b"
            r"|\b(?:did not|didn't|never) (?:authori[sz]e|approve|agree to|order|make|consent to) (?:it"
            r"|this|that|the (?:payment|charge|transaction))\b"
            r"|\b(?:dunning|reminder|collection) (?:letter|notice|fee)s?\b.{0,60}\b(?:paid|already"
            r"|settled)\b|\btake the (?:late )?fee off\b"
            r"|\btaken? .{0,25}(?:from|out of) my (?:account|card)\b.{0,40}\b(?:without|w/o|never|not)\b"
            r"|\b(?:zu viel|doppelt|zweimal|unberechtigt|fälschlich) (?:berechnet|abgebucht|bezahlt"
            r"|in rechnung)\b|\b(?:zweimal|doppelt)\b.{0,20}\babgebucht\b"
            r"|\brechnung (?:\w+ ){0,3}(?:ist|stimmt) (?:\w+ )?(?:falsch|nicht)\b"
            r"|\bme han cobrado\b.{0,30}\b(?:dos veces|de más|sin)\b|\bcobro (?:indebido|duplicado)\b"
        ),
    ),
    phrases(
        "refund",
        asked=(
            r"\b(?:can|could|may|will|when do|when will|do) (?:i|we) (?:please )?(?:get|have|receive) (?:a "
            r"|an |my |our |the )?(?:full |partial )?refund(?:ed)?\b(?!.{0,12}polic)"
            r"|\bwhere(?:'?s| is) (?:my|our|the) (?:refund|money)\b|\b(?:who|when|how) (?:will |do "
            r"|does )?(?:you |i |we )?(?:pays? for|reimburses?|compensates?) (?:us|me|my|our|this|that"
            r"|the (?:lost|failed|damage))"
            r"|\bmake up for (?:it|this|that)\b|\bcan you refund (?:me|us|my|our|this|it)\b"
        ),
        told=(
            r"\b(?:want|need|demand|request|requesting|expect|asking for|ask for|ask you for|like|give"
            r"|issue|process|get|owe|due|claim|entitled to)\b.{0,30}\b(?:refund(?:ed)?|compensat\w+"
            r"|reimburse\w*)\b"
            r"|\brefund (?:me|us|my|our|this|the|it|immediately|now|please|is (?:still )?(?:missing"
            r"|outstanding))\b|\b(?:please|pls|plz|kindly) (?:\w+ )?refund\b"
            r"|\b(?:money|payment|cash)(?: (?:for|of) [\w ]{1,40})? back\b|\bcharge ?backs? (?:with|at"
            r"|through|at)\b|\bstart a charge ?back\b|\bpull back (?:the|my|our)\b|\bdispute (?:the"
            r"|this) (?:charge|payment)\b"
            r"|\breimburse\b|\bto be compensated\b|\bcompensate (?:us|me)\b|\bcompensation (?:of|for)\b"
            r"|\bcredit (?:us|me|our account|my account)\b|\b(?:expect|want|demand|request|claim) (?:a "
            r"|an )?(?:\w+ )?credits?\b"
            r"|\bfree month\b|\bcredit on (?:our|my|the) next\b|\bservice credits?\b.{0,20}\b(?:owed|due)\b"
            r"|\bplus interest\b"
            r"|\bgeld zurück\b|\berstatte[nt]? sie\b|\b(?:rück)?erstattung (?:de[sr]|von|meine|verlang"
            r"|forder)|\bschadens?ersatz\b"
            r"|\bdevuelv\w+ (?:el|mi) dinero\b|\b(?:quiero|solicito|exijo) (?:el |un |mi )?reembolso\b"
            r"|\breembols\w+ (?:el|mi)\b"
        ),
    ),
    phrases(
        "leaving",
        asked=(
            r"\bbefore (?:we|i) (?:cancel|leave|quit|switch)\b|\b(?:or|otherwise|then) (?:we|i)(?:'ll"
            r"| will|'re|'m| are| am)? (?:walk|leave|leaving|out|gone|cancel|switch|quit)\b"
        ),
        told=(
            rf"\b(?:cancel|cancell?ing|terminate|terminating|end|ending|quit|quitting|leave|leaving|close"
            rf"|closing|discontinue|stop) {_OWNED} {_CONTRACT}\b"
            rf"|\bhereby (?:cancel|terminate|give notice)\b|\bgive (?:you )?notice (?:of|that|to)\b"
            rf"|\b(?:not|won't|never|without) (?:be )?(?:renew|extend|prolong)\w*\b(?!.{{0,12}}automatic)"
            rf"|\b(?:switch|switching|move|moving|migrate|migrating|change|changing|go|going"
            rf"|wechsel\w*) (?:over |away |back )?(?:to|for) (?:{_SOMEWHERE_ELSE}|someone else"
            rf"|somebody else|spreadsheets|the competition)"
            rf"|\b(?:trial|contract|demo|talks?) (?:with|at) {_SOMEWHERE_ELSE}|\b(?:looking|look) (?:at|for"
            rf"|into|around for) (?:{_SOMEWHERE_ELSE}|(?:other|new) (?:options|alternatives)|alternatives"
            rf"|a replacement)"
            rf"|\b(?:signed|signing) with {_SOMEWHERE_ELSE}|\bprefer {_SOMEWHERE_ELSE}"
            r"|\b(?:take|taking|took) (?:my|our) (?:\w+ )?(?:business|accounts?|money|custom|data"
            r"|contract) elsewhere\b|\bmove elsewhere\b"
            r"|\b(?:or|then) (?:we|i)(?:'re| are|'m| am) out\b|\b(?:we|i) want out\b|\b(?:we|i) walk in \w+"
            r"|\b(?:last|final) (?:message|mail|warning|thing)\b.{0,30}\b(?:before we|on your platform"
            r"|with you)\b"
            r"|\b(?:i'?m|im|we'?re|i am|we are) done(?: (?:with|here)\b|$|[.!])"
            r"|\bunsubscribe me from (?:premium|plus|pro|the (?:paid|service))\b|\b(?:don'?t|do not"
            r"|no longer) (?:want|wish) to be (?:a|your) (?:customer|member|client)\b"
            r"|\b(?:will|we'll|i'll|going to) move (?:over )?there\b|\bwe'?d like to stop here\b"
            r"|\b(?:hereby|hiermit) (?:kündig\w*|cancel)|\b(?:ich|wir) (?:möchte|möchten|will"
            r"|wollen)\b.{0,50}\bkündigen\b"
            r"|\bkündige (?:ich|meinen|hiermit)|\b(?:zu|nach) einem anderen anbieter\b"
            r"|\banbieter (?:zu )?wechseln\b|\bdar(?:me|nos) de baja\b|\bcancel(?:ar|en|e) (?:mi|nuestra|el"
            r"|la) (?:suscripción|contrato|cuenta)\b|\bcambiar de proveedor\b"
        ),
    ),
    phrases(
        "sales",
        told=(
            r"\b(?:send|give|make|prepare|provide|need|want|get|have|submit"
            r"|request)\b (?:\w+ ){0,3}(?:quote|quotation|price offer|proposal|commercial offer)\b"
            r"|\b(?:please|kindly) (?:quote|offer)\b"
            r"|\bbest (?:price|discount|offer)\b|\benterprise (?:contract|agreement|deal) for\b"
            r"|\brequest for (?:proposal|quotation)\b|\brfp\b"
            r"|\b(?:ein|unverbindliches) angebot (?:für|über|zu)\b|\b(?:envíen|enviar|mandar"
            r"|solicito)\w* (?:\w+ ){0,2}(?:presupuesto|cotización)\b"
        ),
        asked=(
            r"\b(?:somebody|someone|anyone) from (?:your )?sales\b|\b(?:could|can"
            r"|would) you (?:please )?(?:send|give|make) (?:me|us) an? (?:quote|quotation|offer)\b"
        ),
    ),
    phrases(
        "wants_person",
        asked=(
            r"^\W*(?:human|agent|person|operator|representative)(?: please| pls)?\W*$"
            r"|\b(?:could|can|would|will) (?:you|somebody|someone|anyone|anybody)(?: please)? (?:call|phone"
            r"|ring) (?:me|us)\b"
            r"|\bcan i (?:speak|talk) (?:to|with) (?:a |an |some)(?:\w+ )?(?:human|person|one|body|agent"
            r"|manager|supervisor)\b"
        ),
        told=(
            r"\b(?:want|need|like|demand|insist|let me|have) (?:to )?(?:speak|talk) (?:to|with) (?:a |an "
            r"|your |the |some)?(?:real |actual |live )?(?:person|human|manager|supervisor|agent|someone"
            r"|somebody|one|body|boss|team lead)\b"
            r"|\b(?:connect|transfer|put) me (?:with|to|through to) (?:a |an |the |your )?(?:\w+ )?(?:human"
            r"|person|agent|manager|someone|operator)\b"
            r"|\b(?:want|need) (?:a |an )(?:real )?(?:human|person|manager|supervisor)\b|\bescalate (?:this"
            r"|it|my)\b|\b(?:please|pls|kindly|just) (?:call|phone|ring) (?:me|us)\b|\b(?:talk"
            r"|speak) to a bot\b"
            r"|\brufen sie (?:mich|uns)\b|\bmit (?:einem menschen|einer person|ihrem vorgesetzten)\b"
            r"|\bhablar con (?:una persona|alguien|un (?:humano|agente|responsable)|el responsable)\b"
            r"|\bllám(?:e|en)(?:me|nos)\b"
        ),
    ),
)
"""Disputed bills, refunds, leaving, sales and the wish for a human, in the order in which they count."""
