"""Phrases that act as one word, and the kinds of words that limit, deny, allow or count. Chosen by hand."""

from typing import Final

_PHRASES: Final = """
<max>: up to|at most|at the most|no more than|not more than|a maximum of|maximum of|no later than
<max>: no longer than|no older than|no larger than|at the latest|or younger|or earlier|or sooner
<max>: or less|or fewer|or lower|not exceed|or smaller|or below|or shorter
<min>: no sooner than|no earlier than|not earlier than|not sooner than|at the earliest|no younger than
<min>: at least|no less than|not less than|no fewer than|a minimum of|minimum of|or more|or higher
<min>: or above|and more|and higher|and above|or longer|or older|or later|or larger
<over>: more than|longer than|larger than|older than|greater than|bigger than|thicker than|higher than
<under>: less than|fewer than|shorter than|smaller than|younger than|lower than|newer than|not older than
without: free of
free: free of charge|for free|at no cost|at no charge
free: costs nothing|cost nothing|for nothing|at our expense|without a fee|without cost|without costs
free: without any fee
free: not cost anything|not have to pay anything|without extra cost|at no extra charge
only: no one but|nobody but|none but|no one except|nobody except
nobody: no one
must not: is not allowed to|are not allowed to|not allowed to|is not permitted to|are not permitted to
must not: is forbidden to|are forbidden to|not supposed to
hold: press and hold
text: text message|text messages
include: part of the price|included in the price|covered by the price
send: sent out|send out|sends out|go out|goes out
refund: paid back|pay back|pays back
free: pay nothing|pays nothing
enter: let in|lets in|get in|gets in
identity card: id card
unlimited: any number of|as many as you like|as often as you like
can: free to
noon: 12 noon
if: in the event that|in the event of|on condition
must: is compulsory|are compulsory|is mandatory|are mandatory|is obligatory|are obligatory
can: is allowed to|are allowed to|is permitted to|are permitted to|be allowed to|in a position to
ignore: take no notice of
immediate: at once|with immediate effect|straightaway
automatic: by itself|by themselves|on its own|on their own|by itself
always: around the clock|day and night|at any hour|at all hours
cancel: called off|call off|calls off
continue: go on|goes on|carry on|carries on|keep on
throughout: all year|throughout the year|the whole year
after: later than
before: earlier than
delete: take off|takes off|taken off
<max>: as large as|as many as|as much as|as big as|as high as
yourself: on your own|by yourself|on his own|on her own
have: has got|have got
again: once more|one more time
update: up to date
fail: goes down|went down|is down|are down|breaks down|break down
need: in need of
must: make sure|be sure to|be sure that
sufficient: high enough|large enough|long enough
consider: take into account
participate: take part|takes part|taking part|join in
occur: take place|takes place|taking place
instead: in place of|in lieu of
delete: throw away|throws away|thrown away|get rid of|gets rid of
collect: pick up|picks up|picked up|picking up
return: gives back|gave back|hand back|hands back
submit: hand in|hands in|handed in
provide: hand out|hands out|handed out|give out|gives out|gave out|given out
transfer: hand over|hands over|handed over|pass on|passes on
free: at no extra cost|without charge|without a charge|no charge
must: have to|has to|had to
not need: do not have to|does not have to|need not|not need to
need: need to|needs to
able: is able to|are able to|be able to|am able to
impossible: is not possible|are not possible|not possible
nolonger: no longer|not any longer|not any more
except: except for|apart from|other than|with the exception of
aslong: as long as
if: in case|provided that|on condition that|provided
if: as soon as|every time
anytime: at any time|any time|whenever you like|whenever you want
simultaneous: at the same time
total: in all|in total|altogether|all together
ahead: in advance|ahead of time
refund: money back
return: send back|sends back|sent back|sending back|give back|given back|gives back|giving back|get back
return: gets back|is back|are back|bring back|brings back|brought back
return: come back|comes back|sent back
per: for each|for every
due: due to|because of
howmany: how many|how much|how often
sign-in: log in|sign in
sign-out: log out|sign out
instead: instead of|rather than
immediate: right away|straight away
permanent: for good
% discount: % off
unlimited: without limit|no limit|without a limit|without limits
separate: apart from each other
outside: away from
have: is there|are there|there is|there are
"""


def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the phrases by their first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in _PHRASES.strip().splitlines():
        meaning, _, told = line.partition(": ")
        for phrase in told.split("|"):
            parts = tuple(phrase.split())
            found.setdefault(parts[0], []).append((parts, meaning))
    return {first: sorted(group, key=lambda one: -len(one[0])) for first, group in found.items()}


PHRASES: Final = _phrases()
"""(words, meaning) by the first word; the meaning is one or more words."""

COMPARISONS: Final = {
    "from": "from",
    "<max>": "max",
    "within": "max",
    "<min>": "min",
    "<over>": "over",
    "over": "over",
    "above": "over",
    "beyond": "over",
    "<under>": "under",
    "under": "under",
    "below": "under",
    "about": "about",
    "around": "about",
    "approximately": "about",
    "roughly": "about",
}
"""Words before a quantity that compare it."""

DENIALS: Final = frozenset(
    "unless not no never none nobody nothing neither nor without nolonger unable".split()
)
"""Words that deny; each counts once in its clause."""

