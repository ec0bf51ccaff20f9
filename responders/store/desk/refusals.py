"""Why the desk does not do what a person asked."""


class DecisionRefused(Exception):
    """The ticket or draft is elsewhere by now.

    `reason` is the state of the draft, `unknown`, `newer_<event kind>`, or for an undo `moved_on` or
    `too_late`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
