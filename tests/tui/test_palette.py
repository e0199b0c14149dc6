"""The colours can be told apart by everybody: contrast after WCAG 2.1, colour blindness after Machado, Oliveira and Fernandes 2009."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from tui.palette import Role

_SIGHT = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
_VERDICTS = (Role.PASS, Role.MARGINAL, Role.FAIL)
_FILLS = (*_VERDICTS, Role.WARN, Role.ACTION)


def _linear(colour: str) -> list[float]:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _luminance(colour: str) -> float:
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), _linear(colour), strict=True))


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    linear = _linear(colour)
    seen = [min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in _SIGHT[sight]]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        t ** (1 / 3)
        if (t := sum(m * c for m, c in zip(row, seen, strict=True)) / w) > 0.008856
        else 7.787 * t + 16 / 116
        for row, w in zip(to_xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("role", Role)
def test_every_word_can_be_read_on_its_fill(role: Role) -> None:
    text, fill = role.value
    assert _contrast(text, fill) >= 4.5


@pytest.mark.parametrize("sight", _SIGHT)
def test_pass_and_fail_differ_for_every_eye(sight: str) -> None:
    assert math.dist(_lab(Role.PASS.value[1], sight), _lab(Role.FAIL.value[1], sight)) >= 35


@pytest.mark.parametrize("sight", _SIGHT)
@pytest.mark.parametrize(("one", "other"), list(combinations(_FILLS, 2)))
def test_no_two_fills_look_alike(sight: str, one: Role, other: Role) -> None:
    assert math.dist(_lab(one.value[1], sight), _lab(other.value[1], sight)) >= 20


def test_pass_and_fail_differ_in_lightness_alone() -> None:
    """On a screen without colours the two fills are still two greys."""
    assert abs(_lab(Role.PASS.value[1], "normal")[0] - _lab(Role.FAIL.value[1], "normal")[0]) >= 30


def test_plain_red_and_green_would_not_pass() -> None:
    assert math.dist(_lab("#008000", "deuteranopia"), _lab("#c00000", "deuteranopia")) < 20
