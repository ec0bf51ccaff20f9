"""Words that a rewording may add, words that it may not, and opposites. All chosen by hand."""

from typing import Final

FAINT: Final = frozenset(
    """button option menu page link make let simple get find possible available turn want thank know come
    way sure happen apply have be do take go plan limit need use number account time""".split()
)
"""Words that a rewording may add, because they name what the rest of the sentence says."""

ADDABLE: Final = frozenset(
    """back wear dress start begin allow forbid prohibit permit get give bring put let come carry hold provide
    handle welcome join
    play appear reach help try attempt care deal treat cause occur consist belong concern count matter
    pick fit last remain mean happen become seem tend look watch hear learn remember note mind enjoy
    wish like intend plan organise arrange manage perform conduct undertake proceed involve relate
    regard contact inform recognise notice realise apply go ride drive walk work works worked run runs
    running serve deserve unfortunately fortunately please also yet already still simply easily directly
    therefore moreover besides too again up over away along around ahead beforehand afterwards more much
    very quite rather almost nearly fully entirely completely exactly precisely namely clearly actually
    really certainly naturally basically generally accordingly meanwhile then here there usual usually
    else enough part place time way thing kind sort means rest other others another one ones anything
    something everything nothing somebody someone anyone anybody whoever whatever whichever person
    people date day moment point fact detail question problem issue information step top following next
    respective corresponding relevant certain possible necessary important sure ready current actual
    real main common good bad nice fresh happy fine glad sorry okay able unable throughout beside beyond
    towards among across against onto upon via regarding concerning including upfront itself yourself
    themselves oneself mention explain understand expect process procedure activity action event
    situation circumstances extra additional further either neither whether whenever wherever however
    it's there's that's you're we're they're he's she's i'm you'll we'll let's""".split()
)
"""General words that a rewording may add, because they say nothing of their own. Chosen by hand."""

RISKY: Final = frozenset(
    """delete create change cancel stop open close enable connect restore replace refund send submit repair
    approve decide transfer increase reduce invite publish merge copy register undo rent lend renew lose
    buy sell withdraw extend install encrypt archive lock unlock block export import upload download
    share sign book order keep move call email text chat sms letter fax online app convert embed collect
    deliver print return scan earn win donate swap exchange resell upgrade downgrade pause resume skip
    reset reject exclude include suspend terminate shred borrow hire hold-back waive credit cash voucher
    cheque card free reason misuse summer winter spring autumn morning afternoon evening night week
    month year weekend hour minute off on inside outside behind above below newest oldest newer older
    positive negative public private manual sufficient enough forever permanent always never guarantee
    promise today tomorrow tonight soon immediately automatic safe secure legal certified official
    personal anonymous best cheapest unlimited discount bonus gift compensate insure liable responsible
    require refuse""".split()
)
"""Words that change what happens, when, how or at what price; a claim may only say them with its source."""

OPPOSITES: Final = tuple(
    frozenset(pair.split())
    for pair in (
        "enable disable",
        "add remove delete",
        "include exclude",
        "before after until",
        "increase decrease reduce",
        "daily weekly monthly yearly hourly",
        "allow forbid prevent block deny",
        "accept reject refuse",
        "open close closed",
        "lock unlock",
        "upgrade downgrade",
        "public private",
        "internal external",
        "automatically manually",
        "keep lose",
        "start stop",
        "start end",
        "part separate",
        "buyer seller",
        "first last",
        "old new",
        "minimum maximum",
        "import export",
        "free paid pay pays paying cost costs charge charged",
        "inside outside",
        "online offline",
        "on off",
        "up down",
        "in out",
        "red green blue yellow white black orange pink grey brown purple",
        "summer winter spring autumn",
        "morning afternoon evening night",
        "left right",
        "north south east west",
        "entrance exit",
        "email phone letter fax text post",
        "cash card cheque",
        "half full whole entire quarter third",
        "above below",
        "more less fewer",
        "succeed fail",
        "birth marriage death",
        "single double",
        "hot cold",
        "wet dry",
        "full empty",
        "visible hidden",
        "sender recipient",
        "male female",
        "city country",
        "yes no",
        "positive negative",
        "newest oldest",
        "large small",
    )
)
"""Words that are opposites; they only make a reason easier to read."""
