"""`rapport evaluate drafts`: measure the drafts of labelled tickets over the knowledge in a folder."""

from collections.abc import Mapping, Sequence
from typing import Final

from responders.retrieval.ranking import Passage
from streams.cli.composition.connections import read_settings
from streams.cli.composition.evaluation import EvaluationDesk, drafting_desk
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
    own_ids,
)
from streams.cli.knowledge_folders import KnowledgeOption, read_filled_folder
from streams.cli.terminal import say
from streams.evaluate.draft_report import draft_report
from streams.evaluate.drafts import TicketAnswer, TicketExample, TicketJudged, answer_of, judge_tickets
from streams.evaluate.measured import EvaluationReport
from streams.process.clock import utc_now

BEST_PASSAGE: Final = "best_passage"


def drafts(
    tickets: ExamplesArgument,
    knowledge: KnowledgeOption,
    out: OutOption = None,
    as_json: FiguresOption = None,
) -> None:
    """Measure how well drafts answer labelled tickets.

    Each line holds `id`, `account_id`, `channel`, `subject`, `body`, `expect` (answer, partial, abstain,
    route or courtesy) and `asks`: a list of `question`, `sources` (ids of articles, macros or solved
    tickets), `must` (groups of variants) and `must_not` (a list of texts). `kind` and `requester_name` are
    optional. A missing file of the folder counts as empty. The drafts are those of production, with the
    RAPPORT_DRAFT settings: the command starts a PostgreSQL of its own in a temporary folder and removes it; a
    database of yours is not touched.

    An ask is fully answered if each group of `must` has a variant in the body and no `must_not` occurs in it;
    capital letters and the number of blanks do not matter. `must_not` is the share of such asks, among the
    tickets with a text, of which a text occurs. An answerable ticket without an answer is a wrong abstention.
    A draft has a right source if it cites one. Baselines are the best passage word for word, and no draft at
    all. Lines of --out have `id`, `outcome`, `state`, `reason`, `body`, `sources`, `generator` and `asks`.
    The exit code is 3 if a line is wrong; each of these lines is named and left out.

    Example: rapport evaluate drafts --knowledge help-centre tickets.jsonl --out drafts.jsonl
    """
    targets = Targets(out, as_json)
    found = open_examples(tickets, TicketExample, targets)
    folder = read_filled_folder(knowledge)
    with drafting_desk(read_settings()) as desk:
        say(f"indexing {len(folder.sources):,} articles, macros and solved tickets")
        desk.load(folder.accounts, folder.sources)
        report, judged = _measured(desk, found.examples, own_ids(folder.sources))
    decided = (one.as_json() for one in judged)
    finish("Drafts", report, [*found.wrong, *folder.wrong], decided, targets)


def _measured(
    desk: EvaluationDesk, examples: Sequence[TicketExample], own: Mapping[str, str]
) -> tuple[EvaluationReport, list[TicketJudged]]:
    now = utc_now()
    tickets = [example.ticket(now=now) for example in examples]
    answers = [answer_of(draft, own) for draft in desk.drafts(tickets)]
    judged = judge_tickets(examples, answers)
    verbatim = [_verbatim(passage, own) for passage in desk.best_passages(tickets)]
    return draft_report(judged, verbatim), judged


def _verbatim(passage: Passage | None, own: Mapping[str, str]) -> TicketAnswer:
    """Return a passage word for word as an answer."""
    if passage is None:
        return TicketAnswer("abstain", "abstained", "no_source", "", (), BEST_PASSAGE)
    chunk = passage.chunk
    return TicketAnswer("answer", "ready", None, chunk.body, (own[chunk.source_id],), BEST_PASSAGE)
