"""A station written as text is the same station when it is read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.permits import Role, StaffMember
from bench.station import (
    Calibration,
    PositionDescription,
    SafetyDescription,
    SourceDescription,
    StandardDescription,
    Station,
)
from bench.station_file import load_station
from bench.station_text import station_text
from drivers.source_dialects import SOURCE_DIALECTS, default_capabilities

KNOWN = Calibration('C "1"\\2', "DKD-K-07701", date(2027, 3, 1))


@pytest.mark.parametrize("dialect", SOURCE_DIALECTS)
def test_what_is_written_is_read_back_equal(dialect: str, tmp_path: Path) -> None:
    can = replace(default_capabilities(dialect), settle=1.25, watchdog=True)
    station = Station(
        name="EOL 3, Linie „B“",
        pin_factory="simulated:/tmp/pins.sock",
        owner_socket="/tmp/source.sock",
        source=SourceDescription("TCPIP::127.0.0.1::5025::SOCKET", dialect, can, 3.0, KNOWN),
        standard=StandardDescription("ASRL/dev/ttyUSB9::INSTR", 0.05, "yokogawa-wt300", calibration=KNOWN),
        positions=(
            PositionDescription(1, "GPIO4", "/dev/ttyUSB0", s0_offset_ms=-0.125, calibration=KNOWN),
            PositionDescription(2, "GPIO5", "/dev/ttyUSB1", "GPIO17"),
        ),
        safety=SafetyDescription(estop_pin="GPIO2", contactor_pin="GPIO14"),
        people=(StaffMember("E1", "Åse Bæk", (Role.ENGINEER, Role.QUALITY)), StaffMember("O1", "Ib", (Role.OPERATOR,))),
    )
    path = tmp_path / "station.toml"
    path.write_text(station_text(station), encoding="utf-8")
    assert load_station(path) == station
    text = path.read_text(encoding="utf-8")
    assert "settle = 1.25\nwatchdog = true\n" in text
    assert "u_max" not in text, "what the dialect declares is left out"


def test_a_station_without_standard_and_owner_is_written_too(tmp_path: Path) -> None:
    station = Station("EOL 4", SourceDescription("USB0::1::2::INSTR"), (PositionDescription(1, "GPIO4", "/dev/tty1"),))
    path = tmp_path / "station.toml"
    path.write_text(station_text(station), encoding="utf-8")
    assert load_station(path) == station
