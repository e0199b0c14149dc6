"""The telegram of a real 685-382-OK-10 comes out of the model character for character. R24, R49, R82, R86."""

from __future__ import annotations

from reference_meter import HOUR, Configuration, ModeAReadout, Power, ReferenceMeter, Registers

CAPTURED = (
    "0.0(10865272)\r\n"
    "1.20(0009032*kWh)\r\n"
    "1.20.1(0009031*kWh)\r\n"
    "1.20.2(0000001*kWh)\r\n"
    "1.31(0057392*h)\r\n"
    "1.26(0000000)\r\n"
    "1.6(000001,5*kW)\r\n"
    "1.6*1(000002,8)!"
)
"""github.com/casperbang/KMP382-driver, MeterProtocolIEC61107.cs and README."""


def captured_meter() -> ReferenceMeter:
    return ReferenceMeter(
        "685-382-OK-10",
        registers=Registers(
            total_kwh=9032,
            tariff_1_kwh=9031,
            tariff_2_kwh=1,
            hours=57_392,
            trip_wh=9_032_330,
            peak_w=1559,
            last_peak_w=2899,
        ),
        configuration=Configuration(meter_number=10_865_272),
    )


def test_the_captured_telegram_byte_for_byte() -> None:
    readout = captured_meter().readout()
    assert readout.identification == "KAM 685-382-OK-10"
    assert readout.body() == CAPTURED
    assert len(f"/{readout.identification}\r\n\x02{readout.body()}\r\n\x03?") == 167


def test_both_check_characters_of_the_captured_telegram() -> None:
    checked = (captured_meter().readout().body() + "\r\n\x03").encode("ascii")
    xor = 0
    for byte in checked:
        xor ^= byte
    assert xor == 0x1E
    assert sum(checked) % 128 == 0x6A


def test_the_readout_is_the_picture_of_one_instant() -> None:
    m = captured_meter()
    before = m.readout()
    m.advance(Power.of_watts(30_000), HOUR)
    assert before.body() == CAPTURED
    assert m.readout().data_sets[1].value == "0009062"
    assert m.readout() == ModeAReadout.of(m)


def test_the_kwh_of_the_telegram_are_the_watt_hours_cut_off() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(total_kwh=9_999_999, watt_hours=500))
    m.advance(Power.of_watts(1499), HOUR)
    assert m.readout().data_sets[1].value == f"{(9_999_999 * 1000 + 500 + 1499) // 1000 % 10**7:07}" == "0000000"
    m.advance(Power.of_watts(1), HOUR)
    assert m.readout().data_sets[1].value == "0000001"


def test_a_person_reads_the_readout_line_by_line() -> None:
    lines = str(captured_meter().readout()).splitlines()
    assert lines[0] == "/KAM 685-382-OK-10"
    assert lines[6] == "1.26(0000000)"


def test_a_peak_of_whole_kilowatts_keeps_its_last_kilowatt() -> None:
    m = ReferenceMeter("685-382-OK-10", registers=Registers(peak_w=2000))
    assert "1.6(000002,0*kW)" in m.readout().body()
