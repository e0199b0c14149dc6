"""Optical readouts, decoded, for a person: what `bench read PORT` prints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from drivers import native_registers
from drivers.mode_a_registers import Registers, registers
from drivers.mode_a_telegram import Telegram
from drivers.native_frames import Frame
from drivers.native_registers import IDENTITY_MEMORY, MemoryIdentity, TariffBlock
from drivers.optical_head import OpticalError, OpticalHead
from drivers.power_source import InstrumentError

_BLOCK_CHECKS = {
    "sum7": "7-bit sum",
    "xor": "exclusive or (IEC 61107)",
    "none": "none sent",
}


async def follow(
    url: str, say: Callable[[str], None], *, native: bool, raw: bool, watch: bool, repeat: bool = False
) -> None:
    """Read the meter under the head on `url` and say what it told; with `watch` again and again, until cancelled.

    With `repeat` a mode A telegram that cannot be used is asked for once more by NAK.
    Raises `OpticalError`. While watching, a meter that does not answer is said and asked again; a port that is gone is raised.
    """
    head = OpticalHead(url)
    await head.open()
    try:
        while True:
            try:
                say(await (_natively(head, raw) if native else _by_mode_a(head, raw, repeat=repeat)))
            except OpticalError as fault:
                if not watch or isinstance(fault, InstrumentError):
                    raise
                say(str(fault))
            if not watch:
                return
            say("")
    finally:
        await head.close()


async def _by_mode_a(head: OpticalHead, raw: bool, *, repeat: bool) -> str:
    telegram = (await head.read(repeat=repeat)).telegram
    return _escaped(telegram.raw) if raw else as_text(telegram)


async def _natively(head: OpticalHead, raw: bool) -> str:
    asked = native_registers.read_memory(*IDENTITY_MEMORY)
    memory = await head.ask(asked, lambda frame: native_registers.memory(asked, frame))
    block = await head.ask(native_registers.REGISTERS, native_registers.registers)
    tariffs = await head.ask(native_registers.TARIFFS, native_registers.tariffs)
    if raw:
        sent = (asked, native_registers.REGISTERS, native_registers.TARIFFS)
        return "\n".join(map(_exchanged, sent, (memory.raw, block.raw, tariffs.raw)))
    return native_as_text(native_registers.identity(memory.value), block.value, tariffs.value)


def _exchanged(request: Frame, answer: bytes) -> str:
    return f"{_escaped(request.encode('@'))}\n{_escaped(answer)}"


def _escaped(characters: bytes) -> str:
    """Printable characters as they are, each line end as `\\r\\n` and a new line."""
    text = characters.decode("latin-1").encode("unicode_escape").decode("ascii")
    return text.replace("\\r\\n", "\\r\\n\n")


def as_text(telegram: Telegram) -> str:
    """The telegram's registers, one a line, then what the telegram holds besides, as it was sent."""
    found = registers(telegram)
    tariffs = found.tariff_kwh or (None, None)
    rows = (
        ("type", telegram.type_text, ""),
        ("manufacturer", telegram.identification.manufacturer, ""),
        ("customer number", found.customer_number, ""),
        ("total", found.total_kwh, "kWh"),
        ("tariff 1", tariffs[0], "kWh"),
        ("tariff 2", tariffs[1], "kWh"),
        ("hours", found.hours, "h"),
        ("pulse input", found.pulse_input, ""),
        ("peak, this month", found.peak_kw, "kW"),
        ("peak, last month", found.last_peak_kw, "kW"),
        ("block check", _BLOCK_CHECKS[telegram.check], ""),
    )
    return "\n".join([*_lines(rows), "", "as sent:", *(f"  {each}" for each in telegram.data_sets)])


def native_as_text(memory: MemoryIdentity, found: Registers, tariffs: TariffBlock) -> str:
    """What the meter told natively, one value a line."""
    trip_kwh = None if found.trip_wh is None else f"{found.trip_wh / 1000:.2f}"
    return "\n".join(
        _lines(
            (
                ("type", memory.type_text, ""),
                ("meter constant", memory.constant, "imp/kWh"),
                ("production number", found.production_number, ""),
                ("customer number", found.customer_number, ""),
                ("total", found.total_kwh, "kWh"),
                ("tariff 1", tariffs.tariff_kwh[0], "kWh"),
                ("tariff 2", tariffs.tariff_kwh[1], "kWh"),
                ("active tariff", tariffs.active_tariff, ""),
                ("trip", trip_kwh, "kWh"),
                ("hours", found.hours, "h"),
                ("actual power", found.power_w, "W"),
                ("peak, this month", found.peak_w, "W"),
            )
        )
    )


def _lines(rows: Iterable[tuple[str, object, str]]) -> list[str]:
    return [f"{name:<18}{value} {unit}".rstrip() for name, value, unit in rows if value is not None]


def read_aloud(
    url: str,
    say: Callable[[str], None],
    *,
    native: bool = False,
    raw: bool = False,
    watch: bool = False,
    repeat: bool = False,
) -> None:
    """`follow`, until the end or until Ctrl-C, which is how a watch ends. Raises `OpticalError` with a sentence to act on."""
    try:
        asyncio.run(follow(url, say, native=native, raw=raw, watch=watch, repeat=repeat))
    except KeyboardInterrupt:
        if not watch:
            raise
