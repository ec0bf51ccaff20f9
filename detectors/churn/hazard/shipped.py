"""The prior that the product ships, beside its card."""

from functools import cache
from importlib.resources import files

from detectors.churn.hazard.prior import Prior


@cache
def load_prior() -> Prior:
    """Return the shipped prior; raise ValueError if its file was changed into an invalid one."""
    content = files("detectors.churn.hazard").joinpath("weights", "prior.json").read_bytes()
    return Prior.model_validate_json(content)
