"""The phrases by which a message shows that a person must answer it, by reason.

Chosen by hand, in English, German and Spanish. `told` phrases count in statements and requests only, because
a question near them is innocent ("What is your refund policy?"); `asked` phrases count in questions too.
Texts are on one line, in lower case, with plain apostrophes.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RoutePhrases:
    """The reason of a route and its phrases; None means that there are no such phrases."""

    reason: str
    asked: re.Pattern[str] | None
    told: re.Pattern[str] | None


def phrases(reason: str, *, asked: str = "", told: str = "") -> RoutePhrases:
    """Return the phrases of a reason; both arguments are regular expressions, and "" is none."""
    return RoutePhrases(reason, re.compile(asked) if asked else None, re.compile(told) if told else None)


_OTHERS: Final = (
    r"(?:another|a different|other|someone else'?s?|somebody else'?s?|an?other|strangers?"
    r"|unknown|her|his|the)"
)
_WHOSE: Final = (
    r"(?:customer|compan|person|people|patient|tenant|user|client|account|woman|man\b|neighbour"
    r"|neighbor|stranger|organi[sz]ation|workspace|famil|guest)"
)
_DATA: Final = (
    r"(?:data|files?|documents?|orders?|invoices?|names?|address(?:es)?|records?|results?"
    r"|reports?|photos?|pictures?|images?|labels|projects?|exports?|rows|messages?|pdf|letters?"
    r"|information|details|datasets?|tasks|policy)"
)
_LAWYER: Final = r"(?:lawyers?|attorneys?|solicitors?|legal (?:counsel|department)|counsel|barristers?)"

ROUTE_PHRASES: Final = (
    phrases(
        "self_harm",
        asked=(
            r"\b(?:kill(?:ing)?|hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?) my ?self\b|\bsuicid(?:e|al|io)\b"
            r"|\bend(?:ing)? (?:my (?:own )?life|it all)\b|\bself[- ]harm\b|\btak(?:e|ing) my (?:own )?life\b"
            r"|\b(?:don'?t|do not|no longer) (?:\w+ )?(?:want|wish) to (?:live|be alive|exist|go on living"
            r"|wake up)\b"
            r"|\bwant(?:ed)? to (?:die|be dead)\b|\bbetter off (?:dead|without me|if i (?:was|were) dead)\b"
            r"|\bno (?:point|reason|sense) (?:in|to) (?:going on |go on |keep )?liv(?:e|ing)\b"
            r"|\bwish i (?:was|were) dead\b"
            r"|\b(?:nicht|keine lust) (?:mehr )?(?:weiter)?(?:zu )?leben\b|\bmich umbring\w*|\bselbstmord"
            r"|\bsuizid"
            r"|\bdas leben nehmen\b|\b(?:quitarme la vida|suicid\w+|no quiero (?:seguir )?vivi\w*|matarme)\b"
        ),
    ),
    phrases(
        "violence",
        asked=(
            r"\b(?:i|we|he|my \w+)(?:'ll| will| am going to|'m going to| are going to|m gonna|'m gonna"
            r"| gonna) "
            r"(?:\w+ ){0,6}?(?:kill|shoot|stab|beat|smash|burn|punch|hurt) (?:you|u|him|her|them|your|every"
            r"|it down)"
            r"|\bburn (?:it|you|the \w+|your \w+) down\b|\bbaseball bat\b|\b(?:bomb|grenade"
            r"|shotgun)s? (?:in|at|under|for) your?\b"
            r"|\bknow where (?:you (?:all )?(?:live|work|are)|your? (?:office|famil|kids|home|building"
            r"|people|staff))"
            r"|\bcoming (?:over )?with my (?:boys|gun|friends|mates)\b|\b(?:bullet|gun) (?:to|at"
            r"|in) (?:your|his|her|the) head\b"
            r"|\bto (?:his|her|your|their) head\b|\bpay with (?:your|his|her) (?:life|blood)\b"
            r"|\bwatch your back\b"
            r"|\bweiß,? wo (?:du|ihr|sie) (?:wohn|arbeite)|\b(?:schlag|bring)e? (?:dich|euch|sie) (?:um"
            r"|tot)\b|\bte voy a matar\b"
        ),
    ),
    phrases(
        "security_report",
        asked=(
            r"\b(?:my|our) (?:\w+ ){0,3}(?:was|is|were|been|got|has been|might be"
            r"|may be) (?:\w+ )?(?:hacked|compromised|hijacked|taken over)\b"
            r"|\b(?:been|got|i'm|we're) hacked\b|\b(?:i|we) (?:have |'ve |just )?(?:found|discovered"
            r"|stumbled upon|come across|noticed|identified) "
            r"(?:\w+ ){0,4}(?:vulnerabilit|security (?:hole|flaw|bug|issue|problem|gap)|exploit|bypass"
            r"|backdoor)"
            r"|\bresponsible disclosure\b|\b(?:disclose|report) (?:this|it|\w+)? ?responsibly\b"
            r"|\bbug bounty\b"
            r"|\bare (?:we|our \w+|my \w+|i) affected by (?:this|the|your) (?:breach|leak|hack)"
            r"|\bsicherheitslücke\b(?!.*\bwie\b)|\bdatenpanne\b|\bdatenleck\b|\b(?:konto|account"
            r"|zugang)\b.{0,30}\bgehackt\b"
            r"|\bvulnerabilidad\b|\bbrecha de (?:seguridad|datos)\b|\b(?:cuenta)\b.{0,25}\bhackead[ao]"
        ),
        told=(
            r"\b(?:report(?:ing)?|disclos\w+|there(?:'s| is)|found|discovered|possible"
            r"|critical)\b.{0,40}\b(?:vulnerabilit(?:y|ies)"
            r"|security (?:hole|flaw|bug|issue|problem|incident|breach))"
            r"|\b(?:data|security) (?:breach|leak)\b|\b(?:stored |reflected )?(?:xss|csrf|ssrf|rce"
            r"|sql injection|idor)\b|\bcve-\d{4}-\d+\b"
            r"|\b(?:see|saw|seeing|access|view|read|open(?:ed)?|download(?:ed)?|receiv(?:e|ed)|got|get|gets"
            r"|shows?|shown|contains?|display\w*|includes?|sent)\b"
            rf".{{0,60}}\b{_DATA}\b.{{0,30}}\b(?:of|for|from|belong\w* to|about) {_OTHERS} (?:\w+ )?{_WHOSE}"
            rf"|\b(?:see|saw|seeing|access|view|read|open(?:ed)?|download(?:ed)?|receiv(?:e|ed)|got|gets?"
            rf"|shows?|contains?|could)\b.{{0,40}}"
            rf"\b(?:another|a different|other|someone else'?s?"
            rf"|somebody else'?s?) {_WHOSE}\w*(?:'s?)? ?(?:\w+ )?{_DATA}\b"
            rf"|\b{_DATA}\b.{{0,20}}\b(?:of|from) (?:an?|the|our|her|his) (?:\w+ ){{0,2}}(?:woman|man"
            rf"|neighbour|neighbor|stranger|(?:other|another|different) \w+)\b"
            r"|\bbelong(?:s|ed|ing)? to (?:another|someone else|somebody else|a different"
            r"|other) (?:\w+ )?(?:compan|customer|person|user|client|patient)"
            r"|\b(?:documents?|data|files?|accounts?|invoices?|pictures) (?:of|from) (?:strangers"
            r"|other (?:people|customers|companies|users|clients))"
            r"|\b(?:pdf|report|letter|invoice) of a (?:company|person|customer) .{0,30}not (?:us|me|ours"
            r"|mine)\b"
            r"|\blog-?ins? from\b.{0,80}\b(?:none of us|nobody|not (?:me|us)|never)\b"
            r"|\b(?:someone|somebody|a stranger|unknown persons?) (?:else )?(?:has |had )?(?:changed|logged"
            r"|broke|got|hacked|accessed|stole|took over|is using|uses|signed)\b"
            r".{0,40}\b(?:my|our)\b"
            r"|\b(?:former|ex-?|old|fired|dismissed) ?(?:employee|admin\w*|colleague|tech\w*|staff|worker"
            r"|user)\b.{0,60}"
            r"\b(?:still (?:has|have|can)|signed in|logged in|downloaded|exported|copied|stole|took"
            r"|access(?:ed|es))\b"
            r"|\b(?:phishing|fake (?:\w+ )?(?:login|log-in|page|mail|e-?mail|site|website|invoice))\b"
            r"|\b(?:mails?|e-?mails?|message|sms|call|letter)s? (?:\w+ ){0,2}(?:in your name"
            r"|that looks? like yours|'?from '?\w+'? that asks? (?:\w+ ){0,4}password)"
            r"|\bcustomer data of yours\b|\b(?:leaked|stolen) (?:api )?(?:keys?|tokens?|credentials?"
            r"|passwords?)\b"
            r"|\bschwachstelle\b|\bfremde[nrs]? (?:kunden)?daten\b|\bhackead[ao]s?\b"
        ),
    ),
    phrases(
        "authority",
        asked=(
            r"\b(?:police|prosecutor\w*|guardia civil|policía|polizei|staatsanwalt\w*|court|tribunal"
            r"|commissioner|data protection authority"
            r"|supervisory authority|tax (?:authority|office)|finanzamt|customs|ministry|regulator"
            r"|authorit(?:y|ies))\b.{0,90}"
            r"\b(?:in an? (?:\w+ )?investigation|asks? (?:you|us) .{0,40}(?:investigation|hand over"
            r"|position data|records)|hand over|requests? the|requires? (?:a|you)|"
            r"opened (?:a|an) (?:file|case|investigation)|court order|orders? you|sworn|subpoena)"
            r"|\b(?:subpoena|production order|search warrant|gerichtsbeschluss|auskunftsersuchen"
            r"|orden judicial)\b"
            r"|\bin the course of an? investigation\b|\bsworn (?:statement|declaration)\b|\baffidavit\b"
        ),
    ),
    phrases(
        "press",
        asked=(
            r"\b(?:press|media) (?:enquiry|inquiry|request|question)\b|\brequest for comment\b"
            r"|\bi(?:'m| am) (?:a|an|the) (?:\w+ )?(?:journalist|reporter|editor|correspondent)\b"
            r"|\bi(?:'m| am) writing (?:an? \w+ )?for (?:the )?[\w ]{3,40}\b.{0,60}\b(?:article|story"
            r"|about outages|comment)"
            r"|\bpreparing a (?:story|report|piece|article)\b|\bcomment by \d"
            r"|\bstatement from your company\b|\bpresseanfrage\b"
        ),
    ),
    phrases(
        "legal_threat",
        asked=(
            r"\b(?:sue|suing) (?:you|u|your)\b|\bsee (?:you|u) (?:in court|before the)\b|\b(?:hear"
            r"|letter) from (?:my|our) " + _LAWYER + r"\b"
            r"|\btak(?:e|ing) (?:you|this|it|the matter) to (?:court|the ombudsman|a judge|arbitration"
            r"|small claims)\b|\bverklage\b"
        ),
        told=(
            rf"\b(?:my|our|a|the) {_LAWYER}\b.{{0,40}}\b(?:will|takes?|taking|is going|has advised"
            rf"|have advised|advised|contact|informed|hear|handle|involve|instruct\w*|write|writing"
            rf"|about (?:the )?damages)\b"
            rf"|\b(?:contact|call|involve|instruct|hire|consult|speak (?:to|with)|talk(?:ing)? to|get"
            rf"|engage)\w* (?:my|our|a) {_LAWYER}\b"
            r"|\b(?:legal|court) (?:action|proceedings|steps|consequences|claim)\b|\blawsuit against (?:you"
            r"|your)\b|\b(?:file|start|bring) (?:a )?(?:law)?suit\b"
            r"|\b(?:commence|issue|initiate|start|begin|institute) (?:court |legal )?(?:proceedings"
            r"|litigation)\b"
            r"|\bbreach of (?:our |the |this |your )?(?:contract|agreement|duty)\b|\b(?:in"
            r"|at) (?:the )?small claims\b"
            r"|\bformal notice\b|\bnotice (?:of default|to (?:remedy|cease))\b|\bwithout prejudice\b"
            r"|\breserve (?:all|our|my) (?:\w+ )?rights\b"
            r"|\bhold you (?:fully |personally )?(?:liable|responsible|accountable)\b|\b(?:admission of"
            r"|admit) liability\b|\bwe act for\b"
            r"|\bon behalf of (?:our|my) client\b(?!.*\b(?:access request|gdpr|data)\b)"
            r"|\bcease and desist\b|\btakedown notice\b|\bdmca\b"
            r"|\b(?:copyright|trademark|patent) infring\w+|\binfring\w+ (?:of |on |upon )?(?:our|my)\b"
            r"|\b(?:our|my) (?:registered )?trademark\b"
            r"|\bwithout (?:a|any|my|our) licen[cs]e\b|\b(?:ombudsman|tribunal|trading standards"
            r"|consumer protection|verbraucherzentrale|better business bureau"
            r"|data protection authority|regulator|ftc|ico)\b(?<!\bthe legal tribunal)"
            r"|\b(?:rechtliche|juristische) schritte\b|\b(?:unser|mein|den|einen|meinem|unserem|meinen"
            r"|unseren) (?:rechts)?anw(?:a|ä)lt\w*|\babmahnung\b|\bklage (?:ein|er)|\bgerichtlich\b"
            r"|\bvor gericht\b"
            r"|\b(?:presentar|poner) una (?:demanda|denuncia)\b|\b(?:mi|nuestro) abogad[oa]\b"
            r"|\bacciones legales\b|\btribunales\b|\bdenunciar\w*\b"
            r"|\binsolvenz\b|\binsolvency (?:administrator|proceedings)\b|\bfiled? for (?:insolvency"
            r"|bankruptcy)\b"
        ),
    ),
    phrases(
        "personal_data",
        asked=(
            r"\b(?:subject access|data access|data subject|data deletion|erasure) request\b|\bdsar\b"
            r"|\bright (?:to be forgotten|to erasure|of erasure|of access)\b"
            r"|\bwant to be forgotten\b|\b(?:data|information|details) (?:that )?(?:do |does |have "
            r"|has )?you (?:have |hold |store|keep |saved |stored |got )"
            r".{0,25}\b(?:about|on|of) me\b|\bwhere did you (?:get|find|take|buy) my\b"
            r"|\bhow did you get my (?:e-?mail|address|number|data|details|name)\b"
            r"|\b(?:everything|anything|all (?:the )?(?:data|information)"
            r"|every trace) (?:\w+ ){0,4}(?:about|on|of) me\b"
            r"|\bmeine[rn]? (?:personenbezogenen|persönlichen) daten\b.{0,40}\b(?:lösch|auskunft"
            r"|herausgabe)|\b(?:lösch\w*|auskunft)\b.{0,50}\bmeine[rn]? (?:\w+ )?daten\b"
            r"|\bauskunft (?:nach|gemäß|gem\.) art|\brecht auf (?:löschung|auskunft|vergessen)"
            r"|\b(?:supresión|eliminación|borrado|acceso|eliminar|borrar|suprimir|borren"
            r"|eliminen)\b.{0,30}\bmis datos\b|\bderecho (?:de|al) (?:supresión|acceso|olvido)"
        ),
        told=(
            r"\b(?:delete|erase|remove|wipe|forget|send|give|copy|provide|access|know|have|like"
            r"|want)\b.{0,50}\b(?:my|his|her|their) (?:\w+ )?personal (?:data|information|details)\b"
            r"|\bmy (?:personal )?(?:data|details|information|profile)\b.{0,40}\b(?:removed|deleted|erased"
            r"|wiped)\b"
            r"|\b(?:data|information|recordings?|everything) (?:\w+ ){0,6}(?:about|on|of) (?:me"
            r"|my (?:person|calls))\b"
            r"|\b(?:delete|erase|remove|wipe)\b.{0,60}\b(?:my|about me"
            r"|of me)\b.{0,60}\bfrom your (?:servers|systems?|databases?|mailing lists?|lists?|records)\b"
            r"|\b(?:gdpr|ccpa|dsgvo|rgpd|lopd|data protection (?:law|act))\b.{0,40}\b(?:i"
            r"|my)\b.{0,40}\b(?:request|delet\w+|eras\w+|access|ask|right)"
            r"|\b(?:i|we) (?:request|ask|exercise|demand|invoke)\b.{0,60}\b(?:gdpr|ccpa|dsgvo|rgpd"
            r"|article 1[5-7]|personal data)\b"
            r"|\b(?:request|delet\w+|eras\w+|article 1[5-7]|art\. ?1[5-7])\b.{0,30}\b(?:gdpr|ccpa|dsgvo"
            r"|rgpd)\b|\b(?:gdpr|ccpa) (?:request|deletion|erasure|access)\b"
            r"|\b(?:withdraw|revoke) (?:my|our) consent\b|\bobject to (?:any |the )?(?:further )?(?:use"
            r"|processing|storage)\b"
            r"|\bunder data protection law\b|\bright to (?:know|delete|access|object)\b"
            r"|\bmis datos personales\b|\brgpd\b"
        ),
    ),
)
"""Self-harm, threats, security, authorities, press, law and personal data, in the order of their weight."""
