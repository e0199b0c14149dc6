"""Steps of any size leave the same state as one step, to the last unit, whatever the load, the quantum and the pause."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from reference_meter import (
    HOUR,
    NO_VOLTAGE,
    WATT_HOUR,
    Assumptions,
    Event,
    KilowattHour,
    Power,
    ReferenceMeter,
    Registers,
    S0Pulse,
)
from reference_meter.assumptions import Reverse
from reference_meter.events import Output2Pulse

# Sampled sizes with a small odd part: of a plain range of 10¹³ hypothesis mostly tries numbers near 0.
odd = st.integers(0, 999_999)
uw = st.builds(lambda watts, more: watts * 1_000_000 + more, st.sampled_from([0, 6, 230, 1150, 2999, 9000, -600]), odd)
times = st.builds(
    lambda ns, more: ns + more,
    st.sampled_from([1, 29_500_000, 1_000_000_000, 6_000_000_000, 120_000_000_000, 900_000_000_000, 3_600_000_000_000]),
    odd,
)
powers = st.builds(Power, st.tuples(uw, uw, uw)) | st.just(NO_VOLTAGE)
quanta = st.sampled_from([0, WATT_HOUR // 100, WATT_HOUR // 7, WATT_HOUR * 3 // 2, WATT_HOUR // 1000 + 7])
reverses: st.SearchStrategy[Reverse] = st.sampled_from(["ignore", "absolute", "net"])
registers = st.builds(
    Registers,
    total_kwh=st.sampled_from([0, 9_999_999]),
    hours=st.sampled_from([0, 729, 1459]),
    hour_ns=times.map(lambda t: t % HOUR),
    watt_hours=st.integers(0, 999),
    trip_wh=st.just(99_999_000),
    remainder=st.integers(0, 999).map(lambda n: n * WATT_HOUR // 1000),
)
acts: st.SearchStrategy[Callable[[ReferenceMeter], object]] = st.sampled_from(
    [
        ReferenceMeter.press,
        ReferenceMeter.release,
        ReferenceMeter.close_contact,
        ReferenceMeter.open_contact,
        lambda m: (m.fit("WK"), m.select_tariff(2)),
        lambda m: m.fit("RK"),
    ]
)


@st.composite
def assumptions(draw: st.DrawFn) -> Assumptions:
    reverse = draw(reverses)
    return Assumptions(
        phase_quantum=0 if reverse == "net" else draw(quanta),
        reverse=reverse,
        s0_min_pause_ns=draw(st.sampled_from([0, 30_000_000, 2_000_000_000])),
        starting_power_uw=draw(st.sampled_from([0, 17_250_000])),
        tariff_remainder=draw(st.sampled_from(["shared", "per_tariff"])),
        power_fail_save=draw(st.booleans()),
        window_on_power_fail=draw(st.sampled_from(["continue", "discard"])),
    )


def do(act: Callable[[ReferenceMeter], object], meter: ReferenceMeter) -> None:
    if act not in (ReferenceMeter.close_contact, ReferenceMeter.open_contact) or meter.module.pulse_input:
        act(meter)


@settings(max_examples=60, deadline=None)
@given(
    assumptions(),
    registers,
    st.lists(st.tuples(powers, times, acts), min_size=1, max_size=6),
    st.lists(st.integers(0, 1000), max_size=4),
)
def test_steps_of_any_size_leave_the_same_state_and_events(
    choice: Assumptions,
    start: Registers,
    plan: list[tuple[Power, int, Callable[[ReferenceMeter], object]]],
    cuts: list[int],
) -> None:
    whole, cut, silent = (ReferenceMeter("685-322-RK-50", registers=start, assumptions=choice) for _ in range(3))
    for load, duration, act in plan:
        for m in (whole, cut, silent):
            do(act, m)
        events = whole.advance(load, duration)
        pieces: list[Event] = []
        at = 0
        for stop in [*sorted(share * duration // 1000 for share in cuts), duration]:
            pieces += cut.advance(load, stop - at)
            at = stop
        quiet = silent.advance(load, duration, pulses=False)
        assert pieces == events
        assert [e.time_ns for e in events] == sorted(e.time_ns for e in events)
        assert quiet == [e for e in events if not isinstance(e, S0Pulse | KilowattHour | Output2Pulse)]
        assert whole.registers == cut.registers == silent.registers
        assert whole.pulse_count == cut.pulse_count == silent.pulse_count
        assert whole.image() == cut.image() == silent.image()
        assert whole.display() == cut.display() == silent.display()


@settings(max_examples=100, deadline=None)
@given(assumptions(), st.builds(Power, st.tuples(uw, uw, uw)), times, st.builds(Power, st.tuples(uw, uw, uw)))
def test_advancing_by_next_pulse_yields_the_pulse_at_that_instant_and_not_before(
    choice: Assumptions, before: Power, duration: int, load: Power
) -> None:
    m = ReferenceMeter("685-322-OK-50", assumptions=choice)
    m.advance(before, duration, pulses=False)
    wait = m.next_pulse(load)
    if wait is None:
        assert not any(isinstance(e, S0Pulse) for e in m.advance(load, 100 * HOUR))
        return
    start = m.time_ns
    assert not any(isinstance(e, S0Pulse) for e in m.advance(load, wait - 1))
    assert [e.time_ns for e in m.advance(load, 1) if isinstance(e, S0Pulse)][:1] == [start + wait]
