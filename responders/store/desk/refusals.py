"""The error for a decision or reply that the desk refuses."""


class DecisionRefused(Exception):
    """The ticket or draft has changed, so the decision, reply or undo is not possible.

    `reason` is the state of the draft, `unknown`, `newer_<event kind>`, or for an undo `moved_on` or
    `too_late`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
