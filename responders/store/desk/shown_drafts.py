"""A draft as a person sees it and as it is sent."""

from responders.markup.converting import as_markdown
from responders.markup.tags import untagged
from schemas.tables import DraftRow
from schemas.tickets import Citation, Claim, Draft


def shown_draft(row: DraftRow) -> Draft:
    """Return the draft of a row without HTML tags, whichever build wrote the row."""
    draft = Draft.model_validate(row.record)
    return draft.model_copy(
        update={
            "subject": untagged(draft.subject),
            "body": untagged(draft.body),
            "claims": tuple(map(_shown_claim, draft.claims)),
            "citations": tuple(map(_shown_citation, draft.citations)),
            "warnings": tuple(map(untagged, draft.warnings)),
            "again": draft.again and untagged(draft.again),
        }
    )


def _shown_claim(claim: Claim) -> Claim:
    return claim.model_copy(update={"text": untagged(claim.text)})


def _shown_citation(citation: Citation) -> Citation:
    title = untagged(citation.title) or citation.source_id
    return citation.model_copy(update={"title": title, "quote": as_markdown(citation.quote)})
