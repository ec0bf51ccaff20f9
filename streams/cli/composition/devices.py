"""The device that models run on."""

from typing import Any

from streams.cli.sentences import NotConfiguredError
from streams.process.database import first_line
from streams.process.settings import Settings


def device_of(settings: Settings) -> str:
    """Return the configured device; `auto` becomes `cuda` if there is a GPU, else `cpu`."""
    import torch

    if settings.device != "auto":
        return settings.device
    return "cuda" if torch.cuda.is_available() else "cpu"


def prepared_device(settings: Settings) -> tuple[str, Any]:
    """Return the device, tried once, and the type of weights on it; None is float32."""
    import torch

    torch.set_num_threads(settings.torch_threads)
    device = device_of(settings)
    _refuse_unusable_device(device)
    return device, torch.bfloat16 if device.startswith("cuda") else None


def without_progress_bar() -> None:
    """Let transformers load a model without a bar on standard error."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()


def _refuse_unusable_device(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise NotConfiguredError(
            f"RAPPORT_DEVICE cannot be used: {first_line(error)}. Set cpu, cuda, cuda:N or auto."
        ) from error
