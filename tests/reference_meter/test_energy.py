"""From power to pulses, by hand: watt-hours at their exact nanosecond, remainders, phases, thresholds. R1 to R9."""

from __future__ import annotations

from typing import Any

import pytest

from reference_meter import HOUR, SECOND, WATT_HOUR, Assumptions, Power, ReferenceMeter, Registers, S0Pulse
from reference_meter.energy import EnergyPath
from reference_meter.events import Event


def meter(type_number: str = "685-382-OK-50", watt_hours: int = 0, **assumptions: object) -> ReferenceMeter:
    return ReferenceMeter(
        type_number,
        registers=Registers(watt_hours=watt_hours),
        assumptions=Assumptions(**assumptions),  # type: ignore[arg-type]  # each test names its own fields
    )


def pulses(events: list[Event]) -> list[int]:
    return [event.time_ns for event in events if isinstance(event, S0Pulse)]


def test_1000_w_give_a_pulse_every_3_6_s() -> None:
    m = meter()
    events = m.advance(Power.of_watts(1000), 10 * SECOND)
    assert pulses(events) == [3_600_000_000, 7_200_000_000]
    assert [e.number for e in events if isinstance(e, S0Pulse)] == [1, 2]
    assert (m.pulse_count, m.watt_hours) == (2, 2)
    assert m.registers.remainder == 2_800_000_000 * 1_000_000_000


def test_a_pulse_begins_at_the_first_whole_nanosecond_with_the_energy_reached() -> None:
    m = meter()
    load = Power.of_watts(7)  # 1 Wh / 7 W = 514.285 714 285 714… s
    assert m.next_pulse(load) == 514_285_714_286
    assert pulses(m.advance(load, 514_285_714_285)) == []
    assert m.next_pulse(load) == 1
    assert pulses(m.advance(load, 1)) == [514_285_714_286]
    assert m.registers.remainder == 2_000_000  # the surplus of 2/7 ns is kept
    later = pulses(m.advance(load, HOUR - 514_285_714_286))
    assert later[-2:] == [3_085_714_285_715, HOUR]  # and the seventh pulse is on time


def test_the_remainder_is_kept_over_a_load_change() -> None:
    m = meter()
    m.advance(Power.of_watts(1000), SECOND)
    assert m.next_pulse(Power.of_watts(2600)) == SECOND
    assert m.next_pulse(Power.of_watts(1000)) == 2_600_000_000
    assert pulses(m.advance(Power.of_watts(2600), SECOND)) == [2 * SECOND]
    assert m.registers.remainder == 0


def test_no_power_gives_no_pulse_ever() -> None:
    m = meter()
    assert m.next_pulse(Power.of_watts(0)) is None
    assert pulses(m.advance(Power.of_watts(0), 1000 * HOUR)) == []


def test_the_power_of_the_phases_is_summed_and_missing_phases_are_not_seen() -> None:
    load = Power.of_watts(1000, 2000, 4000)
    for type_number, watts in (("685-182-OK-50", 1000), ("685-282-OK-50", 3000), ("685-382-OK-50", 7000)):
        m = meter(type_number)
        m.advance(load, HOUR)
        assert m.pulse_count == watts


@pytest.mark.parametrize(("reverse", "watt_hours"), [("ignore", 1500), ("absolute", 2100), ("net", 900)])
def test_reverse_power_is_ignored_taken_as_a_magnitude_or_deducted(reverse: str, watt_hours: int) -> None:
    m = meter(reverse=reverse)
    m.advance(Power.of_watts(1000, -600, 500), HOUR)
    assert m.pulse_count == watt_hours


@pytest.mark.parametrize(("reverse", "watt_hours"), [("ignore", 0), ("absolute", 300), ("net", 0)])
def test_a_meter_that_only_feeds_back_never_counts_down(reverse: str, watt_hours: int) -> None:
    m = meter(watt_hours=500, reverse=reverse)
    m.advance(Power.of_watts(-100, -200, 0), HOUR)
    assert m.pulse_count == watt_hours
    assert m.watt_hours == 500 + watt_hours


