"""First names of many countries, and the names that are ordinary words too."""

import importlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

_LOCALES: Final = (
    "ar_AA az_AZ bg_BG cs_CZ da_DK de_AT de_CH de_DE el_GR en_GB en_IE en_IN en_KE en_NG en_NZ en_PK en_US"
    " es_AR"
    " es_CL es_CO es_ES es_MX et_EE fa_IR fi_FI fr_BE fr_CA fr_CH fr_DZ fr_FR ga_IE ha_NG he_IL hi_IN hr_HR"
    " hu_HU"
    " hy_AM id_ID ig_NG is_IS it_IT ka_GE lt_LT lv_LV mk_MK nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO ru_RU"
    " sk_SK"
    " sl_SI sv_SE sw tr_TR tw_GH uk_UA uz_UZ vi_VN yo_NG zu_ZA"
).split()
"""The locales of Faker whose names and sample texts are read."""

WORDS_TOO: Final = frozenset(
    """
    a ace alba alma amber amazon amen an angel any april art ash asia aspen august aura austin autumn axel
    basil bay beau bell bella berlin beau bill billie blanca blue brand brandy brook brooklyn buck bud bush
    carol cash chance charity charm chase chelsea cherry chip christian clay claude clement cliff clover
    cody colt coral court crystal cuba daisy dakota dale dallas dan dawn dean delta destiny di diamond diego
    dolores don dot drew duke earl early earnest ed eden ernst eve even ever faith fay fern field fin flora
    florence ford forest fox france francisco frank franklin gene general georgia ginger gloria grace grant
    gray guy hank harmony haven hazel heath heather heaven herb hope house hunter iris israel ivory ivy jack
    jade jan jasmine java jay jersey jet jo job jordan joy judge julia june justice justus juli juni kelly
    kenya kind king lane laurel law lee leo lily lima link lion london long love loyal lucky luna madison
    major manual marina mark market mars mars marsh mason max may mercy merit merry micro mike mile miles
    milan mine mint misty mobile montana moss my myrtle nana neo nick noble noel nova octavia olive opal
    oscar page paige paris park pat patience pearl penny pepper petra phoenix pierce pierre piper pixel
    pleasant poppy port porter price prince princess prosper quest queen rain randy raven ray reed reef
    reese regina rich rick river rob robin rock rocky roman romeo rosa rose rosemary royal ruby rusty sage
    sailor salem sally sam sandy santa santiago saturn scarlet scout sean shade shadow shane shelly sierra
    silver simple sky skip sol sonny sophia spencer star sterling stone storm story summer sun sunny sydney
    tab tad tanner tate teal teddy terra test texas tiger tim tony tours trinity troy true ty val van vera
    verona victoria victor vincent viola violet virginia vista vitoria wade warden ward wave wayne web wendy
    west will win winter wolf worth wren young zen zip so ho see mir sei bin mai mit der das die und als wie
    was nur wer ein eine los rot ist hat war ja da el la le les de des du ma mon sa ta te ti tu un una une
    va vi ya yo sur por para como con sin su mas muy bien non si per tra fra che chi dei del gli lo ne nel
    noi tua tuo sua suo ne og at til fra nu er en et det den alle man han hun till men att som mer i is it
    in on at to be or so no do go he me us we by as if of up am pm ok hi la gen son sen ana api sim app beta
    alpha gamma omega sigma data info mega giga euro dollar bank card code email mail fax team support
    service customer client manager admin agent driver user can made over said come lot visa else joke sad
    age run side line america beat mad gun bot odd mate edit owe lady ran floor karma yen jail peace lies
    africa innocent valid angeles german loan kick orlando atlanta arent nail tea among vid sue pal harm
    fancy server tone prior siri alexa puck comfort fella theres india kitty mac hella meta forum harsh
    constant smith mart ally jude eta lean mans ole loot bra dev indie ties cord lore darling rim nazi jean
    peer tore yoga juul sayin pastor pier urban minh blessing hung nacho horn lance cal greet mist zion gal
    mia par paw thor cielo dia lincoln washington ninja isis saga lone dex marine liga purity roar dis chad
    katana sole snot ants nanny dom ale nada dino valentine rio modesto fares cora kobe hong bent ben dirk
    urs eli iban bic mats mentor safari lien bale raid lena tan sherry villa magnolia olga lassi lola gust
    bett felice bianco flor fürst furst kein miller carter baker cook fisher mason taylor porter hunter
    cooper carpenter potter tailor bishop abbot knight page walker gardener shepherd november december
    october toy boi bow tie mine mina mike sunniva lavender lasse lassen sie ihr uns euch kai bitten valves
    uni muse nur so fehler konto karte rechnung name mann frau kind herr january february march monday
    tuesday wednesday thursday friday saturday sunday mary tage mio ide hala ama xin ask
    """.split()
)
"""Names that are words, months, places or products too: found after a word that introduces a name only."""

