"""The course of the register test: what is read at which pulse, and what it makes of registers that do not follow.

Pulses are the clock: at Imax of 685-311, 69 kW, one comes every 52.17 ms. A readout in mode A lasts 6.0 s, 115 pulses; a native block
1.2 s, 23 pulses, and the tariff block 0.8 s, 15 pulses; the meter reacts within 4.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.error_calculator import NoPulse
from bench.fixture import Snapshot
from bench.load_points import at
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.register import RegisterAgainstPulses
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-311-OK-50")
PERIOD = 3600.0 / 69_000.0
BEFORE = 40
"""Pulses of the steps before this one."""
STEP = RegisterAgainstPulses(METER, STANDARD)
Simulated = Callable[[Any], Any]


class Output:
    """An S0 output whose pulses are there as soon as they are waited for, but none beyond `dry_at` within any patience."""

    def __init__(self, dry_at: int) -> None:
        self.count = BEFORE
        self._dry_at = dry_at

    async def wait_while_flowing(self, count: int, _patience: float) -> None:
        """Come so far."""
        if count > max(self._dry_at, self.count):
            self.count = max(self._dry_at, self.count)
            await asyncio.sleep(1e6)
        self.count = max(self.count, count)

    def count_until(self, time: float) -> int:
        """The time is told by the pulses."""
        return int(time / PERIOD)


class Followed(Standing):
    """A meter whose register shows `kwh` of the watt-hours it has counted; 7697 Wh when the test begins."""

    def __init__(
        self,
        *,
        native: bool = False,
        wh: int = 7697,
        kwh: Callable[[int], int] = lambda wh: wh // 1000,
        trip: Callable[[int], int] = lambda wh: wh,
        power_w: int = 69_000,
        lasts: int | None = None,
        reaction: Callable[[int], int] = lambda _readout: 4,
        seconds: float = 0.0,
        dry_at: int = 10_000,
    ) -> None:
        self.out = Output(dry_at)
        s0: Any = self.out
        super().__init__(s0, load=at(METER, 100.0), speaks_native=native)
        self._wh, self._kwh, self._trip, self._power_w = wh - BEFORE, kwh, trip, power_w
        self._lasts = lasts or (23 if native else 115)
        self._reaction, self._seconds = reaction, seconds
        self.asked: list[tuple[str, int]] = []
        """What was asked for, and after how many pulses of this step."""
        self.asked_at: list[float] = []

    async def read_out(self) -> tuple[Any, Snapshot]:
        """In mode A: whole kWh."""
        total = self._kwh(self._wh + self.out.count)
        return None, await self._read("mode A", self._lasts, total_kwh=total, tariff_kwh=(total, 0))

    async def read_native(self) -> Snapshot:
        """The register block: the trip counter in 10 Wh."""
        wh = self._wh + self.out.count
        told = {"total_kwh": self._kwh(wh), "trip_wh": self._trip(wh) // 10 * 10, "power_w": self._power_w}
        return await self._read("registers", self._lasts, **told)

    async def read_native_tariffs(self) -> Snapshot:
        """The tariff block."""
        total = self._kwh(self._wh + self.out.count)
        return await self._read("tariffs", 15, total_kwh=total, tariff_kwh=(total, 0))

    async def _read(self, what: str, lasts: int, **registers: Any) -> Snapshot:
        fewest = self.out.count
        self.asked.append((what, fewest - BEFORE))
        self.asked_at.append(asyncio.get_running_loop().time())
        assert len(self.asked) < 100, "it reads for ever"
        await asyncio.sleep(self._seconds)
        most = fewest + self._reaction(len(self.asked))
        snapshot = Snapshot((fewest + 0.5) * PERIOD, (most + 0.5) * PERIOD, fewest, most, Registers(**registers))
        self.out.count += lasts
        self.snapshots += (snapshot,)
        return snapshot


def followed(simulated: Simulated, **meter: Any) -> Followed:
    async def main() -> Followed:
        seen = Followed(**meter)
        await seen.runs(STEP)
        return seen

    found: Followed = simulated(main)
    return found


# ---------------------------------------------------------------- mode A


def test_in_mode_a_it_reads_again_and_again_then_43_pulses_before_the_next_step_and_one_after_it(
    simulated: Simulated,
) -> None:
    """The step to 8 kWh comes at pulse 303, seen between 230 and 349: the next one between 1230 and 1349.

    The readout before is asked for 1.7 s of reaction and 0.5 s ahead, 42 pulses, and one.
    """
    seen = followed(simulated)
    assert seen.asked == [("mode A", count) for count in (0, 115, 230, 345, 1230 - 43, 1349 + 1)]
    assert seen.shown == pytest.approx([119 / 2000, 234 / 2000, 349 / 2000])
    assert seen.values == {
        "pulses to first step": 230.0 - 4.0,
        "before the next step": "one step",
        "after the next step": "two steps",
        "tariff registers": "follow the total",
        "kWh register": "follows the pulses",
        "finest register": "follows the pulses",
        "detects errors of the kWh register above": pytest.approx(16.2),  # 1349 − 1187 pulses of 1000
        "detects errors above": pytest.approx(16.2),
    }
    assert seen.notes["finest register"] == seen.notes["kWh register"] == "kWh register, mode A"
    assert seen.left_out == ["actual power"]


@pytest.mark.parametrize(("reaction", "detects"), [(42, 16.2), (43, 16.3)])
def test_in_mode_a_a_late_answer_after_the_step_widens_what_it_can_detect(
    reaction: int, detects: float, simulated: Simulated
) -> None:
    # Asked at 1350 the meter answers at 1392 or 1393, when 1230 were due at the earliest.
    seen = followed(simulated, reaction=lambda readout: reaction if readout == 6 else 4)
    assert seen.values["detects errors above"] == pytest.approx(detects)


def test_a_first_step_between_the_first_two_readouts_took_no_pulse_for_certain(simulated: Simulated) -> None:
    seen = followed(simulated, wh=7990)
    assert [count for _, count in seen.asked] == [0, 115, 1000 - 43, 1119 + 1]
    assert seen.values["pulses to first step"] == 0.0
    assert seen.values["after the next step"] == "two steps"


@pytest.mark.parametrize(
    ("kwh", "before", "after"),
    [
        (lambda wh: 7 + (wh >= 8000) + (wh >= 9100), "one step", "one step"),  # late: 1350 pulses are 9047 Wh
        (lambda wh: 7 + (wh >= 8000) + (wh >= 8850), "two steps", "two steps"),  # soon: 1187 pulses are 8884 Wh
        (lambda wh: 7 + (wh >= 8000) + 2 * (wh >= 9000), "one step", "3 steps"),
    ],
    ids=["late", "soon", "twice"],
)
def test_a_register_that_steps_elsewhere_does_not_follow_the_pulses(
    kwh: Callable[[int], int], before: str, after: str, simulated: Simulated
) -> None:
    seen = followed(simulated, kwh=kwh)
    assert (seen.values["before the next step"], seen.values["after the next step"]) == (before, after)
    assert seen.values["finest register"] == "does not follow the pulses"


def test_after_a_first_step_of_two_kwh_nothing_is_predicted(simulated: Simulated) -> None:
    seen = followed(simulated, kwh=lambda wh: wh // 1000 + (wh >= 8000))
    assert len(seen.asked) == 4
    assert seen.values == {"pulses to first step": 226.0}


@pytest.mark.parametrize(("reaction", "readouts"), [(4, 6), (3, 5)])
def test_a_register_that_never_steps_is_read_until_more_than_1000_pulses_have_passed(
    reaction: int, readouts: int, simulated: Simulated
) -> None:
    # Every 251 pulses; the fifth readout is asked for at 1004, surely 1000 or 1001 after the first was answered.
    seen = followed(simulated, kwh=lambda _wh: 7, lasts=251, reaction=lambda _readout: reaction)
    assert len(seen.asked) == readouts
    assert seen.values == {"pulses to first step": 251.0 * (readouts - 1) - reaction}
    assert max(seen.shown) == 0.5


# ---------------------------------------------------------------- native


def test_natively_it_finds_the_pulse_of_a_step_of_10_wh_at_both_ends_of_1000(simulated: Simulated) -> None:
    """The trip counter steps at pulse 3, 13, 23, …; once that is known the shorter tariff block is asked for the total.

    The step to 8 kWh comes at pulse 303, between 290 and 305. Five readings of 25 + 10 pulses each fit in before 1290 − 43. A request
    takes 0.1 s, 1.9 pulses: one is there 2 pulses before 1290, and the last 2 after 1305.
    """
    seen = followed(simulated, native=True)
    sought = [("registers", 0), ("tariffs", 23), ("registers", 45), ("registers", 73), ("registers", 102)]
    assert seen.asked[:5] == sought
    assert seen.asked[5:18] == [("tariffs", count) for count in range(125, 306, 15)]
    assert seen.asked[18:24] == [("registers", count) for count in (1290 - 43 - 175, 1097, 1125, 1154, 1183, 1206)]
    assert seen.asked[24:] == [("registers", 1290 - 43), ("tariffs", 1290 - 2 - 2), ("tariffs", 1305 + 2 - 1)]
    assert seen.values == {
        "pulses to first step": 290.0 - 4.0,
        "before the next step": "one step",
        "after the next step": "two steps",
        "tariff registers": "follow the total",
        "kWh register": "follows the pulses",
        "finest register": "follows the pulses",
        "detects errors of the kWh register above": pytest.approx(2.04, abs=0.005),
        "detects errors above": pytest.approx(0.3, abs=0.1),
        "actual power": "agrees",
    }
    assert seen.left_out == []


@pytest.mark.parametrize(
    ("wh", "lasts", "asked"),
    [
        (7698, 32, [1293 - 218, 1110, 1143, 1182, 1221, 1253]),  # the fourth ends at 1214, 36 before 1293 − 43
        (7690, 65, [1309 - 218, 1166, 1309 - 43]),  # the second ends at 1231, 35 before 1309 − 43
    ],
)
def test_a_reading_for_the_trip_counter_is_begun_only_while_more_than_35_pulses_are_left_for_it(
    wh: int, lasts: int, asked: list[int], simulated: Simulated
) -> None:
    """The step is due from 1293 or 1309 on, the look at it 43 before."""
    seen = followed(simulated, native=True, wh=wh, lasts=lasts)
    registers = [count for what, count in seen.asked if what == "registers" and count > 1000]
    assert registers[: len(asked)] == asked


@pytest.mark.parametrize(
    ("second_at", "follows"),
    [
        (8974, False),  # stepped when one was told that it must not have: 1286 pulses are 8983 Wh
        (8983, False),
        (8984, True),
        (9003, True),  # not stepped before it must have: 1306 pulses are 9003 Wh
    ],
)
def test_a_kwh_register_that_steps_too_soon_alone_is_found_by_the_readout_that_closes_in(
    second_at: int, follows: bool, simulated: Simulated
) -> None:
    """It is seen between 1247 and 1306 either way: its trip counter and both readouts that are judged by steps are right."""
    seen = followed(simulated, native=True, kwh=lambda wh: 7 + (wh >= 8000) + (wh >= second_at))
    assert (seen.values["before the next step"], seen.values["after the next step"]) == ("one step", "two steps")
    assert seen.values["finest register"] == "follows the pulses"
    assert seen.values["kWh register"] == ("follows the pulses" if follows else "does not follow the pulses")
    assert seen.asked[-1] == ("tariffs", 1306)


@pytest.mark.parametrize(("second_at", "steps"), [(9004, "two steps"), (9018, "two steps"), (9019, "one step")])
def test_a_register_that_has_not_stepped_at_the_first_look_is_looked_at_once_more(
    second_at: int, steps: str, simulated: Simulated
) -> None:
    """At 1306 pulses, 9003 Wh, it had to if the meter takes its registers as soon as before; 15 pulses later, 9018 Wh, however late."""
    seen = followed(simulated, native=True, kwh=lambda wh: 7 + (wh >= 8000) + (wh >= second_at))
    assert [count for what, count in seen.asked if what == "tariffs"][-2:] == [1306, 1321]
    assert seen.values["after the next step"] == steps


def test_a_readout_that_ends_just_when_the_next_is_due_is_followed_by_it(simulated: Simulated) -> None:
    """The step is due from 1296 on; the readout before it ends at 1253 + 39, two pulses and a request's two before that."""
    seen = followed(simulated, native=True, lasts=39)
    assert seen.asked[-3:] == [("registers", 1253), ("tariffs", 1292), ("tariffs", 1312)]


