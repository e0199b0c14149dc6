"""The source owner: lease, trip, revoked handles, and off before anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.safety import LEASE_S, RENEWAL_S, SourceHandle, SourceOwner, StillEnergised, Tripped
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, Reading
from drivers.visa import Revoked

Run = Callable[..., Any]

IB = symmetrical(230.0, 5.0)


class MemorySource:
    """A power source without an instrument: one command at a time, as on a wire, and a log of when each was carried out."""

    identity = "MEMORY,SOURCE,0,1"
    found = ""
    capabilities = Capabilities(i_max=100.0)

    def __init__(self, latency: float = 0.02) -> None:
        self.load = OFF
        self.latency = latency
        self.log: list[tuple[str, float]] = []
        self.off_fails: list[str] = []
        """Why each of the next attempts to switch off fails."""
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        await self.off()

    async def apply(self, load: Load) -> None:
        refusals = self.capabilities.refusals(load)
        if refusals:
            raise LoadRefused("; ".join(refusals))
        async with self._turn:
            await asyncio.sleep(self.latency)
            self.load = load
            self._note("apply")

    async def read(self) -> Reading:
        async with self._turn:
            return Reading(asyncio.get_running_loop().time(), self.load.u, self.load.i, self.load.power, 50.0)

    async def off(self) -> Reading:
        async with self._turn:
            await asyncio.sleep(self.latency)
            self._note("off")
            if self.off_fails:
                raise InstrumentError(self.off_fails.pop(0))
            self.load = OFF
        return await self.read()

    async def close(self) -> None:
        self._note("close")

    def _note(self, what: str) -> None:
        self.log.append((what, round(asyncio.get_running_loop().time(), 6)))

    @property
    def done(self) -> list[str]:
        return [what for what, _ in self.log]


class Scene:
    """An owner, its source, and what it told."""

    def __init__(self, latency: float = 0.02) -> None:
        self.source = MemorySource(latency)
        self.trips: list[tuple[str, bool]] = []
        self.offs: list[Reading] = []
        self.owner = SourceOwner(self.source, lambda reason: self.trips.append((reason, self.source.load == OFF)))

    def lent(self) -> Any:
        return self.owner.energised(self.offs.append)


async def renew_for(handle: SourceHandle, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        handle.renew()
        await asyncio.sleep(RENEWAL_S)


# ---------------------------------------------------------------- the lease


def test_renewal_keeps_the_source_on_for_as_long_as_it_goes_on(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as handle:
            await handle.apply(IB)
            await renew_for(handle, 2600.0)
            assert scene.source.load == IB
            assert (await handle.read()).total_power == pytest.approx(3450.0)
        assert scene.source.load == OFF
        assert scene.trips == []
        assert scene.owner.trip is None

    simulated(main)


def test_a_lease_that_runs_out_switches_off_and_latches(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as handle:
            await handle.apply(IB)
            await renew_for(handle, 1.0)
            last = asyncio.get_running_loop().time() - RENEWAL_S
            await asyncio.sleep(5.0)
            what, when = scene.source.log[1]
            assert what == "off"
            assert when == pytest.approx(last + LEASE_S + scene.source.latency)
            assert scene.source.load == OFF
            with pytest.raises(Revoked):
                await handle.apply(IB)
            with pytest.raises(Revoked):
                handle.renew()
        assert scene.trips == [("nobody renewed the lease for 0.5 s", True)]
        with pytest.raises(Tripped, match=r"nobody renewed the lease for 0\.5 s.*until a person re-arms it"):
            async with scene.lent():
                pass
        assert "apply" not in scene.source.done[1:]

    simulated(main)


def test_a_lease_runs_from_the_moment_the_source_is_lent(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent():
            await asyncio.sleep(LEASE_S + 0.1)
            assert scene.owner.trip is not None

    simulated(main)


def test_no_lease_of_an_earlier_run_trips_a_later_one(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent():
            await asyncio.sleep(0.4)
        async with scene.lent() as handle:
            await asyncio.sleep(0.4)
            handle.renew()
            await asyncio.sleep(0.4)
        await asyncio.sleep(5.0)
        assert scene.trips == []

    simulated(main)


# ---------------------------------------------------------------- handles


def test_after_the_block_a_late_finally_cannot_touch_the_source(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as handle:
            await handle.apply(IB)
        for late in (handle.apply(IB), handle.read()):
            with pytest.raises(Revoked, match="power source: the source was switched off"):
                await late
        with pytest.raises(Revoked):
            handle.renew()
        assert scene.source.load == OFF
        assert [reading.total_power for reading in scene.offs] == [0.0]

    simulated(main)


def test_the_source_is_lent_to_one_run_at_a_time(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as handle:
            with pytest.raises(InstrumentError, match="lent to another run"):
                async with scene.lent():
                    pass
            await handle.apply(IB)
            assert scene.source.load == IB

    simulated(main)


def test_a_load_that_was_under_way_when_the_handle_was_revoked_ends_off_and_says_so(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene(latency=0.3)
        async with scene.lent() as handle:
            applying = asyncio.create_task(handle.apply(IB))
            await asyncio.sleep(0.1)
            scene.owner.trip_now("emergency stop")
            with pytest.raises(Revoked, match="tripped: emergency stop"):
                await applying
            await asyncio.sleep(1.0)
            assert scene.source.done[:2] == ["apply", "off"]
            assert scene.source.load == OFF

    simulated(main)


def test_a_refused_load_leaves_the_run_its_handle(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as handle:
            with pytest.raises(LoadRefused):
                await handle.apply(symmetrical(230.0, 101.0))
            await handle.apply(IB)

    simulated(main)


# ---------------------------------------------------------------- however the block is left


def test_an_error_inside_the_block_leaves_it_only_after_off_was_read_back(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()

        async def run() -> None:
            async with scene.lent() as handle:
                await handle.apply(IB)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await run()
        assert scene.source.load == OFF
        assert len(scene.offs) == 1

    simulated(main)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_no_number_of_cancellations_comes_between_the_source_and_its_off(simulated: Run, times: int) -> None:
    async def main() -> None:
        scene = Scene(latency=1.0)
        entered = asyncio.Event()

        async def run() -> None:
            async with scene.lent() as handle:
                applying = asyncio.create_task(handle.apply(IB))
                await renew_for(handle, 1.5)
                await applying
                entered.set()
                await renew_for(handle, 100.0)

        task = asyncio.create_task(run())
        await entered.wait()
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert scene.source.done == ["apply", "off"]
        assert scene.source.load == OFF
        assert len(scene.offs) == 1

    simulated(main)


def test_a_source_that_cannot_be_proven_off_is_said_to_be_on(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        scene.source.off_fails = ["the power source is still live after switching off (L1 230 V)."]
        with pytest.raises(StillEnergised, match=r"may still be on, touch nothing and .*still live"):
            async with scene.lent() as handle:
                await handle.apply(IB)
        assert scene.offs == []  # nobody is told it were safe
        with pytest.raises(Revoked):
            await handle.apply(IB)

    simulated(main)


# ---------------------------------------------------------------- trips and re-arming


def test_a_trip_while_nothing_is_lent_switches_off_all_the_same_and_latches(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        scene.owner.trip_now("door opened")
        await asyncio.sleep(1.0)
        assert scene.source.done == ["off"]
        assert scene.trips == [("door opened", True)]
        with pytest.raises(Tripped, match="door opened"):
            async with scene.lent():
                pass

    simulated(main)


def test_the_first_trip_is_told_once_and_its_reason_stands(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent():
            scene.owner.trip_now("door opened")
            scene.owner.trip_now("emergency stop")
            await asyncio.sleep(5.0)  # nor does the lease that runs out now add another
        assert scene.trips == [("door opened", True)]
        assert scene.owner.trip == "door opened"

    simulated(main)


def test_a_trip_whose_off_is_not_confirmed_says_so_in_its_reason(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        scene.source.off_fails = ["no answer from the power source."]
        scene.owner.trip_now("emergency stop")
        await asyncio.sleep(1.0)
        ((reason, _),) = scene.trips
        assert reason.startswith(
            "emergency stop; the source may still be on, touch nothing and switch it off at the instrument or by the emergency stop: "
            "no answer from the power source"
        )
        assert scene.owner.trip == reason

    simulated(main)


def test_only_a_person_re_arms_and_the_old_handle_stays_dead(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        async with scene.lent() as old:
            await asyncio.sleep(1.0)
        scene.owner.rearm()
        assert scene.owner.trip is None
        async with scene.lent() as handle:
            await handle.apply(IB)
            assert scene.source.load == IB
            with pytest.raises(Revoked):
                await old.apply(OFF)
        assert scene.source.load == OFF

    simulated(main)


def test_closing_the_owner_while_a_run_has_the_source_switches_off_first(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        lent = scene.lent()
        handle = await lent.__aenter__()
        await handle.apply(IB)
        await scene.owner.close()
        assert scene.source.done == ["apply", "off", "close"]
        await lent.__aexit__(None, None, None)

    simulated(main)


def test_a_trip_that_comes_while_a_run_gives_back_the_source_is_told_before_the_run_goes_on(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene(latency=0.3)
        async with scene.lent() as handle:
            await handle.apply(IB)
            asyncio.get_running_loop().call_later(0.1, scene.owner.trip_now, "emergency stop")
        assert scene.trips == [("emergency stop", True)], "else the run would be closed COMPLETE"

    simulated(main)
