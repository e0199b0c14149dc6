"""Who tells the temperature of a run, and what is said when nobody does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.environment import Room, Temperature
from bench.session import Refused
from bench.station import EnvironmentDescription

MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def asked(room: Room, typed: float | None = None, hours: float = 0.0) -> Temperature:
    return asyncio.run(room.temperature(typed, MORNING + timedelta(hours=hours)))


def room_with(tmp_path: Path, text: str | None) -> Room:
    path = tmp_path / "temp1_input"
    if text is not None:
        path.write_text(text, encoding="ascii")
    return Room(EnvironmentDescription(str(path)))


def test_a_sensor_tells(tmp_path: Path) -> None:
    assert asked(room_with(tmp_path, "22500")) == Temperature(22.5, "sensor")


def test_what_is_typed_counts_for_a_shift_with_its_age() -> None:
    room = Room(EnvironmentDescription())
    assert asked(room, 21.5) == Temperature(21.5, "typed 0.0 h before")
    assert asked(room, hours=7.5) == Temperature(21.5, "typed 7.5 h before")
    assert asked(room, hours=8.0).celsius == 21.5


def test_after_a_shift_it_is_stale_and_the_assumption_takes_its_place() -> None:
    room = Room(EnvironmentDescription())
    asked(room, 21.5)
    late = asked(room, hours=8.1)
    assert late.celsius is None
    assert late.basis == "typed 8.1 h before, which is too long ago: type it again; 23 ± 5 °C is assumed"
    assert late.remark == f"temperature not known: {late.basis}"
    assert asked(room, 22.0, hours=8.2).celsius == 22.0


def test_nobody_knowing_is_said_with_what_is_assumed() -> None:
    found = asked(Room(EnvironmentDescription(assumed_deviation_k=8.0)))
    assert found.celsius is None
    assert found.basis == "no sensor, and nobody typed it; 23 ± 8 °C is assumed"


def test_what_is_typed_with_a_run_goes_before_the_sensor_and_the_sensor_before_what_was_typed_earlier(
    tmp_path: Path,
) -> None:
    room = room_with(tmp_path, "22500")
    assert asked(room, 24.0).celsius == 24.0
    assert asked(room).celsius == 22.5


def test_a_sensor_that_fails_leaves_what_was_typed_or_the_assumption_and_is_told(tmp_path: Path) -> None:
    room = room_with(tmp_path, "85000")
    unknown = asked(room)
    assert unknown.celsius is None
    assert "reads 85.0 °C, what a DS18B20 says before its first conversion" in unknown.remark
    assert unknown.remark.endswith("23 ± 5 °C is assumed")
    asked(room, 22.0)
    typed = asked(room, hours=1.0)
    assert typed.celsius == 22.0
    assert typed.basis.startswith("typed 1.0 h before; the temperature sensor ")
    assert "85.0 °C" in typed.remark


@pytest.mark.parametrize("typed", [-40.0, 225.0, float("nan"), float("inf")])
def test_a_temperature_that_no_room_has_is_refused(typed: float) -> None:
    with pytest.raises(Refused, match="is not possible; give its temperature in °C"):
        asked(Room(EnvironmentDescription()), typed)
