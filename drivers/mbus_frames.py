"""M-Bus frames without any I/O, on pyMeterBus: what a master sends to module 68 50 005, and what its answer says.

Sources: EN 1434-3 and EN 13757-2 (link layer), EN 13757-3 (records); the frame of a real "Kamstrup 382 (6850-005)" in libmbus,
test/test-frames/kamstrup_382_005.hex.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BAUD = 2400
"""8 data bits, even parity, one stop bit. EN 13757-2; the rate every slave begins with is an assumption for this module."""
CHARACTER_S = 11 / BAUD
"""One character in s."""
ANSWER_WITHIN_S = 0.5
"""A slave answers within 330 bit times and 50 ms, 0.19 s; the rest is for the adapter. EN 13757-2, 5.7."""
GAP_S = 0.2
"""A frame has no pauses; after so much silence it is over, s. pyMeterBus allows an adapter the same."""
LONGEST_FRAME = 261
"""Characters: 68 L L 68, 255, check sum, 16. EN 13757-2."""
SELECTED = 0xFD
"""The address that means the slave selected by its secondary address. EN 13757-3."""
HIGHEST_PRIMARY = 250
"""Primary addresses a slave can have are 0 to 250. EN 13757-2."""

_ACKNOWLEDGEMENT = 0xE5


class FrameError(Exception):
    """What came back is no answer of one slave. `raw` is what was heard."""

    def __init__(self, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.raw = raw


class NoFrame(FrameError):
    """Nothing came back."""


class Garbled(FrameError):
    """Characters came back that are no frame."""


class Collision(FrameError):
    """More than one slave answered."""


class Acknowledged:
    """The single character E5."""


@dataclass(frozen=True)
class MBusReading:
    """The answer to REQ_UD2 (class 2 data); a register is None where the frame has none."""

    primary_address: int
    identification: str
    """Eight digits, the first part of the secondary address."""
    manufacturer: str
    """Three letters, `KAM` for Kamstrup."""
    version: int
    medium: int
    """2 is electricity. EN 13757-3."""
    access_number: int
    total_kwh: int | None
    tariff_kwh: tuple[int, int] | None
    """Tariff 1 and 2 of device 1."""
    hours: int | None
    power_w: int | None
    peak_w: int | None
    raw: bytes
    """The whole frame."""


def primary_address_of(meter_number: str) -> int:
    """The primary address a module takes from the meter number: its last three digits, or the last two where these exceed 250.

    Assumption: Kamstrup states the rule for MULTICAL modules; the captured frame fits it (14839120, address 120).
    """
    last = int(meter_number[-3:])
    return last if last <= HIGHEST_PRIMARY else last % 100


def ping(address: int) -> bytes:
    """SND_NKE: reset the link, acknowledged by E5."""
    return _wire("send_ping_frame", address)


def select(meter_number: str) -> bytes:
    """Select the slave with this identification, of any manufacturer, version and medium: acknowledged by E5."""
    return _wire("send_select_frame", f"{int(meter_number):08}FFFFFFFF")


def request(address: int) -> bytes:
    """REQ_UD2: send your registers."""
    return _wire("send_request_frame_multi", address)


def answer_in(heard: bytes, sent: bytes = b"") -> Acknowledged | MBusReading:
    """The one answer in everything that was heard until the line fell silent; the echo of `sent` is skipped. Raises `FrameError`."""
    wire = heard[len(sent) :] if sent and heard.startswith(sent) else heard
    if not wire:
        raise NoFrame("no slave answered")
    if wire == bytes([_ACKNOWLEDGEMENT]):
        return Acknowledged()
    if set(wire) == {_ACKNOWLEDGEMENT}:
        raise Collision(f"{len(wire)} slaves acknowledged", wire)
    length = _frame_length(wire)
    if length is None or len(wire) < length or wire[length - 1] != 0x16:
        raise Garbled(f"{len(wire)} characters that are no frame", wire)
    if sum(wire[4 : length - 2]) & 0xFF != wire[length - 2]:
        raise Garbled("the check sum of the frame is wrong", wire)
    if len(wire) > length:
        raise Collision(f"{len(wire) - length} characters follow the frame of a slave", wire)
    return _reading(wire)


def _frame_length(wire: bytes) -> int | None:
    """Characters of the long frame that begins here; None where none does."""
    if len(wire) < 4 or wire[0] != 0x68 or wire[3] != 0x68 or wire[1] != wire[2]:
        return None
    return wire[1] + 6


def _reading(wire: bytes) -> MBusReading:
    import meterbus

    try:
        frame = meterbus.TelegramLong.parse(wire)
        found = {_key(record): record.parsed_value for record in frame.records if record.vib.parts}
        header = frame.body.bodyHeader
        identification = "".join(f"{part:02X}" for part in header.id_nr)
        total, one, two = (_whole(found, f"ENERGY_WH {tariff}".strip(), 1000) for tariff in ("", "T1", "T2"))
        return MBusReading(
            primary_address=wire[5],
            identification=identification,
            manufacturer=str(frame.manufacturer),
            version=header.version_field.parts[0],
            medium=header.measure_medium_field.parts[0],
            access_number=header.acc_nr_field.parts[0],
            total_kwh=total,
            tariff_kwh=None if one is None or two is None else (one, two),
            hours=_whole(found, "ON_TIME", 3600),
            power_w=_whole(found, "POWER_W", 1),
            peak_w=_whole(found, "POWER_W MAXIMUM_VALUE", 1),
            raw=wire,
        )
    except (
        Exception
    ) as fault:  # the library raises whatever its tables and slices raise for a frame that lies about itself
        raise Garbled(f"the frame holds no records that can be read ({type(fault).__name__}: {fault})", wire) from fault


def _key(record: Any) -> str:
    """The name of a record: quantity, function where it is no instantaneous value, tariff."""
    told = record.interpreted
    parts = [told["type"].removeprefix("VIFUnit.")]
    function = told["function"].removeprefix("FunctionType.")
    if function != "INSTANTANEOUS_VALUE":
        parts.append(function)
    if told.get("tariff"):
        parts.append(f"T{told['tariff']}")
    return " ".join(parts)


def _whole(found: dict[str, Any], key: str, unit: int) -> int | None:
    value = found.get(key)
    return None if value is None else int(value) // unit


def _wire(make: str, address: int | str) -> bytes:
    """A frame of pyMeterBus, which writes what it makes to whatever can be written to."""
    import meterbus

    frame = io.BytesIO()
    send: Callable[..., object] = getattr(meterbus, make)
    send(frame, address)
    return frame.getvalue()
