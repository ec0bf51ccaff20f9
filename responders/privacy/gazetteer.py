"""First names of many countries, and the names that are ordinary words too."""

import importlib
import unicodedata
from functools import lru_cache
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
"""The locales of Faker whose first names are read."""

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
    tuesday wednesday thursday friday saturday sunday mary
    """.split()
)
"""Names that are words, months, places or products too: found after a word that introduces a name only."""

MORE_NAMES: Final = """
    abdul abdoulaye abena adebayo adewale ahmad ahmed aino aisha aicha akira alejandro alexei alexey aliou
    amadou amara amina amir amit ananya andrzej aniket anjali anil ania annika antje arjun arun asha ashok
    ayesha ayse aziz babak baptiste bartosz basia beatriz bence berit bilal bogdan boris brayden bronwen
    camille cansu catalina ceferino chiara chidi chiamaka chinedu chioma chloe cleo deb debbie deepak denise
    desmond devon dimitri dmitri dmytro ebony edith edna eilidh ekaterina eleni elif eluned emeka emre
    enrique ezequiel fadi farhan fatima fatou fatoumata femi feng fernanda finn fiona francesca freya funke
    gareth gethin giulia giusy goran grainne gudrun guillaume gulsen gunnar gurpreet habib haruka harpreet
    hassan hao hedwig hiroshi hiroko hye-jin ibrahim ikram iker inaki ines ingo ioana isolde ivan jaime
    jakub jamal jean jesper jens jin ji-woo joao jiho jonas jorge jose josefina juanita jurgen kalle kamala
    kareem karim kateryna katarzyna katya kavita keiko keisha kemal kenji khadija khalid kofi krishna kwame
    kwabena lakshmi lars leila leticia liam ling lucia ludovic luiz lukasz magda mahmoud malgorzata malik
    manoj manuela marek mariam marija mehmet mei-ling mercedes meera mihai mikhail milica minh mirela moira
    moussa mustafa nadia naoki naomi natalia natasha nia nikhil nikola nnamdi noor ngozi nkechi nuno oksana
    olga olumide oleksandr oleksii olena olu oluwaseun omar ondrej orla osman pablo padraig parvati pawel
    pedro phuong piotr pooja pradeep prakash priya priyanka quentin rachida radoslav rafael rafal raj raja
    rajesh ramesh ramona rashid rasmus ravi remedios resi ricardo rohan rohit rosalind ryo sakura salma
    samir sandeep sanjay saoirse sasha satoshi sebastian sergei sergey seamus sigrid sinan siobhan slawomir
    sofie soren stefan sunil suresh svetlana tadashi takashi tamika tanisha tariq tatiana thabo thandiwe thi
    thierry thuy tiago tomasz torben tove tugba ulrike usman uwe vasile vijay vikram vladimir wanjiru wei
    wojciech xavier xiomara yannick yasmin yevhen yosef yuki yuko yusuf zainab zanele zbigniew zeynep zofia
    zoltan zoran
    """.split()
"""Frequent first names, mostly in Latin letters, that Faker's lists lack or have in another script only."""


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Return first names of about 60 countries in small letters, without those in WORDS_TOO.

    The source is Faker, a kept library with lists of names by country.
    """
    found: set[str] = set()
    for locale in _LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for table in ("first_names", "first_names_male", "first_names_female", "first_names_unisex"):
            names = vars(provider).get(table, ())
            found.update(() if isinstance(names, property) else names)
    plain = {folded(name) for name in (*found, *MORE_NAMES) if name.isalpha() or "-" in name}
    return frozenset(name for name in plain if len(name) > 2 and name not in WORDS_TOO)


def is_first_name(word: str) -> bool:
    """Tell whether `word`, or its part before a hyphen, is a known first name and no ordinary word.

    >>> is_first_name("Siobhán"), is_first_name("may"), is_first_name("Jukka-Pekka")
    (True, False, True)
    """
    plain = folded(word.strip(".,"))
    return plain in first_names() or plain.split("-")[0] in first_names()


def folded(word: str) -> str:
    """Return `word` in small letters without accents.

    >>> folded("Åsa"), folded("İlker")
    ('asa', 'ilker')
    """
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).replace("ı", "i")
