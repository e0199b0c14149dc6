"""The module ports of a world apart: paths and sockets that the real drivers open, and behind each the module that was fitted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bench.load_points import voltage_only
from bench.module_ports import ModulePorts
from bench.simulated_station import describe
from drivers.mode_a_registers import registers
from drivers.simulated.world_apart import WorldApart
from reference_meter import TypeNumber

Read = Callable[[ModulePorts, str], Awaitable[object]]


async def _mbus(ports: ModulePorts, number: str) -> object:
    return (await ports.mbus(number))[1].identification


async def _called(ports: ModulePorts, _: str) -> object:
    return registers((await ports.data_call())[1]).customer_number


async def _messaged(ports: ModulePorts, _: str) -> object:
    return registers(await ports.message()).customer_number


def _mode_a(code: str, address: bool = False) -> Read:
    async def read(ports: ModulePorts, number: str) -> object:
        return registers((await ports.mode_a(code, number if address else "")).telegram).customer_number

    return read


@pytest.mark.parametrize(
    ("code", "scheme", "read"),
    [
        ("MK", "", _mbus),
        ("RK", "", _mode_a("RK")),
        ("FK", "", _mode_a("FK", address=True)),
        ("IK", "socket", _mode_a("IK")),
        ("HK", "", _called),
        ("YN", "", _messaged),
    ],
)
def test_each_module_is_reached_by_the_name_that_stands_in_the_station_file(
    simulated: Callable[..., Any], tmp_path: Path, code: str, scheme: str, read: Read
) -> None:
    meter = TypeNumber.parse(f"685-382-{code}-50")

    async def main() -> tuple[object, str, str]:
        world = WorldApart(tmp_path, positions=2, seed=1, faults=(), source_dialect="generic-scpi")
        (_, second) = await world.mount_once(meter)
        await world.start()
        try:
            world._world.contact(True)
            world._world.source_is_set(voltage_only(meter))
            await asyncio.sleep(10.0)
            position = describe(world).positions[1]
            ports = ModulePorts(position, {url: asyncio.Lock() for url in position.modules.values()})
            return await read(ports, f"{int(second.serial):08}"), f"{int(second.serial):08}", position.modules[code]
        finally:
            await world.stop()

    told, number, url = simulated(main)
    assert told == number
    assert url.startswith("socket://127.0.0.1:") if scheme else Path(url).parent == tmp_path
