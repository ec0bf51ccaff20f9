"""A plot of predicted probabilities against observed shares, as an SVG file."""

from collections.abc import Sequence
from html import escape
from typing import Final

from streams.evaluate.proportion import Proportion

_SIDE: Final = 420
"""Width and height of the square in pixels."""

_MARGIN: Final = 60

_STYLE: Final = "font:13px sans-serif;fill:#222"


def calibration_plot(bins: Sequence[Sequence[float]], title: str) -> str:
    """Return an SVG of bins (mean probability, observed share, count), with the diagonal.

    Each share has its 95 % interval. The axes go from 0 to the highest value that is shown.

    >>> calibration_plot([(0.1, 0.05, 100), (0.6, 0.5, 100)], "Dark").startswith("<svg")
    True
    """
    ends = [Proportion(round(share * count), int(count)).interval for _, share, count in bins]
    top = max([0.05, *(mean for mean, *_ in bins), *(high for _, high in ends)])
    marks = [
        f'<line x1="{_x(mean, top)}" x2="{_x(mean, top)}" y1="{_y(low, top)}" y2="{_y(high, top)}"'
        ' stroke="#26547c"/>'
        f'<circle cx="{_x(mean, top)}" cy="{_y(share, top)}" r="4" fill="#26547c"/>'
        for (mean, share, _), (low, high) in zip(bins, ends, strict=True)
    ]
    whole = _SIDE + 2 * _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}"'
            f' viewBox="0 0 {whole} {whole}">',
            f'<rect width="{whole}" height="{whole}" fill="white"/>',
            f'<text x="{_MARGIN}" y="30" style="{_STYLE}">{escape(title)}</text>',
            f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>',
            f'<line x1="{_x(0, top)}" y1="{_y(0, top)}" x2="{_x(top, top)}" y2="{_y(top, top)}"'
            ' stroke="#999" stroke-dasharray="4"/>',
            *marks,
            *_labels(top),
            "</svg>\n",
        ]
    )


def _labels(top: float) -> list[str]:
    bottom = _MARGIN + _SIDE
    return [
        f'<text x="{_MARGIN}" y="{bottom + 18}" style="{_STYLE}">0</text>',
        f'<text x="{bottom - 30}" y="{bottom + 18}" style="{_STYLE}">{top:.2f}</text>',
        f'<text x="{_MARGIN + 130}" y="{bottom + 38}" style="{_STYLE}">predicted probability</text>',
        f'<text x="8" y="{_MARGIN + 12}" style="{_STYLE}">{top:.2f}</text>',
        f'<text x="8" y="{_MARGIN - 10}" style="{_STYLE}">observed share</text>',
    ]


def _x(value: float, top: float) -> str:
    return f"{_MARGIN + _SIDE * value / top:.1f}"


def _y(value: float, top: float) -> str:
    return f"{_MARGIN + _SIDE * (1.0 - value / top):.1f}"
