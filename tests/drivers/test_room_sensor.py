"""Temperature sensors as the kernel serves them, good ones and those that lie."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from drivers import room_sensor
from drivers.power_source import InstrumentError
from drivers.room_sensor import read_temperature


def served(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="ascii")
    return folder


def told(pattern: str) -> str:
    with pytest.raises(InstrumentError) as error:
        asyncio.run(read_temperature(pattern))
    return str(error.value)


def test_hwmon_gives_thousandths_of_a_degree(tmp_path: Path) -> None:
    folder = served(tmp_path, temp1_input="22437\n")
    assert asyncio.run(read_temperature(str(folder / "temp1_input"))) == pytest.approx(22.437)


def test_iio_gives_a_processed_value_or_raw_offset_and_scale(tmp_path: Path) -> None:
    folder = served(tmp_path, in_temp_input="23125\n")
    assert asyncio.run(read_temperature(str(folder / "in_temp_input"))) == pytest.approx(23.125)
    # (1000 − 240) · 31.25 = 23 750 thousandths
    folder = served(tmp_path, in_temp_raw="1000\n", in_temp_offset="-240\n", in_temp_scale="31.25\n")
    assert asyncio.run(read_temperature(str(folder / "in_temp_raw"))) == pytest.approx(23.75)
    (folder / "in_temp_offset").unlink()
    (folder / "in_temp_raw").write_text("720")
    assert asyncio.run(read_temperature(str(folder / "in_temp_raw"))) == pytest.approx(22.5)


def test_a_star_stands_for_the_number_that_changes_from_boot_to_boot(tmp_path: Path) -> None:
    (tmp_path / "hwmon3").mkdir()
    served(tmp_path / "hwmon3", temp1_input="21000")
    assert asyncio.run(read_temperature(f"{tmp_path}/hwmon*/temp1_input")) == 21.0
    (tmp_path / "hwmon4").mkdir()
    served(tmp_path / "hwmon4", temp1_input="21000")
    assert "stands for 2 files" in told(f"{tmp_path}/hwmon*/temp1_input")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("85000", "reads 85.0 °C, what a DS18B20 says before its first conversion; check its supply"),
        ("-273150", "reads -273.1 °C, which is no room"),
        ("-127000", "reads -127.0 °C, which is no room"),
        ("51000", "reads 51.0 °C, which is no room"),
        ("nan", "which is no room"),
        ("", "gives no number"),
        ("warm", "gives no number"),
    ],
)
def test_nonsense_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    sentence = told(str(served(tmp_path, temp1_input=text) / "temp1_input"))
    assert words in sentence
    assert str(tmp_path) in sentence
    assert "\n" not in sentence


def test_a_sensor_that_is_not_there_or_cannot_be_read_says_what_to_look_at(tmp_path: Path) -> None:
    assert "is not there; is its driver loaded" in told(str(tmp_path / "temp1_input"))
    (tmp_path / "temp1_input").mkdir()
    assert "cannot be read: Is a directory; check the sensor" in told(str(tmp_path / "temp1_input"))


def test_a_sensor_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = threading.Event()

    def never(_: str) -> float:
        freed.wait()
        return 23.0

    monkeypatch.setattr(room_sensor, "_read", never)
    monkeypatch.setattr(room_sensor, "DEADLINE_S", 0.0)

    async def main() -> None:
        try:
            with pytest.raises(InstrumentError, match="gave nothing within 0 s; check its wiring"):
                await read_temperature("/sys/class/hwmon/hwmon0/temp1_input")
        finally:
            freed.set()

    asyncio.run(main())
