"""Each event says which rule caused it, in words for the person who must explain a failed comparison."""

from __future__ import annotations

from reference_meter import (
    HOUR,
    NO_VOLTAGE,
    SECOND,
    Configuration,
    Event,
    InputMode,
    Page,
    Power,
    ReferenceMeter,
    Registers,
    trace,
)

IDLE = Power((0, 0, 0))


def a_life() -> list[Event]:
    m = ReferenceMeter(
        "685-382-RK-50",
        registers=Registers(total_kwh=4710, watt_hours=999, hours=729, hour_ns=HOUR - 4 * SECOND),
        configuration=Configuration(input_mode=InputMode.QUICK),
    )
    m.close_contact()
    events = m.advance(Power.of_watts(1000), 4 * SECOND)
    m.fit("WK")
    m.select_tariff(2)
    events += m.advance(Power.of_watts(1000), 4 * SECOND)
    m.fit("HK")
    for page in (Page.TRIP, Page.CALL):
        while m.page is not page:
            m.press()
            m.release()
        m.press()
        events += m.advance(IDLE, 7 * SECOND)
        m.release()
    return events + m.advance(NO_VOLTAGE, SECOND)


def test_the_trace_names_time_rule_and_effect() -> None:
    assert list(trace(a_life())) == [
        "0.000000000 s  R32: a phase has voltage → the meter runs and shows accumulated energy",
        "0.030000000 s  R54: contact closed long enough → pulse input 1",
        "3.600000000 s  R3: 1 Wh measured → S0 pulse 1",
        "3.600000000 s  R4: 1000 Wh in register 2 → 4711 kWh, tariff 1",
        "3.600000000 s  R59: pulse output 2, 60 ms",
        "4.000000000 s  R19: 15 min are over → 4 W on average; R20: a new peak",
        "4.000000000 s  R27: an hour is over → stored 4711 kWh, peak 4 W, input 1, 730 h",
        "4.000000000 s  R28: 730 h are over → month of 4711 kWh at 730 h kept; R20: peak 4 W reset",
        "7.200000000 s  R17: first Wh after the switch → tariff 2",
        "7.200000000 s  R3: 1 Wh measured → S0 pulse 2",
        "14.000000000 s  R43: 6 s on the trip page → 2 Wh set to 0",
        "21.000000000 s  R44: 6 s on the call page → the modem calls",
        "22.000000000 s  R31: no phase has voltage → the meter stands still, 1 Wh of register 2 are lost",
    ]


def test_a_window_that_is_no_peak_says_so() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(peak_w=5))
    assert (
        list(trace(m.advance(IDLE, HOUR // 4)))[-1]
        == "900.000000000 s  R19: 15 min are over → 0 W on average; R22: no new peak"
    )
