"""The contents of the EEPROM as bytes: the addresses known from a real meter, and the model's own layout for the rest.

Known (github.com/casperbang/KMP382-driver, frames of a 685-382-OK-10): type number at 0x01, meter constant at 0x13,
123456 at 0x1E, customer number at 0x22; 0xFF where nothing was ever written. Addresses count from 1, numbers have their
low byte first. 123456 is taken for the password, and 0x10 to 0x12 for the low digits of the production number, with which
they agree; the other bytes of that block are kept as captured, meaning unknown. From 0x2D on the layout is the model's own.
"""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from reference_meter.configuration import Configuration, InputMode, Option, Output2, Unit
from reference_meter.events import Stored
from reference_meter.memory import MONTHS_KEPT
from reference_meter.registers import Registers
from reference_meter.type_number import TypeNumber

if TYPE_CHECKING:
    from reference_meter.meter import ReferenceMeter

SIZE = 0x07FF
"""Last address; the model's choice."""

_TYPE = 0x01
_PRODUCTION = 0x10
_PASSWORD = 0x1E
_NUMBER = 0x22
_CONFIGURATION = 0x2D
_REGISTERS = 0x80
_HOURLY = 0x200
_MONTHS = 0x400

_CONFIGURATION_LAYOUT = struct.Struct("<H?IBBIHB")
_STORED_LAYOUT = struct.Struct("<4I")
_REGISTER_BYTES = 16
_MODES = tuple(InputMode)
_UNITS = tuple(Unit)


@dataclass(frozen=True)
class MemoryImage:
    """The bytes of one EEPROM; `bytes(image)` can be kept in a file."""

    data: bytes
    """`SIZE` bytes, the first is address 0x01."""

    def __post_init__(self) -> None:
        if len(self.data) != SIZE:
            raise ValueError(f"a memory image has {SIZE} bytes, not {len(self.data)}")

    def __bytes__(self) -> bytes:
        return self.data

    def read(self, first: int, last: int) -> bytes:
        """The bytes from address `first` to `last`, both included, as command 01 of the native protocol reads them."""
        if not 1 <= first <= last <= SIZE:
            raise ValueError(f"0x{first:04X} to 0x{last:04X} is not within 0x0001 to 0x{SIZE:04X}")
        return self.data[first - 1 : last]

    def number(self, first: int, count: int) -> int:
        """The number of `count` bytes at address `first`."""
        return int.from_bytes(self.read(first, first + count - 1), "little")


@dataclass(frozen=True)
class Contents:
    """What the memory holds, apart from its bytes."""

    type_number: TypeNumber
    production_number: int
    password: str
    configuration: Configuration
    registers: Registers
    hourly: Stored | None
    months: tuple[Stored, ...]
    """The oldest first."""

    @classmethod
    def of(cls, meter: ReferenceMeter, password: str, saved: Registers) -> Contents:
        """What `meter` keeps, with the registers of its last save."""
        return cls(
            meter.type_number, meter.production_number, password, meter.configuration, saved, meter.hourly, meter.months
        )

    def pack(self) -> MemoryImage:
        """These contents as bytes."""
        memory = bytearray(b"\xff" * SIZE)

        def write(address: int, data: bytes) -> None:
            memory[address - 1 : address - 1 + len(data)] = data

        write(_TYPE, self.type_number.stored.encode("ascii"))
        write(0x0B, bytes.fromhex("0000004000"))
        write(_PRODUCTION, (self.production_number & 0xFFFFFF).to_bytes(3, "little"))
        write(0x13, self.type_number.constant.to_bytes(2, "little"))
        write(0x15, bytes.fromhex("0000000000000000FE"))
        write(_PASSWORD, int(self.password).to_bytes(4, "little"))
        write(_NUMBER, self.configuration.meter_number.to_bytes(4, "little"))
        write(0x26, bytes.fromhex("0000FFFFFFFF00"))
        write(_CONFIGURATION, _pack_configuration(self.configuration, self.production_number >> 24))
        write(_REGISTERS, _pack_registers(self.registers))
        if self.hourly is not None:
            write(_HOURLY, _STORED_LAYOUT.pack(*self.hourly))
        for month in self.months:
            # A month's place in the ring follows from its hour counter (R28).
            write(_MONTHS + month.hours // 730 % MONTHS_KEPT * _STORED_LAYOUT.size, _STORED_LAYOUT.pack(*month))
        return MemoryImage(bytes(memory))

    @classmethod
    def unpack(cls, image: MemoryImage) -> Contents:
        """The contents of `image`. Raises `ValueError` where this model cannot have written it."""
        options, zeroes, data, mode, unit, thousandths, output_2, high = _CONFIGURATION_LAYOUT.unpack(
            image.read(_CONFIGURATION, _CONFIGURATION + _CONFIGURATION_LAYOUT.size - 1)
        )
        if max(mode, unit) == 0xFF:
            raise ValueError("the image holds no configuration: it was read from a real meter, or never written")
        stored = [_stored(image, _MONTHS + slot * _STORED_LAYOUT.size) for slot in range(MONTHS_KEPT)]
        return cls(
            TypeNumber.parse(image.read(_TYPE, _TYPE + 9).decode("ascii", "replace")),
            high << 24 | image.number(_PRODUCTION, 3),
            f"{image.number(_PASSWORD, 4):06}",
            Configuration(
                options=frozenset(option for option in Option if options >> option & 1),
                preceding_zeroes=zeroes,
                meter_number=image.number(_NUMBER, 4),
                customer_data=data,
                input_mode=_MODES[mode],
                pulse_constant=Fraction(thousandths, 1000),
                input_unit=_UNITS[unit],
                output_2=Output2(output_2),
            ),
            _unpack_registers(image),
            _stored(image, _HOURLY),
            tuple(sorted((month for month in stored if month is not None), key=lambda month: month.hours)),
        )


def _pack_configuration(c: Configuration, production_high: int) -> bytes:
    return _CONFIGURATION_LAYOUT.pack(
        sum(1 << option for option in c.options),
        c.preceding_zeroes,
        c.customer_data,
        _MODES.index(c.input_mode),
        _UNITS.index(c.input_unit),
        int(c.pulse_constant * 1000),
        c.output_2,
        production_high,
    )


def _pack_registers(registers: Registers) -> bytes:
    values: list[int] = []
    for value in dataclasses.astuple(registers):
        values += value if isinstance(value, tuple) else (value,)
    return b"".join(value.to_bytes(_REGISTER_BYTES, "little") for value in values)


def _unpack_registers(image: MemoryImage) -> Registers:
    values: dict[str, Any] = {}
    address = _REGISTERS
    for name, kind in dataclasses.asdict(Registers()).items():
        count = len(kind) if isinstance(kind, tuple) else 1
        numbers = tuple(image.number(address + n * _REGISTER_BYTES, _REGISTER_BYTES) for n in range(count))
        values[name] = numbers if isinstance(kind, tuple) else type(kind)(numbers[0])
        address += count * _REGISTER_BYTES
    return Registers(**values)


def _stored(image: MemoryImage, address: int) -> Stored | None:
    data = image.read(address, address + _STORED_LAYOUT.size - 1)
    return None if data.count(0xFF) == len(data) else Stored(*_STORED_LAYOUT.unpack(data))
