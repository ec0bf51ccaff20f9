"""Another kernel is used only if it agrees with attention by runs of equal length."""

import logging

import pytest
import torch

from detectors.sentiment.attention import Layout, attend_by_runs, attention_for, checked, layout_of

CPU = torch.device("cpu")
WIDTH, HEADS = 16, 2


def window_by_window(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    """Attend within each window by the formula itself; the windows are found by their offsets."""
    width = qkv.shape[1] // 3
    results = []
    for start, end in zip(layout.offsets[:-1].tolist(), layout.offsets[1:].tolist(), strict=True):
        query, key, value = qkv[start:end].view(end - start, 3, heads, -1).permute(1, 2, 0, 3).unbind()
        weights = (query @ key.transpose(1, 2) / (width / heads) ** 0.5).softmax(-1)
        results.append((weights @ value).transpose(0, 1).reshape(end - start, width))
    return torch.cat(results)


def over_all_windows(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    return window_by_window(qkv, layout_of([qkv.shape[0]], CPU), heads)


def cannot_run(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    raise RuntimeError("no kernel image is available")


def not_a_number(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    return torch.full_like(attend_by_runs(qkv, layout, heads), float("nan"))


def test_attention_by_runs_is_the_formula_within_each_window() -> None:
    torch.manual_seed(2)
    layout = layout_of([4, 4, 1, 9], CPU)
    qkv = torch.randn(18, 3 * WIDTH)

    assert torch.allclose(attend_by_runs(qkv, layout, HEADS), window_by_window(qkv, layout, HEADS), atol=1e-6)
    assert layout.longest == 9
    assert layout.offsets.tolist() == [0, 4, 8, 9, 18]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_kernel_that_agrees_is_used(dtype: torch.dtype) -> None:
    assert checked(window_by_window, CPU, dtype, width=WIDTH, heads=HEADS) is window_by_window


@pytest.mark.parametrize("kernel", [over_all_windows, cannot_run, not_a_number])
def test_a_kernel_that_is_wrong_is_refused_with_a_warning(
    kernel: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(kernel)
    with caplog.at_level(logging.WARNING):
        assert checked(kernel, CPU, torch.bfloat16, width=WIDTH, heads=HEADS) is attend_by_runs

    assert "windows are grouped by length" in caplog.text


def test_a_cpu_attends_by_runs() -> None:
    assert attention_for(CPU, torch.bfloat16, width=WIDTH, heads=HEADS) is attend_by_runs
