import sys; sys.path.insert(0,"/work/main")
from sqlalchemy import create_engine
from sqlmodel import Session
from responders.store import migrate, seen, letters
from responders.store.knowledge import SqlKnowledge, save_sources
from tests.responders.drafting_samples import HashingEmbedder, SOURCES, NOW, ticket, drafter
from tests.streams.test_dead_letters import letter
from responders.drafting import Drafter
from responders.generation import Composer
from streams.consume.errors import is_unavailable
from detectors.sentiment import LexiconSentiment
import pytest
pytest_plugins=["tests.embedded_fixtures"]
def test_probe(database_url):
    e=create_engine(database_url); migrate.upgrade(e)
    import atexit
    def tell(name, f):
        try: f(); print(name,"ok")
        except Exception as x: print(name, type(x).__name__, type(getattr(x,"orig",None)).__name__, is_unavailable(x), str(x)[:100])
    with Session(e) as s, s.begin(): save_sources(s, SOURCES, HashingEmbedder(), now=NOW)
    k=SqlKnowledge(e, HashingEmbedder())
    tell("search long word", lambda: k.search("export labels "+"a"*3000, limit=5))
    tell("search long accent", lambda: k.search("export labels "+"a"*100000, limit=5))
    d=Drafter(k, Composer())
    from tests.responders.drafting_samples import situation
    tell("draft long word", lambda: d.draft(ticket("how do I export labels "+"QUJD"*2000), situation(), now=NOW))
    def m(n):
        with Session(e) as s, s.begin(): seen.mark_seen(s,"g",[seen.Sighting(f"e{i}",b"x"*16,"t",0,i) for i in range(n)], now=NOW)
    tell("seen 9000", lambda: m(9000)); tell("seen 10000", lambda: m(10000))
    def l(n):
        with Session(e) as s, s.begin(): letters.save_letters(s,[letter("t",i) for i in range(n)])
    tell("letters 3000", lambda: l(3000)); tell("letters 5000", lambda: l(5000))
    e.dispose()
