"""Emergency stop, door, contactor and stack light at the source owner, on gpiozero devices with simulated pins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bench.contacted_source import CLOSES_IN_S, DROPS_AFTER_S
from bench.owner_client import RemoteOwner
from bench.owner_server import OwnerServer
from bench.safety import Tripped
from bench.safety_panel import DEBOUNCE_S, Light, Lights, SafetyPanel
from bench.session import Refused
from bench.station import SafetyDescription
from bench.station_file import load_station
from drivers.load import OFF, symmetrical
from drivers.power_source import InstrumentError
from drivers.simulated.pins import SimulatedPinFactory
from drivers.visa import Revoked
from tests.bench.test_safety import MemorySource

Run = Callable[..., Any]
IB = symmetrical(230.0, 5.0)
PINS = SafetyDescription(
    estop_pin="GPIO2",
    door_pin="GPIO3",
    contactor_pin="GPIO17",
    red_pin="GPIO18",
    yellow_pin="GPIO22",
    green_pin="GPIO23",
    blue_pin="GPIO24",
)


class Scene:
    """A source behind a contactor, its safety circuit, and one client."""

    def __init__(self, latency: float = 0.02) -> None:
        self.source = MemorySource(latency)
        self.factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        self.switched: list[tuple[float, bool, bool]] = []
        """When the contactor was switched, whether it closed, and whether the source was off then."""
        self.trips: list[str] = []

    async def open(self, *, closed: bool) -> None:
        panel = SafetyPanel(PINS, self.factory)
        if closed:
            self.contact("GPIO2", closed=True)
            self.contact("GPIO3", closed=True)
            await asyncio.sleep(DEBOUNCE_S)
        self.factory.pin("GPIO17").on_output = lambda closed: self.switched.append(
            (round(asyncio.get_running_loop().time(), 6), closed, self.source.load == OFF)
        )
        self.server = OwnerServer(self.source, panel)
        await self.server.open()
        self.client = RemoteOwner(self.server.connect_in_loop(), self.trips.append)
        await self.client.open()

    async def close(self) -> None:
        await self.client.close()
        await self.server.stop()

    def contact(self, pin: str, *, closed: bool) -> None:
        self.factory.pin(pin).edge(asyncio.get_running_loop().time(), not closed)

    def lit(self) -> set[str]:
        lamps = {"red": "GPIO18", "yellow": "GPIO22", "green": "GPIO23", "blue": "GPIO24"}
        return {colour for colour, pin in lamps.items() if self.factory.pin(pin).state}

    def lent(self) -> Any:
        return self.client.energised(lambda _: None)


def scene(
    simulated: Run, play: Callable[[Scene], Awaitable[None]], *, closed: bool = True, latency: float = 0.02
) -> None:
    async def main() -> None:
        a_scene = Scene(latency)
        await a_scene.open(closed=closed)
        try:
            await play(a_scene)
        finally:
            await a_scene.close()

    simulated(main)


def test_the_contactor_closes_without_a_load_and_drops_after_the_source_is_off(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        assert scene.lit() == {"green"}
        async with scene.lent() as handle:
            assert scene.lit() == {"red"}
            assert scene.switched == []
            began = asyncio.get_running_loop().time()
            await handle.apply(IB)
            assert asyncio.get_running_loop().time() >= began + CLOSES_IN_S
            await handle.apply(symmetrical(230.0, 10.0))
        assert [(closed, off) for _, closed, off in scene.switched] == [(True, True), (False, True)]
        assert scene.lit() == {"green"}

    scene(simulated, play)


@pytest.mark.parametrize(
    ("pin", "why", "act"),
    [
        ("GPIO2", "the emergency stop was pressed", "release the emergency stop"),
        ("GPIO3", "the door was opened", "close the door"),
    ],
)
def test_an_open_contact_drops_the_contactor_trips_at_once_and_latches(
    simulated: Run, pin: str, why: str, act: str
) -> None:
    async def play(scene: Scene) -> None:
        async def run() -> None:
            async with scene.lent() as handle:
                await handle.apply(IB)
                await asyncio.sleep(0.2)
                instant = asyncio.get_running_loop().time()
                scene.contact(pin, closed=False)
                assert scene.switched[-1][:2] == (round(instant, 6), False), (
                    "the contactor does not wait for the source"
                )
                await asyncio.sleep(0.1)
                assert scene.source.done[2] == "off"
                assert scene.source.log[2][1] == pytest.approx(instant + scene.source.latency)
                assert scene.trips == [why]
                assert scene.lit() >= {"yellow", "blue"}
                await handle.apply(IB)

        with pytest.raises(Revoked, match=f"tripped: {why}"):
            await run()
        await asyncio.sleep(1.0)
        assert scene.lit() == {"green", "yellow", "blue"}
        with pytest.raises(InstrumentError, match=f"not re-armed .*{act} first"):
            await scene.client.rearm_now("4711")
        scene.contact(pin, closed=True)
        with pytest.raises(InstrumentError, match="first"):  # it may still bounce
            await scene.client.rearm_now("4711")
        await asyncio.sleep(DEBOUNCE_S)
        with pytest.raises(Tripped, match=why):  # closing it again re-arms nothing
            async with scene.lent():
                pass
        await scene.client.rearm_now("4711")
        assert scene.lit() == {"green"}
        async with scene.lent() as handle:
            await handle.apply(IB)
            assert scene.source.load == IB

    scene(simulated, play)


def test_a_contact_that_bounces_is_told_once_and_is_not_closed_before_it_rests(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        for _ in range(5):
            scene.contact("GPIO3", closed=False)
            await asyncio.sleep(0.004)
            scene.contact("GPIO3", closed=True)
            await asyncio.sleep(0.004)
        with pytest.raises(InstrumentError, match="close the door first"):
            await scene.client.rearm_now("4711")
        await asyncio.sleep(DEBOUNCE_S)
        await scene.client.rearm_now("4711")
        assert scene.trips == ["the door was opened"]

    scene(simulated, play)


def test_contacts_that_nobody_hears_trip_at_the_next_beat_and_only_a_restart_helps(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        async def run() -> None:
            async with scene.lent() as handle:
                await handle.apply(IB)
                scene.factory.fault = "the thread that reads the GPIO inputs has ended"
                handle.renew()
                await asyncio.sleep(0.1)
                assert scene.source.load == OFF
                await handle.apply(IB)

        with pytest.raises(Revoked, match="the safety contacts may go unheard: the thread"):
            await run()
        with pytest.raises(InstrumentError, match=r"restart bench source \(the thread that reads .* has ended\) first"):
            await scene.client.rearm_now("4711")

    scene(simulated, play)


def test_a_wire_that_is_broken_at_the_start_is_a_contact_that_is_open(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        await asyncio.sleep(0.1)
        assert scene.client.trip == (
            "when the source owner started, a person had yet to release the emergency stop and close the door"
        )
        with pytest.raises(Tripped):
            async with scene.lent():
                pass

    scene(simulated, play, closed=False)


def test_a_source_that_does_not_answer_loses_its_contactor_all_the_same(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        async with scene.lent() as handle:
            await handle.apply(IB)
            scene.source.latency = 3.0
            instant = asyncio.get_running_loop().time()
            scene.server.trip("the lease")
            await asyncio.sleep(DROPS_AFTER_S + 0.01)
            assert scene.switched[-1][0] == pytest.approx(instant + DROPS_AFTER_S)
            assert scene.switched[-1][1:] == (False, False)
            assert "red" in scene.lit()

    scene(simulated, play)


def test_what_a_source_may_be_doing_is_never_shown_green() -> None:
    for lent in (False, True):
        for proven in (False, True):
            for tripped in (False, True):
                lit = Lights(lent, proven, tripped).lit
                assert (Light.GREEN in lit) == (proven and not lent)
                assert (Light.RED in lit) != (Light.GREEN in lit)
                assert (Light.BLUE in lit) == (Light.YELLOW in lit) == tripped


def test_a_pin_that_is_none_is_refused_with_the_table_to_look_at(simulated: Run) -> None:
    async def main() -> None:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        with pytest.raises(InstrumentError, match=r"a pin of the station's \[safety\] table cannot be used"):
            SafetyPanel(SafetyDescription(estop_pin="GPIO2", red_pin="GPIO99"), factory)
        SafetyPanel(SafetyDescription(estop_pin="GPIO2"), factory).close()

    simulated(main)


STATION = """
name = "x"
OWNER
[source]
resource = "TCPIP::192.0.2.10::5025::SOCKET"
[safety]
estop_pin = "GPIO2"
contactor_pin = "PIN"
[[position]]
number = 1
s0_pin = "GPIO4"
optical = "/dev/ttyUSB0"
"""


def test_the_station_file_names_socket_and_pins(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"

    def station(owner: str, pin: str) -> Any:
        path.write_text(STATION.replace("OWNER", owner).replace("PIN", pin))
        return load_station(path)

    read = station('owner_socket = "/run/bench/source.sock"', "GPIO17")
    assert read.owner_socket == "/run/bench/source.sock"
    assert read.safety == SafetyDescription(estop_pin="GPIO2", contactor_pin="GPIO17")
    with pytest.raises(Refused, match="GPIO4 is used twice: safety contactor_pin and position 1 s0_pin"):
        station('owner_socket = "/run/bench/source.sock"', "GPIO4")
    with pytest.raises(Refused, match=r"\[safety\].*give owner_socket"):
        station("", "GPIO17")