def test_a_readout_that_ends_too_late_leaves_out_the_one_that_would_come_too_late(simulated: Simulated) -> None:
    """The step is due from 1297 on; the readout before it ends at 1254 + 45."""
    seen = followed(simulated, native=True, lasts=45)
    assert [each for each in seen.asked if each[1] >= 1254][:2] == [("registers", 1254), ("tariffs", 1313)]
    assert seen.values["kWh register"] == "follows the pulses"
    assert seen.values["detects errors of the kWh register above"] == pytest.approx(6.27, abs=0.01)  # 1254, not 1293


@pytest.mark.parametrize("percent", [99, 101])
def test_a_trip_counter_that_is_one_per_cent_off_does_not_follow_though_the_kwh_register_does(
    percent: int, simulated: Simulated
) -> None:
    seen = followed(simulated, native=True, trip=lambda wh: wh * percent // 100)
    assert (seen.values["before the next step"], seen.values["after the next step"]) == ("one step", "two steps")
    assert seen.values["finest register"] == "does not follow the pulses"


@pytest.mark.parametrize(
    ("power_w", "agrees"), [(71_071, True), (71_072, False), (66_929, True), (66_928, False), (0, False)]
)
def test_the_power_told_agrees_within_three_per_cent_and_a_watt(
    power_w: int, agrees: bool, simulated: Simulated
) -> None:
    """IEC 62053-21:2003, 8.1: no error limit is wider than 3 %, 2070 W of 69 kW; the display shows whole watts."""
    seen = followed(simulated, native=True, power_w=power_w)
    text = f"{power_w} W, 69000 W applied"
    assert (seen.values["actual power"], seen.notes["actual power"]) == ("agrees" if agrees else text, text)


# ---------------------------------------------------------------- pulses that stay away


def test_pulses_too_slow_to_come_are_waited_for_a_fifth_longer_and_5_s_then_it_reads_all_the_same(
    simulated: Simulated,
) -> None:
    seen = followed(simulated, dry_at=BEFORE + 700)
    # 727 pulses missing of 1187 after the readout that ended at 460; then 535 of 1350 after the one that ended at 815.
    first, second = 727 * PERIOD * 1.2 + 5.0, 535 * PERIOD * 1.2 + 5.0
    assert seen.asked[4:] == [("mode A", 700), ("mode A", 815)]
    assert seen.asked_at[4:] == pytest.approx([first, first + second])
    assert (seen.values["before the next step"], seen.values["after the next step"]) == ("one step", "one step")


def test_a_test_that_lasts_a_tenth_longer_than_planned_is_given_up(simulated: Simulated) -> None:
    """Planned are 2000 pulses at a meter 5 % slow and 40 s: 149.6 s, given up after 164.5 s, in which 3153 pulses are due."""

    async def main() -> float:
        with pytest.raises(NoPulse, match=r"within 165 s; 575 S0 pulses came in that time, 3153 are expected"):
            await Followed(kwh=lambda _wh: 7, seconds=30.0).runs(STEP)
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(164.52, abs=0.01)


@pytest.mark.parametrize(
    ("latest", "silent_s"),
    [
        ((0.0, 3 * PERIOD + 2.0, 2.2), 2.2),  # not before three periods and 2 s are over
        ((10.0, 11.0, 12.1, 12.2), 2.2),
        ((10.0, 16.0), 6.0),
    ],
)
def test_no_pulse_between_two_readouts_for_three_periods_and_2_s_ends_the_test(
    latest: tuple[float, ...], silent_s: float, simulated: Simulated
) -> None:
    """Three periods and 2 s are 2.157 s at 69 kW."""

    async def main() -> list[Any]:
        s0: Any = Output(BEFORE)
        snapshots = [Snapshot(time - 0.3, time, BEFORE, BEFORE, Registers(total_kwh=7)) for time in latest]
        seen = Standing(s0, load=at(METER, 100.0), readouts=snapshots)
        with pytest.raises(NoPulse, match=rf"no S0 pulse in {silent_s:.1f} s, one every 0.0522 s is expected"):
            await seen.runs(STEP)
        return seen._readouts

    assert simulated(main) == []