def test_below_the_starting_power_nothing_is_counted_and_at_it_everything() -> None:
    m = meter(starting_power_uw=17_250_000)
    assert m.next_pulse(Power((5_750_000, 5_750_000, 5_749_999))) is None
    m.advance(Power((5_750_000, 5_750_000, 5_749_999)), 10 * HOUR)
    assert m.registers.remainder == 0
    assert m.pulse_count == 0
    m.advance(Power((5_750_000, 5_750_000, 5_750_000)), 4 * HOUR)
    assert m.pulse_count == 69


def test_phase_pulses_are_merged_in_their_order() -> None:
    # A quantum of 0.4 Wh: L1 at 400 W pulses every 3.6 s, L2 at 100 W every 14.4 s. 1 Wh is 2.5 pulses, so the third completes it.
    m = meter(phase_quantum=WATT_HOUR * 2 // 5)
    load = Power.of_watts(400, 100)
    assert m.next_pulse(load) == 10_800_000_000
    # Pulses: L1 3.6 7.2 10.8 14.4+L2 18.0 … Wh 2 wants 5 pulses: both of 14.4 s; Wh 3 wants 7.5: the eighth, at 25.2 s.
    assert pulses(m.advance(load, 26 * SECOND)) == [10_800_000_000, 14_400_000_000, 25_200_000_000]
    assert m.registers.remainder == WATT_HOUR // 5
    assert m.registers.phase_remainders == (800_000_000 * 400_000_000, 11_600_000_000 * 100_000_000, 0)


def test_a_quantum_that_divides_the_watt_hour_changes_nothing_on_one_phase() -> None:
    plain, quantised = meter(), meter(phase_quantum=WATT_HOUR // 100)
    load = Power.of_watts(777)
    assert pulses(plain.advance(load, HOUR)) == pulses(quantised.advance(load, HOUR))


def test_signed_phases_and_phase_pulses_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="phase pulses carry no sign"):
        EnergyPath(3, Assumptions(phase_quantum=1000, reverse="net"), Registers())


def test_with_a_least_pause_the_pulses_of_82_8_kw_wait_their_turn_and_none_is_lost() -> None:
    m = meter("685-322-OK-50", s0_min_pause_ns=30_000_000)
    full = Power.of_watts(27600, 27600, 27600)
    begins = pulses(m.advance(full, SECOND))
    first = 43_478_261  # 1 Wh / 82.8 kW
    assert begins == [first + 60_000_000 * n for n in range(16)]
    assert m.watt_hours == 23
    nothing = Power.of_watts(0)
    assert m.next_pulse(nothing) == first + 60_000_000 * 16 - SECOND
    assert pulses(m.advance(nothing, SECOND)) == [first + 60_000_000 * n for n in range(16, 23)]
    assert m.next_pulse(nothing) is None
    assert m.pulse_count == 23


def test_with_a_least_pause_a_slow_load_is_not_delayed() -> None:
    m = meter(s0_min_pause_ns=30_000_000)
    assert pulses(m.advance(Power.of_watts(1000), 8 * SECOND)) == [3_600_000_000, 7_200_000_000]
    m.advance(Power.of_watts(82_800), 1_000_000_000)
    assert m.next_pulse(Power.of_watts(82_800)) == m._processor.s0.next_begin(m.time_ns, None)


def test_without_a_least_pause_every_pulse_begins_with_its_watt_hour() -> None:
    m = meter("685-322-OK-50")
    begins = pulses(m.advance(Power.of_watts(27600, 27600, 27600), SECOND))
    assert begins == [-(-n * WATT_HOUR // 82_800_000_000) for n in range(1, 24)]
    touching = pulses(meter("685-322-OK-50").advance(Power.of_watts(180_000), 60_000_000))
    assert touching == [20_000_000, 40_000_000, 60_000_000]  # 20 ms apart, though each is 30 ms long


def test_a_pulse_that_waited_begins_in_the_last_instant_of_a_step() -> None:
    m = meter("685-322-OK-50", s0_min_pause_ns=30_000_000)
    m.advance(Power.of_watts(180_000), 40_000_000)
    assert pulses(m.advance(Power.of_watts(0), 39_999_999)) == []
    assert pulses(m.advance(Power.of_watts(0), 1)) == [80_000_000]


def test_time_does_not_run_back() -> None:
    with pytest.raises(ValueError, match="run back by 1 ns"):
        meter().advance(Power.of_watts(1), -1)


def test_a_step_of_no_length_does_nothing() -> None:
    m = meter()
    assert m.advance(Power.of_watts(1000), 0) == []
    assert not m.running


def test_two_circuits_without_neutral_are_summed_with_their_signs() -> None:
    # 3 × 230 V, 10 A, power factor 0.342: U12·I1·cos(70° + 30°) < 0, U32·I3·cos(70° − 30°) > 0.
    m = meter(without_neutral="two_circuits")
    m.advance(Power.of_watts(-399, 5000, 1762), HOUR)
    assert m.pulse_count == 1762 - 399
    m.advance(Power.of_watts(-1762, 0, 399), HOUR)
    assert m.pulse_count == 1762 - 399


def test_a_measuring_circuit_may_read_wrong_by_millionths() -> None:
    load = Power((1_000_000_000, 2_000_000_000, 3_000_000_000), (True, False, True))
    assert load.with_errors((10_000, 0, -1)) == Power(
        (1_010_000_000, 2_000_000_000, 2_999_997_000), (True, False, True)
    )


def test_36_months_at_imax_of_the_120_a_type_are_consistent_to_the_watt_hour() -> None:
    m = ReferenceMeter("685-322-WK-50")
    full = Power.of_watts(27_600, 27_600, 27_600)
    for month in range(36):
        m.select_tariff(2 if month % 2 else 1)
        m.advance(full, 730 * HOUR, pulses=False)
    watt_hours = 82_800 * 26_280
    assert m.pulse_count == watt_hours
    assert (m.total_kwh, m.watt_hours) == divmod(watt_hours, 1000)
    assert m.tariff_kwh == (watt_hours // 2000, watt_hours // 2000)
    assert m.registers.trip_wh == watt_hours % 10**8
    assert (m.hours, len(m.months), m.registers.last_peak_w) == (26_280, 36, 82_800)
    assert m.registers.remainder == 0


@pytest.mark.parametrize(
    ("phases", "choice", "microwatts", "total", "each"),
    [
        (3, {}, (5, 4, 3), 12, (5, 4, 3)),
        (2, {}, (5, 4, 3), 9, (5, 4, 0)),
        (1, {}, (5, 4, 3), 5, (5, 0, 0)),
        (3, {}, (-5, 4, 3), 7, (0, 4, 3)),
        (3, {}, (5, -4, 3), 8, (5, 0, 3)),
        (3, {}, (5, 4, -3), 9, (5, 4, 0)),
        (3, {"reverse": "absolute"}, (-5, -4, -3), 12, (5, 4, 3)),
        (3, {"reverse": "net"}, (5, -4, 3), 4, (5, 0, 3)),
        (3, {"reverse": "net"}, (-5, -4, -3), 0, (0, 0, 0)),
        (3, {"without_neutral": "two_circuits"}, (-5, 4, 8), 3, (0, 0, 8)),
        (3, {"starting_power_uw": 13}, (5, 4, 3), 0, (0, 0, 0)),
        (3, {"starting_power_uw": 12}, (5, 4, 3), 12, (5, 4, 3)),
    ],
)
def test_what_of_a_power_is_counted(
    phases: int, choice: dict[str, Any], microwatts: tuple[int, int, int], total: int, each: tuple[int, int, int]
) -> None:
    path = EnergyPath(phases, Assumptions(**choice), Registers())
    assert (path.power_uw, path.phase_uw) == (0, (0, 0, 0))
    assert path.counted(Power(microwatts)) == (total, each)


def test_the_least_pause_there_is_keeps_pulses_from_touching() -> None:
    m = meter("685-322-OK-50", s0_min_pause_ns=1)
    begins = pulses(m.advance(Power.of_watts(200_000), SECOND))
    assert begins == [18_000_000 + 30_000_001 * n for n in range(33)]
