"""`rapport evaluate claims` and `privacy`: measure the checks of single sentences and texts."""

from responders.policy.claims.checking import check_claim
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_listener
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
)
from streams.evaluate.claims import ClaimExample, claim_report, judge_claims
from streams.evaluate.privacy import PrivacyExample, judge_masking, privacy_report


def claims(file: ExamplesArgument, out: OutOption = None, as_json: FiguresOption = None) -> None:
    """Measure how well the claim check tells supported sentences from changed ones.

    Each line holds `id`, `sentence`, `sources` (a list of texts that the sentence cites), `facts` (an object
    of account facts, such as {"plan": "Team"}) and `supported` (true or false); `kind` is optional and groups
    the figures. The check is the one that every sentence of a draft passes through.

    `changed_passing` is the share of unsupported sentences that pass, `supported_blocked` the share of
    supported sentences that are blocked. The baseline lets a sentence pass if its sources have 70 % of its
    words. Lines of --out have `id`, `supported` and `reasons`. The exit code is 3 if a line is wrong; each
    of these lines is named and left out.

    Example: rapport evaluate claims claims.jsonl --out checked.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(file, ClaimExample, targets)
    judged = judge_claims(found.examples, check_claim)
    report = claim_report(found.examples, judged)
    finish("Claims", report, found.wrong, (one.as_json() for one in judged), targets)


def privacy(file: ExamplesArgument, out: OutOption = None, as_json: FiguresOption = None) -> None:
    """Measure how well personal values and secrets are replaced by pseudonyms.

    Each line holds `id`, `text`, `spans` (a list of `start`, `end` and `kind`; characters from 0, the end is
    the first character after the span) and `names` (names that the ticket tells, such as its requester's).

    `recall` is the share of spans of which every letter and digit is masked. `precision` is the share of
    masked parts of which at least half is in a span; `harmless_changed` is the share of texts without a span
    that are changed. `by_kind` has recall and precision of each kind. One baseline is the rules without the
    model that hears values, the other masks only what looks like an e-mail address or phone number. Lines of
    --out have `id` and `spans`. The exit code is 3 if a line is wrong; each of these lines is named and left
    out.

    Example: rapport evaluate privacy texts.jsonl --out found.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(file, PrivacyExample, targets)
    judged = judge_masking(found.examples, load_listener(read_settings()))
    report = privacy_report(judged)
    finish("Privacy", report, found.wrong, (one.as_json() for one in judged), targets)
