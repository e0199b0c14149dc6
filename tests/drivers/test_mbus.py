"""M-Bus: the frame of a real module byte for byte, both ways of addressing, and what goes wrong on a bus."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mbus import MBusCollision, MBusMaster, MBusWrongMeter, mbus_line
from drivers.mbus_frames import (
    Acknowledged,
    Collision,
    FrameError,
    Garbled,
    MBusReading,
    NoFrame,
    answer_in,
    ping,
    primary_address_of,
    request,
    select,
)
from drivers.module_line import ModuleError, ModuleGarbled, ModulePortError, ModuleSilence
from drivers.simulated.mbus_module import SimulatedMBus, SimulatedMBusSlave
from drivers.simulated.serial_line import SerialLine
from reference_meter import Configuration, ReferenceMeter, Registers
from reference_meter.mbus import user_data

REAL = bytes.fromhex(
    "68464668087872209183142D2C010204000000040600000000042209000000042B00000000142B00000000"
    "84500600000000846006000000000F000000000000000000000000000000102416"
)
"""libmbus, test/test-frames/kamstrup_382_005.hex."""

Simulated = Callable[..., Any]


def slave(number: int = 14839120, *, access: int = 4, **registers: int) -> SimulatedMBusSlave:
    meter = ReferenceMeter(
        "685-382-MK-50",
        registers=Registers(**{"hours": 9, **registers}),
        configuration=Configuration(meter_number=number),
    )
    made = SimulatedMBusSlave(lambda: number, lambda access_number: user_data(meter, access_number))
    made.access_number = access
    return made


def on_a_bus(
    simulated: Simulated, *slaves: SimulatedMBusSlave, ask: Callable[[MBusMaster], Awaitable[object]]
) -> object:
    async def main() -> object:
        bus = SimulatedMBus(SerialLine("bus"))
        bus.slaves += slaves
        try:
            async with mbus_line("simulated://bus", "position 3") as line:
                return await ask(MBusMaster(line))
        finally:
            bus.close()

    return simulated(main)


# ---------------------------------------------------------------- the codec


def test_the_frame_of_a_real_module_is_read() -> None:
    reading = answer_in(REAL)
    assert isinstance(reading, MBusReading)
    assert (reading.identification, reading.manufacturer, reading.version, reading.medium) == ("14839120", "KAM", 1, 2)
    assert (reading.primary_address, reading.access_number) == (120, 4)
    assert (reading.total_kwh, reading.tariff_kwh, reading.hours) == (0, (0, 0), 9)
    assert (reading.power_w, reading.peak_w) == (0, 0)
    assert reading.raw == REAL


def test_the_simulated_slave_answers_the_real_frame_byte_for_byte() -> None:
    assert slave().answer(request(120)) == REAL


def test_the_frames_of_the_master_are_those_of_the_standard() -> None:
    assert ping(120) == bytes.fromhex("1040 78 B8 16")
    assert request(120) == bytes.fromhex("107B 78 F3 16")
    assert select("14839120") == bytes.fromhex("680B0B68 73FD52 20918314 FFFF FF FF 06 16")


@pytest.mark.parametrize(
    ("number", "address"), [("14839120", 120), ("00000250", 250), ("00000251", 51), ("99999999", 99)]
)
def test_the_primary_address_is_the_end_of_the_meter_number(number: str, address: int) -> None:
    assert primary_address_of(number) == address


def test_the_echo_of_a_level_converter_is_skipped() -> None:
    assert isinstance(answer_in(ping(120) + b"\xe5", ping(120)), Acknowledged)
    with pytest.raises(NoFrame):
        answer_in(ping(120), ping(120))


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (b"", NoFrame),
        (b"\xe5\xe5", Collision),
        (REAL + b"\x00", Collision),
        (b"\x65", Garbled),
        (REAL[:-1], Garbled),
        (REAL[:20] + b"\xff" + REAL[21:], Garbled),
        (bytes.fromhex("68030368080172 7B 16"), Garbled),
    ],
)
def test_what_is_no_answer_of_one_slave_is_a_typed_error(heard: bytes, kind: type[FrameError]) -> None:
    with pytest.raises(FrameError) as caught:
        answer_in(heard)
    assert type(caught.value) is kind
    assert caught.value.raw == heard


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_a_typed_error(heard: bytes) -> None:
    try:
        answer_in(heard)
    except FrameError:
        pass


@given(st.data())
def test_a_frame_with_a_right_check_sum_and_wrong_contents_is_an_answer_or_a_typed_error(data: st.DataObject) -> None:
    frame = bytearray(REAL)
    for place in data.draw(st.lists(st.integers(6, len(REAL) - 3), min_size=1, max_size=6)):
        frame[place] = data.draw(st.integers(0, 255))
    frame[-2] = sum(frame[4:-2]) & 0xFF
    try:
        reading = answer_in(bytes(frame))
    except FrameError:
        return
    assert isinstance(reading, MBusReading)


# ---------------------------------------------------------------- the bus


@pytest.mark.parametrize("way", ["read_primary", "read_secondary"])
def test_a_meter_is_read_by_either_address(simulated: Simulated, way: str) -> None:
    registers = {"total_kwh": 9032, "tariff_1_kwh": 9031, "tariff_2_kwh": 1, "hours": 57392, "peak_w": 1559}
    reading = on_a_bus(
        simulated, slave(12345999), slave(**registers), ask=lambda master: getattr(master, way)("14839120")
    )
    assert isinstance(reading, MBusReading)
    assert (reading.total_kwh, reading.tariff_kwh, reading.hours, reading.peak_w) == (9032, (9031, 1), 57392, 1559)


def test_a_selection_deselects_the_meter_selected_before(simulated: Simulated) -> None:
    async def both(master: MBusMaster) -> list[str]:
        return [(await master.read_secondary(number)).identification for number in ("00000001", "00000002", "00000001")]

    read = on_a_bus(simulated, slave(1), slave(2), ask=both)
    assert read == ["00000001", "00000002", "00000001"]


def test_silence_says_which_address_did_not_answer_and_what_to_look_at(simulated: Simulated) -> None:
    with pytest.raises(ModuleSilence) as caught:
        on_a_bus(simulated, slave(), ask=lambda master: master.read_primary("14839121"))
    assert str(caught.value) == (
        "position 3: no answer from primary address 121 on the M-Bus at simulated://bus within 0.5 s, 3 times. "
        "Are both wires in the module's terminals, and is the level converter on?"
    )


def test_two_meters_of_one_primary_address_are_told_apart_by_the_secondary(simulated: Simulated) -> None:
    with pytest.raises(ModuleGarbled, match="Do two meters share the address"):
        on_a_bus(
            simulated,
            slave(11111120, total_kwh=3),
            slave(22222120, total_kwh=4),
            ask=lambda master: master.read_primary("11111120"),
        )
    reading = on_a_bus(
        simulated,
        slave(11111120, total_kwh=3),
        slave(22222120, total_kwh=4),
        ask=lambda master: master.read_secondary("22222120"),
    )
    assert isinstance(reading, MBusReading)
    assert reading.total_kwh == 4


def test_another_meter_at_the_primary_address_is_named(simulated: Simulated) -> None:
    with pytest.raises(MBusWrongMeter, match="position 3: M-Bus meter 22222120 answered where 14839120 was addressed"):
        on_a_bus(simulated, slave(22222120), ask=lambda master: master.read_primary("14839120"))


class Babbling(SimulatedMBusSlave):
    """Answers whatever a test wants."""

    def __init__(self, says: bytes) -> None:
        super().__init__(lambda: 1, lambda _: b"")
        self._says = says

    def answer(self, frame: bytes) -> bytes | None:
        return self._says


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (b"\xe5\xe5", MBusCollision),
        (b"\x00\x13\x77", ModuleGarbled),
        (random.Random(1).randbytes(1000), ModuleGarbled),
        (REAL, ModuleGarbled),
    ],
    ids=["two acknowledge", "noise", "noise without end", "a frame for E5"],
)
def test_what_comes_back_and_is_no_acknowledgement_ends_in_a_sentence(
    simulated: Simulated, says: bytes, kind: type[ModuleError]
) -> None:
    with pytest.raises(kind, match=r"position 3: .*\."):
        on_a_bus(simulated, Babbling(says), ask=lambda master: master.read_secondary("14839120"))


def test_a_slave_without_registers_is_an_error_of_its_own(simulated: Simulated) -> None:
    with pytest.raises(ModuleGarbled, match="has no registers to send"):
        on_a_bus(simulated, Babbling(b"\xe5"), ask=lambda master: master.read_secondary("14839120"))


def test_a_port_that_is_not_there_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def main() -> None:
        async with mbus_line("/dev/no-such-converter", "position 3"):
            pass

    with pytest.raises(ModulePortError, match="M-Bus level converter cannot be opened: there is no such port"):
        simulated(main)


def test_a_converter_unplugged_in_mid_read_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def main() -> None:
        bus = SimulatedMBus(SerialLine("bus"))
        async with mbus_line("simulated://bus", "position 3") as line:
            bus.close()
            await MBusMaster(line).read_secondary("14839120")

    with pytest.raises(ModulePortError, match="has gone"):
        simulated(main)
