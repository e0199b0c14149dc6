"""What a power cut may cost a meter, and what is asked of it when its voltage is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.profile import STANDARD, Profile
from bench.verdict import Verdict
from drivers.configuration_fields import parse_settings
from reference_meter import TypeNumber
from sequences.power_cut import Memory, PowerCut
from tests.sequences.standing import Standing, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]

KEPT = {"total_kwh": 17, "tariff_kwh": (12, 5), "hours": 40, "customer_number": "21480001"}
CONTRADICTS_NOTHING = SimpleNamespace(type_text=METER.stored, constant=1000)


def after_a_cut(
    simulated: Simulated,
    profile: Profile = STANDARD,
    trip: int = 7000,
    was: Sequence[Snapshot] = (read(**KEPT), read(trip_wh=7500)),
    memory: SimpleNamespace | None = CONTRADICTS_NOTHING,
    late: bool = False,
    held: dict[str, Any] | None = None,
    **changed: Any,
) -> Standing:
    """A meter that was read so before a cut and tells otherwise only what has changed; a late one is silent when first asked."""

    async def main() -> Standing:
        await asyncio.sleep(20.0)
        seen = Standing(
            natively=[read(trip_wh=trip)],
            load_since=asyncio.get_running_loop().time() - 1.0,
            snapshots=tuple(was),
        )
        after = read(**(KEPT | changed))

        async def answers() -> Snapshot | None:
            return None if late else after

        async def read_out() -> tuple[None, Snapshot]:
            return None, after

        async def try_native() -> SimpleNamespace | None:
            return memory

        async def told(_dialect: str, names: Iterable[str]) -> dict[str, Any]:
            return {name: (held or {})[name] for name in names}

        for name, answer in (("answers", answers), ("read_out", read_out), ("try_native", try_native), ("held", told)):
            setattr(seen, name, answer)
        return await seen.runs(Memory(METER, profile))

    return simulated(main)


def test_registers_that_stand_are_kept_and_the_meter_is_asked_when_it_must_be_functional(simulated: Simulated) -> None:
    seen = after_a_cut(simulated)
    assert {seen.values[name] for name in ("total", "tariff registers", "hours", "numbers")} == {"kept"}
    assert (seen.values["start-up"], seen.values["memory"]) == ("functional", "no contradiction")
    assert seen.values["asked after"] == pytest.approx(5.0)
    assert seen.values["trip counter loses"] == 500.0


def test_a_trip_counter_that_began_anew_has_lost_all_it_held(simulated: Simulated) -> None:
    assert after_a_cut(simulated, trip=0).values["trip counter loses"] == 7500.0
    assert after_a_cut(simulated).values["total at the end"] == 17.0


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({"total_kwh": 16}, "total", "17 kWh before, 16 kWh after"),
        ({"tariff_kwh": (12, 4)}, "tariff registers", "(12, 5) before, (12, 4) after"),
        ({"hours": 39}, "hours", "40 h before, 39 h after"),
        ({"hours": 41}, "hours", "kept"),
        ({"hours": 42}, "hours", "40 h before, 42 h after"),
        ({"customer_number": "0"}, "numbers", "21480001 before, 0 after"),
    ],
)
def test_what_a_cut_changed_is_told(changed: dict[str, Any], name: str, words: str, simulated: Simulated) -> None:
    assert after_a_cut(simulated, **changed).values[name] == words


@pytest.mark.parametrize(
    ("before_h", "after_h", "words"),
    [(0, 0, "kept"), (0, 1, "kept"), (0, 2, "0 h before, 2 h after"), (1, 0, "1 h before, 0 h after")],
)
def test_the_hours_of_a_new_meter_are_counted_from_none(
    before_h: int, after_h: int, words: str, simulated: Simulated
) -> None:
    was = (read(**KEPT | {"hours": before_h}),)
    assert after_a_cut(simulated, was=was, hours=after_h).values["hours"] == words


def test_what_was_kept_is_compared_with_the_last_whole_readout_in_mode_a(simulated: Simulated) -> None:
    """The native block tells no tariff, and the tariff block no hour and no number."""
    native = read(total_kwh=17, hours=40, trip_wh=7500)
    block = read(total_kwh=17, tariff_kwh=(12, 5))
    for was in ((read(**KEPT | {"total_kwh": 16}), read(**KEPT), native), (read(**KEPT), native, block)):
        seen = after_a_cut(simulated, was=was)
        assert {seen.values[name] for name in ("total", "tariff registers", "hours", "numbers")} == {"kept"}


def test_a_meter_that_was_never_read_whole_has_nothing_to_be_compared_with(simulated: Simulated) -> None:
    seen = after_a_cut(simulated, was=())
    assert set(seen.values) == {"asked after", "start-up", "total at the end"}
    assert seen.left_out == ["trip counter loses", "memory"]


@pytest.mark.parametrize(("lost_wh", "verdict"), [(0, Verdict.PASS), (1000, Verdict.PASS), (1010, Verdict.FAIL)])
def test_a_cut_may_cost_what_is_short_of_a_kilowatt_hour(lost_wh: int, verdict: Verdict, simulated: Simulated) -> None:
    """Data sheet, Permanent memory: updated every time the kWh register is changed. The trip counter tells tens of Wh."""
    (limit,) = (each for each in Memory(METER, STANDARD).measurements() if each.name == "trip counter loses")
    assert limit.judge(after_a_cut(simulated, trip=7500 - lost_wh).values["trip counter loses"]).verdict is verdict
    assert limit.judge(1001.0).verdict is Verdict.FAIL


def test_a_trip_counter_that_stood_at_zero_has_nothing_to_lose(simulated: Simulated) -> None:
    was = (read(**KEPT), read(trip_wh=0))
    assert after_a_cut(simulated, was=was, trip=0).values["trip counter loses"] == 0.0


def test_a_meter_that_answers_late_is_compared_all_the_same(simulated: Simulated) -> None:
    seen = after_a_cut(simulated, late=True, total_kwh=16)
    assert seen.values["start-up"] == "no answer 5.0 s after its voltage came back"
    assert seen.values["total"] == "17 kWh before, 16 kWh after"


@pytest.mark.parametrize(("type_text", "constant"), [("381OK40", 1000), (METER.stored, 500)])
def test_a_memory_that_names_another_type_or_constant_after_the_cut_contradicts(
    type_text: str, constant: int, simulated: Simulated
) -> None:
    memory = SimpleNamespace(type_text=type_text, constant=constant)
    assert after_a_cut(simulated, memory=memory).values["memory"] == f"{type_text}, {constant} imp/kWh"
    assert "memory" not in after_a_cut(simulated, memory=None).values


def test_each_value_that_was_configured_is_asked_for_after_the_cut_and_has_its_time() -> None:
    """An exchange lasts 1 s, 2.5 s of a slow meter; without a dialect nothing was written and nothing is asked."""
    wanted = ("output-2=1000", "customer-data=4711")
    asked = Memory(METER, Profile(configuration=wanted, configuration_dialect="model"))
    assert (asked.duration(), asked.longest()) == (17.0 + 2 * 1.0, 34.0 + 2 * 2.5)
    silent = Memory(METER, Profile(configuration=wanted))
    assert (silent.duration(), silent.longest()) == (17.0, 34.0)


def test_a_configuration_that_was_written_must_be_held_field_by_field(simulated: Simulated) -> None:
    ordered = Profile(configuration=("output-2=1000", "customer-data=4711"), configuration_dialect="model")
    kept = parse_settings(ordered.configuration)

    def held(**changed: Any) -> Any:
        return after_a_cut(simulated, ordered, held={**kept, **changed}).values["configuration"]

    assert held() == "kept"
    assert held(**{"output-2": 1}) == "output-2 is 1"
    assert held(**{"output-2": 1, "customer-data": "0"}) == "output-2 is 1; customer-data is 0"
    assert "configuration" not in after_a_cut(simulated).values


@pytest.mark.parametrize(("off_for_s", "waits_s"), [(0.0, 5.0), (2.0, 3.0), (4.5, 0.5), (7.0, 0.0)])
def test_the_voltage_is_off_for_five_seconds_in_all(off_for_s: float, waits_s: float, simulated: Simulated) -> None:
    async def main() -> Standing:
        await asyncio.sleep(20.0)
        seen = Standing(load_since=20.0 - off_for_s)
        return await seen.runs(PowerCut(METER, STANDARD))

    assert simulated(main).values == {"without voltage": pytest.approx(off_for_s + waits_s)}


def test_start_up_and_readouts_take_17_s_and_a_meter_that_answers_late_has_twice_that() -> None:
    step = Memory(METER, STANDARD)
    assert (step.duration(), step.longest()) == (17.0, 34.0)
