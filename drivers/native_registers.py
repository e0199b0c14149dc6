"""What a meter tells on the native protocol, as values: the requests, the register and tariff blocks, and the start of its memory.

Captured from a 685-382-OK-10: github.com/casperbang/KMP382-driver, MeterProtocolKMP382.cs. Blocks have the high byte first, the memory the
low byte. What is known of a byte and what is taken for it is said at each field; docs/decisions/0025 has the whole.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drivers.mode_a_registers import Registers
from drivers.native_frames import Frame, WrongAnswer

HELLO = Frame(0x00)
"""Answered by four bytes of unknown meaning: the meter speaks native."""
REGISTERS = Frame(0x90)
TARIFFS = Frame(0x95, b"\0")
"""As captured; what the byte asks for is unknown."""
IDENTITY_MEMORY = (0x0001, 0x0014)
"""First and last address of the part of the memory that names the meter. What may be the password, from 0x001E on, is not asked for."""

_BLOCK = struct.Struct(">5I I 8s 4s")
_TARIFFS = struct.Struct(">B3I")
_MEMORY_COMMAND = 0x01
_SEVEN_DIGITS = 10_000_000


@dataclass(frozen=True)
class TariffBlock:
    """The answer to command 95."""

    active_tariff: int
    """A byte taken for it; 1 on the captured meter."""
    total_kwh: int
    tariff_kwh: tuple[int, int]
    """T1 and T2; on the captured meter they sum up to the total."""


@dataclass(frozen=True)
class MemoryIdentity:
    """What the first 20 bytes of the memory say of the meter."""

    type_text: str
    """Type number without dashes, `685382OK10`."""
    constant: int
    """Meter constant, imp/kWh."""
    production_digits: str
    """The low six digits of the production number, with which these bytes agree on the captured meter."""


def read_memory(first: int, last: int) -> Frame:
    """The request for the bytes from address `first` to `last`, both included."""
    if not 0 <= first <= last <= 0xFFFF:
        raise ValueError(f"0x{first:04X} to 0x{last:04X} is no part of a memory")
    return Frame(_MEMORY_COMMAND, struct.pack(">2H", first, last))


def memory(asked: Frame, answer: Frame) -> bytes:
    """The bytes that `read_memory` asked for. Raises `WrongAnswer`."""
    first, last = struct.unpack(">2H", asked.data)
    return _data(asked, answer, last - first + 1)


def hello(answer: Frame) -> bytes:
    """The four bytes of the greeting. Raises `WrongAnswer`."""
    return _data(HELLO, answer, 4)


def registers(answer: Frame) -> Registers:
    """The registers of command 90 under the meter's names for them. Raises `WrongAnswer`."""
    data = _data(REGISTERS, answer, _BLOCK.size)
    total, power, hours, trip, peak, number, _, production = _BLOCK.unpack(data)
    for name, value in (("total", total), ("hours", hours), ("trip", trip)):
        if value >= _SEVEN_DIGITS:
            raise WrongAnswer(f"the {name} is {value}, which has more than seven digits")
    return Registers(
        customer_number=f"{number:08}",
        total_kwh=total,
        hours=hours,
        power_w=power,
        trip_wh=trip * 10,
        peak_w=peak,
        production_number=production.hex().upper(),
    )


def tariffs(answer: Frame) -> TariffBlock:
    """The tariff registers of command 95. Raises `WrongAnswer`."""
    active, total, tariff_1, tariff_2 = _TARIFFS.unpack(_data(TARIFFS, answer, _TARIFFS.size))
    return TariffBlock(active, total, (tariff_1, tariff_2))


def identity(memory: bytes) -> MemoryIdentity:
    """What `IDENTITY_MEMORY` says; any bytes say something. Raises `ValueError` for another number of bytes."""
    first, last = IDENTITY_MEMORY
    if len(memory) != last - first + 1:
        raise ValueError(f"{len(memory)} bytes are not 0x{first:04X} to 0x{last:04X}")
    return MemoryIdentity(
        type_text=memory[:10].decode("ascii", "replace").rstrip("\ufffd \0"),
        constant=int.from_bytes(memory[0x12:0x14], "little"),
        production_digits=memory[0x0F:0x12][::-1].hex().upper(),
    )


def _data(asked: Frame, answer: Frame, size: int) -> bytes:
    if (answer.address, answer.command) != (asked.address, asked.command):
        raise WrongAnswer(
            f"an answer to command {answer.command:02X} of {answer.address:02X} came to command {asked.command:02X}"
        )
    if len(answer.data) != size:
        raise WrongAnswer(
            f"the answer to command {asked.command:02X} has {len(answer.data)} bytes of data where {size} belong"
        )
    return answer.data
