"""Every page of every type can be drawn in seven segments, and no two digits look alike."""

from __future__ import annotations

from itertools import product

import pytest

from reference_meter import Power, ReferenceMeter, Registers
from reference_meter.modules import MODULES
from reference_meter.segments import SEGMENTS, segments_of


def test_no_two_characters_look_alike() -> None:
    assert len({frozenset(lit) for lit in SEGMENTS.values()}) == len(SEGMENTS)
    assert all(set(lit) <= set("abcdefg") and list(lit) == sorted(lit) for lit in SEGMENTS.values())


def test_the_display_test_lights_everything_and_a_blank_nothing() -> None:
    assert segments_of("8 ") == ("abcdefg", "")


@pytest.mark.parametrize(("phases", "module"), list(product("123", MODULES)))
def test_every_page_has_its_segments(phases: str, module: str) -> None:
    meter = ReferenceMeter(f"685-{phases}82-{module}-50", registers=Registers(total_kwh=1_234_567))
    meter.advance(Power((0, 0, 0), (True, False, False)), 1)
    for _ in meter.pages:
        assert len(segments_of(meter.display().digits)) == 8
        meter.press()
        meter.release()