COMPANIES: Final = frozenset(
    """
    morgan-stanley charles-schwab john-lewis calvin-klein ralph-lauren tommy-hilfiger hugo-boss louis-vuitton
    estee-lauder harley-davidson mercedes-benz rolls-royce aston-martin philip-morris eli-lilly wells-fargo
    goldman-sachs merrill-lynch jack-daniels jim-beam mary-kay wilhelm-schmidt marks-spencer baker-hughes
    george-foreman elizabeth-arden yves-rocher yves-saint jean-paul christian-dior giorgio-armani paul-smith
    stella-mccartney alexander-mcqueen michael-kors kate-spade karl-lagerfeld oscar-mayer raymond-james
    edward-jones booz-allen ernst-young ben-jerry peter-pan harry-potter sherlock-holmes albert-heijn max-mara
    franklin-templeton thomas-cook johns-hopkins carl-zeiss ferdinand-porsche
    """.split()
)
"""Companies and characters that are called like people: their first two words, joined. Written by hand."""

_FIRST_TABLES: Final = ("first_names", "first_names_male", "first_names_female", "first_names_unisex")
_DATA: Final = resources.files("responders.privacy") / "data"


def _tables(room: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the entries of Faker's tables of these names, of all locales."""
    for locale in _LOCALES:
        try:
            provider = importlib.import_module(f"faker.providers.{room}.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for table in names:
            found = vars(provider).get(table, ())
            yield from found if isinstance(found, Iterable) else ()


def _listed(file: str) -> list[str]:
    return (_DATA / file).read_text("utf-8").split()


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Return first names of about 60 countries in small letters, without those in WORDS_TOO.

    The sources are Faker, a kept library with lists of names by country, and `data/first_names.txt`, which
    was written by hand: frequent first names, mostly in Latin letters, that Faker lacks.
    """
    found = {*_tables("person", _FIRST_TABLES), *_listed("first_names.txt")}
    plain = {folded(name) for name in found if name.isalpha() or "-" in name}
    return frozenset(name for name in plain if len(name) > 2 and name not in WORDS_TOO)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return ordinary words in small letters: of Faker's sample texts, and of support mails in English.

    `data/words.txt` has the words that the training texts of the mood model write in small letters.
    """
    return frozenset({folded(word) for word in (*_tables("lorem", ("word_list",)), *_listed("words.txt"))})


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    """Return surnames of Faker's lists in small letters that are no ordinary words."""
    tables = ("last_names", "last_names_male", "last_names_female", "last_names_unisex")
    found = {folded(name) for name in _tables("person", tables) if len(name) > 2}
    return frozenset(found - common_words() - WORDS_TOO)


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """Return towns, regions and countries of Faker's lists in small letters, if their name is one word."""
    tables = ("cities", "city_names", "countries", "states", "provinces", "regions")
    return frozenset(
        folded(name)
        for name in _tables("address", tables)
        if isinstance(name, str) and len(name) > 3 and name.isalpha()
    )


@lru_cache(maxsize=8192)
def is_town(word: str) -> bool:
    """Tell whether `word` is called like a town, a region or a country.

    >>> is_town("Barletta"), is_town("Parcel")
    (True, False)
    """
    return folded(word) in places()


@lru_cache(maxsize=8192)
def is_first_name(word: str) -> bool:
    """Tell whether `word`, or its part before a hyphen, is a known first name and no ordinary word.

    >>> is_first_name("Siobhán"), is_first_name("may"), is_first_name("Jukka-Pekka")
    (True, False, True)
    """
    plain = folded(word.strip(".,"))
    return plain in first_names() or plain.split("-")[0] in first_names()


@lru_cache(maxsize=8192)
def is_surname(word: str) -> bool:
    """Tell whether `word`, or a part of it beside a hyphen, is a known surname and no ordinary word.

    >>> is_surname("Fitzgerald"), is_surname("Invoice")
    (True, False)
    """
    plain = folded(word.strip(".,"))
    return any(part in surnames() for part in (plain, *plain.split("-")))


@lru_cache(maxsize=8192)
def is_common(word: str) -> bool:
    """Tell whether `word` is an ordinary word of one of the languages with lists.

    >>> is_common("Delivery"), is_common("Gulnara")
    (True, False)
    """
    plain = folded(word.strip(".,"))
    return plain in common_words() and plain not in first_names()


def folded(word: str) -> str:
    """Return `word` in small letters without accents.

    >>> folded("Åsa"), folded("İlker")
    ('asa', 'ilker')
    """
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).replace("ı", "i")
