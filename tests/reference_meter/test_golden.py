"""Bytes captured from real meters come out of the model when it is brought into their state."""

from __future__ import annotations

import pytest

from reference_meter import Configuration, NotFitted, Power, ReferenceMeter, Registers
from reference_meter.mbus import user_data
from reference_meter.native import HELLO, NATIVE_BAUD, register_block, tariff_block


def captured(hours: int = 57_037) -> ReferenceMeter:
    """The 685-382-OK-10 of github.com/casperbang/KMP382-driver."""
    return ReferenceMeter(
        "685-382-OK-10",
        registers=Registers(
            total_kwh=9032,
            tariff_1_kwh=9031,
            tariff_2_kwh=1,
            hours=hours,
            trip_wh=9_032_330,
            watt_hours=330,
            peak_w=1559,
        ),
        configuration=Configuration(meter_number=10_865_272),
        production_number=0x10001093,
    )


def framed(command: str, data: bytes) -> str:
    """`H`, address FE, command, data and the two's complement of their sum, in hex digits."""
    content = bytes.fromhex("FE" + command) + data
    return "H" + (content + bytes([-sum(content) % 256])).hex().upper()


def test_the_register_block_of_command_90() -> None:
    expected = "HFE9000002348000000000000DECD000DC8410000061700A5CA780000000000000000100010938F"
    assert framed("90", register_block(captured())) == expected


def test_the_tariff_block_of_command_95() -> None:
    assert framed("95", tariff_block(captured())) == "HFE950100002348000023470000000196"


def test_the_hello_of_command_00() -> None:
    assert framed("00", HELLO) == "HFE0002010701F7"
    assert NATIVE_BAUD == 1200


def test_the_memory_from_0x0001_to_0x002c() -> None:
    expected = "HFE013638353338324F4B31300000004000931000E8030000000000000000FE40E2010078CAA5000000FFFFFFFF00F4"
    assert framed("01", captured().image().read(0x0001, 0x002C)) == expected


def test_the_memory_from_0x0384_was_never_written() -> None:
    assert framed("01", captured().image().read(0x0384, 0x039B)) == "HFE01" + 24 * "FF" + "19"


def test_the_block_carries_actual_power_in_watts() -> None:
    m = captured()
    m.advance(Power.of_watts(1000, 500, 59), 2 * 10**9)
    assert register_block(m)[4:8] == (1559).to_bytes(4, "big")


def test_the_m_bus_frame_of_a_real_68_50_005() -> None:
    """libmbus, test/test-frames/kamstrup_382_005.hex."""
    frame = bytes.fromhex(
        "68 46 46 68 08 78 72 20 91 83 14 2D 2C 01 02 04 00 00 00 04 06 00 00 00 00 04 22 09 00 00 00 04 2B 00 00 00 00"
        " 14 2B 00 00 00 00 84 50 06 00 00 00 00 84 60 06 00 00 00 00 0F" + 15 * " 00" + " 10 24 16"
    )
    m = ReferenceMeter(
        "685-382-MK-50", registers=Registers(hours=9), configuration=Configuration(meter_number=14_839_120)
    )
    content = bytes((0x08, 14_839_120 % 1000)) + user_data(m, access_number=4)
    assert (
        b"\x68" + bytes((len(content), len(content))) + b"\x68" + content + bytes((sum(content) % 256, 0x16)) == frame
    )


def test_every_m_bus_record_carries_its_own_register() -> None:
    start = Registers(total_kwh=5, tariff_1_kwh=3, tariff_2_kwh=2, hours=70, peak_w=900)
    m = ReferenceMeter("685-382-MK-50", registers=start)
    m.advance(Power.of_watts(450), 2 * 10**9)
    data = user_data(m, access_number=257)
    assert data[9] == 1
    values = [int.from_bytes(data[at : at + 4], "little") for at in (15, 21, 27, 33, 40, 47)]
    assert values == [5, 70, 450, 900, 3, 2]


def test_without_its_module_the_m_bus_is_silent() -> None:
    with pytest.raises(NotFitted, match="685-382-OK-10 has no M-Bus module; fitted is OK, no module"):
        user_data(captured(), 0)
