"""Golden meters and red rabbits in the station file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.known_meters import CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.session import Refused
from bench.station_file import load_station

STATION = """\
name = "EOL 3"
{every}
source = {{ resource = "TCPIP::192.0.2.10::5025::SOCKET" }}
[[position]]
number = 1
s0_pin = "GPIO4"
optical = "/dev/ttyUSB0"
"""
LISTED = """\
[[golden]]
serial = "21480001"
type = "685-381-OK-50"
certificate = "DKD-08123"
baseline_from = 2027-03-01
certified = [{ step = "accuracy-ib", error_percent = -0.12, uncertainty_percent = 0.03 }]
[[golden]]
serial = "21480002"
type = "685-382-OK-50"
[[red_rabbit]]
serial = "21480009"
type = "685-381-OK-50"
fails_at = "accuracy-ib"
"""


def known(folder: Path, text: str, every: str = "") -> KnownMeters:
    path = folder / "station.toml"
    path.write_text(STATION.format(every=every) + text, encoding="utf-8")
    return load_station(path).known


def test_what_is_listed_is_known(tmp_path: Path) -> None:
    assert known(tmp_path, LISTED, "golden_every_h = 12.0") == KnownMeters(
        (
            GoldenMeter(
                "21480001",
                "685-381-OK-50",
                "DKD-08123",
                (CertifiedPoint("accuracy-ib", -0.12, 0.03),),
                date(2027, 3, 1),
            ),
            GoldenMeter("21480002", "685-382-OK-50"),
        ),
        (RedRabbit("21480009", "685-381-OK-50", "accuracy-ib"),),
        12.0,
    )


def test_a_check_holds_for_a_shift_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    assert known(tmp_path, "").every_h == 8.0


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("685-381-OK-50", "685-999-OK-50", "golden.0.type: "),
        ("fails_at", "fail_at", "did you mean fails_at?"),
        ("certificate", "certifcate", "did you mean certificate?"),
        ("error_percent", "eror_percent", "did you mean error_percent?"),
        ("uncertainty_percent = 0.03", "uncertainty_percent = 0", "golden.0.certified.0.uncertainty_percent: "),
        ("21480009", "21480001", "serial 21480001 is listed twice among golden meters and red rabbits"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        known(tmp_path, LISTED.replace(right, wrong, 1))
    assert told in str(refused.value)