MARKERS: Final = {
    "if": "if",
    "when": "if",
    "whenever": "if",
    "unless": "if",
    "only": "only",
    "solely": "only",
    "exclusively": "only",
    "before": "before",
    "after": "after",
    "afterwards": "after",
    "later": "after",
    "until": "until",
    "till": "until",
    "aslong": "while",
    "while": "while",
    "during": "while",
    "except": "except",
    "excluding": "except",
    "even": "even",
    "without": "without",
    "with": "with",
    "within": "within",
    "minus": "minus",
    "plus": "minus",
    "between": "between",
}
"""Words that open a condition or a limit, and its class."""

CONDITIONS: Final = frozenset("if unless only before after until while except without within".split())
"""Classes of limits without which a sentence would say more than its source."""

QUANTIFIERS: Final = {
    "all": "all",
    "every": "each",
    "each": "each",
    "whichever": "each",
    "always": "always",
    "anytime": "always",
    "everybody": "all",
    "everyone": "all",
    "anyone": "all",
    "anybody": "all",
    "any": "all",
    "both": "both",
    "some": "some",
    "sometimes": "some",
    "several": "several",
    "many": "many",
    "most": "most",
    "usually": "most",
    "often": "most",
    "normally": "most",
    "generally": "most",
    "half": "half",
    "few": "few",
}
"""Words that say how many or how often, and their class."""

WEAK_QUANTIFIERS: Final = frozenset("some several many most half few".split())
"""Classes that may not be left out, because the sentence would say more than its source."""

MODALS: Final = {
    "can": "can",
    "could": "can",
    "may": "can",
    "might": "can",
    "able": "can",
    "possible": "can",
    "let": "can",
    "must": "must",
    "should": "must",
    "shall": "must",
    "need": "need",
    "needs": "need",
    "needed": "need",
    "require": "need",
    "requires": "need",
    "required": "need",
    "necessary": "need",
}
"""Words of permission and duty."""

PAST: Final = frozenset("was were been had".split())

FUNCTION_WORDS: Final = frozenset(
    """a an the this that these those it its they them their he she his her you your yours yourself we us our
    ours i my me which who whose whom what how where there here is are be am being do does did has have having
    of in on at to for from by with into onto as than via through so then also too please simply just now
    howmany due been was were had again instead therefore however because since
    will would yes per and or but if ok currently already still
    such while well one's thing things way once during itself themselves yourselves itself per not itself
    able want like along another's onto upon toward towards under-the and/or etc default's really actually
    very only's otherwise about around""".split()
)
"""Words without content of their own. They are never missing from a source."""

PARTIES: Final = frozenset(
    """owner admin member guest viewer editor reviewer annotator manager user customer agent host co-host
    participant teacher pupil student parent child adult seller buyer sender receiver recipient driver
    passenger tenant landlord employee employer supervisor patient doctor insurer bank broker dispatcher
    operator developer maintainer speaker visitor freelancer subscriber lead administrator purchaser reader
    staff team relative resident applicant bookkeeper dispatcher technician electrician mechanic restaurant
    caller singer conductor board musician infant senior veteran vet insurance fund office moderator author
    contributor trainer coach analyst approver collaborator organizer attendee payee payer lender borrower
    donor volunteer nurse pharmacist clerk cashier merchant courier carrier neighbour program player
    taker maker retailer wholesaler partner reseller contractor client guardian school club
    supplier requester inspector recruiter interviewer candidate interpreter translator renter lessor lessee
    cook chef guide radiologist expert friend colleague registrar warehouse exhibitor artist photographer
    plumber cleaner builder architect engineer surveyor notary lawyer attorney solicitor accountant auditor
    treasurer secretary assistant receptionist waiter pilot captain crew skipper rider cyclist referee judge
    police officer paramedic midwife therapist psychologist surgeon dentist optician carer caregiver
    beneficiary heir spouse husband wife minor pensioner worker apprentice intern trainee director president
    chairman trustee principal professor lecturer tutor librarian curator publisher journalist performer
    actor designer hairdresser farmer gardener breeder keeper baker importer exporter distributor shipper
    installer fitter homeowner flatmate occupant tourist camper hiker skier swimmer bidder investor
    shareholder creditor debtor guarantor policyholder claimant witness citizen voter mayor
    follower streamer listener label owner holder approver requestor signer signatory""".split()
)
"""Concepts of people and bodies that act in help texts; their roles may not be swapped."""

WEAKENING: Final = frozenset("""propose suggest recommend expect hope intend consider""".split())
"""Concepts of verbs that make a clause weaker; leaving one out says more than the source."""

RESTRICTIVE: Final = frozenset(
    """unused used unopened opened sealed new old personal private public large small faulty unpaid paid
    published archived deleted locked failed overdue added signed editorial special premium regular single
    lost damaged commercial anonymous automatic own business cooled corked free standard changed dropped
    indexed
    idle active inactive verified unverified external internal shared unfinished expired scheduled sold
    written
    dead handwritten assembled foreign domestic first""".split()
)
"""Words that narrow the noun after them; leaving one out says more than the source."""

VERBS: Final = frozenset(
    """is are was were can could may must should will would has have had does do did cannot costs cost gets
    get needs need pays pay sends send keeps keep comes come runs run sees see goes go ends end lasts last
    starts start expires expire applies apply returns return decides decide works become becomes
    continues continue lose loses removes remove create creates reply choose wait closes open opens
    enter press select click hold call bring upload download ask tell tap hand report print request invite
    export import add set use never takes take asks weighs stays stay counts blocks tells kept keep
    renews records uploads delivers replaces drops stop allows includes supports shows charge replace adds
    allow show draw work works look looks approve approves enters resets fund hear
    belongs receive receives becomes arrives repay""".split()
)
"""Verbs that begin or carry a clause of their own."""
