"""ZERA meter test sources: the MT786 family ("zera"), and the FG30x generator with VU and VI amplifiers ("zera-fg30x").

Lines of ASCII that end with CR, on RS-232 (9600 8N2) or a TCP-to-serial converter; every command is acknowledged, and one that is
not understood is answered by silence. The FG30x leaves the S before a command and its acknowledgement away.

| command (MT786) | answer | meaning | source | proven on hardware |
| --- | --- | --- | --- | --- |
| `AAV` (FG: `TS`) | `<model>V<version>`, `AAVACK` (FG: `TS`, 8 characters, 4 characters) | who it is | S | no |
| `SFR50.00` | `SOKFR` | frequency in Hz | S | no |
| `SUPAER230.000000.00S230.000120.00T230.000240.00` | `SOKUP` | each phase R, S, T: V rms, then angle | S | no |
| `SIPAAR005.000060.00S...T...` | `SOKIP` | each phase: A rms, then angle | S | no |
| `SUIEEEPPPAAA` | `SOKUI` | voltages E on, currents P on, A off: what was set takes effect | S | no |
| `SUIAAAAAAAAA` | `SOKUI` | everything off | S | no |
| `SSM` (FG: `SM`) | `SSM` and hexadecimal digits, all 0: no fault | faults of the amplifiers | S | no |
| `AME0;1;...;28` | one line `<index>;<value>` an index, `AMEACK` | U 0–2, I 3–5, their angles 6–11, P 15–17, f 28 | S | no |
| `DS1` (FG only) | `OKDS` | no subtraction of DC | S | no |
| `AU`, `AI`, `BU`, `BI` (FG only) | `AUR16000S...T...`, `BU250.000` | 20 000 counts are the range | S | no |
| `AW` (FG only) | `AWR000.0005.0S...T...` | angle of U and I of each phase | S | no |
| `MP`, `AF` (FG only) | `MPR400.0;S...;T...;`, `AF50.00` | W of each phase, Hz | S | no |
| an answer that ends in `NAK` or holds `ER-`, `ERR-`, `ERROR` | | refused | S | no |

S: the vendor's own open source, github.com/ZeraGmbH/SourceMock (commit 002d887f): Provider/ZeraDevices/Server/Source,
MeterTestSystem, ReferenceMeter, Mocks; SerialPortProxy/Library (port, CR, NAK).

Angles are DIN: ours negated, 0 to 360, and the first voltage that is on is at 0 (LoadpointTranslator). So U_L2 is at 120, U_L3
at 240, and an inductive current at more than its voltage. Resolution: 1 mV, 1 mA, 0.01°, 0.01 Hz. The power is measured by the
station's own reference meter. The generator of an FG30x must know its amplifiers already (`ZP`, sent by ZERA's own software).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.answered_numbers import degrees, numbers, phasors, senseless, time_of
from drivers.dialect_source import DialectSource
from drivers.language import Language
from drivers.load import SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities, InstrumentError, Reading, SelfReported
from drivers.visa import Answer, VisaPort

MT786 = Capabilities(
    u_min=20.0,
    u_max=500.0,
    i_min=0.001,
    i_max=120.0,
    settle=4.0,
    ramp=1.0,
    readback_period=1.0,
    readback_latency=0.4,
    power_accuracy_percent=0.1,
)
"""Ranges: SourceMock, CapabilitiesMap.cs. Times and accuracy: unproven, to be replaced by the station's own. No watchdog known."""

FG30X = Capabilities(
    u_min=30.0,
    u_max=320.0,
    i_min=0.001,
    i_max=120.0,
    settle=5.0,
    ramp=1.0,
    readback_period=1.0,
    readback_latency=0.4,
    power_accuracy_percent=0.2,
    power_resolution_w=0.1,
)
"""With VU220/VU221 and VI220/VI221/VI222 (CapabilitiesMap.cs; a VI201 makes 160 A). The rest as for the MT786."""

_INDICES = (*range(12), 15, 16, 17, 28)
_COUNTS = 20_000.0
_PHASES = "RST"

_FAULTS = (
    (0, 0x8, "an amplifier has failed"),
    (0, 0x4, "a fuse has blown"),
    (0, 0x2, "voltage and current circuit are shorted"),
    (1, 0x8, "the emergency stop is pressed"),
    (1, 0x4, "the isolation has failed"),
    (1, 0x2, "an optical link is confused"),
    (1, 0x1, "the reference meter does not answer"),
)
"""Digit, bit and meaning (SourceMock, ErrorConditionParser.cs)."""

_AMPLIFIERS = {(0, 2): "I3", (0, 1): "I2", (1, 8): "I1", (1, 4): "U3", (1, 2): "U2", (1, 1): "U1"}
_AMPLIFIER_FAULTS = (
    "fault",
    "short or open circuit",
    "overtemperature",
    "no supply",
    "overload",
    "group fault",
    "not connected",
    "no data",
    "unknown fault",
)
"""In this order from the third digit on, two digits each."""


_AN_ANSWER_GOES_ON = re.compile(r"[A-Z0-9]+V[0-9.]+|\d+;[^;]*")
"""Model and version, or index and value."""


def _is_refusal(line: str) -> bool:
    return line.endswith("NAK") or "ER-" in line or "ERR-" in line or "ERROR" in line


def _ends_mt786_answer(question: str, line: str) -> bool:
    """What begins with A is answered in several lines, all else in one. A line that repeats the question is an echo.

    Rubbish ends an answer too: nobody waits for the end of what does not look like a beginning.
    """
    if line == question:
        return False
    return not (question.startswith("A") and _AN_ANSWER_GOES_ON.fullmatch(line))


MT786_LANGUAGE = Language(
    end="\r", who="AAV", is_last=_ends_mt786_answer, acknowledges=True, baud_rate=9600, stop_bits=2
)
"""How a `VisaPort` speaks to an MT786."""

FG30X_LANGUAGE = Language(
    end="\r", who="TS", is_last=lambda question, line: line != question, acknowledges=True, baud_rate=9600, stop_bits=2
)
"""How a `VisaPort` speaks to an FG30x."""


class ZeraSource(DialectSource):
    """A ZERA MT786 on a VISA port made with `MT786_LANGUAGE`; see the table above."""

    _prefix = "S"

    def __init__(self, port: VisaPort, capabilities: Capabilities = MT786) -> None:
        """`capabilities` are the station's."""
        super().__init__(port, capabilities)
        self._voltages = "AAA"

    @property
    def identity(self) -> str:
        """Maker, model and firmware; the instrument does not tell its serial number."""
        told = re.search(r"^(.+)V([^V\n]+)\nAAVACK$", self._port.identity, re.MULTILINE)
        return f"ZERA,{told[1].strip()},,{told[2].strip()}" if told else self._port.identity

    async def _measure(self) -> Reading:
        """Read what the station's own reference meter measures."""
        question = "AME" + ";".join(map(str, _INDICES))
        answer = await self._port.ask(question)
        lines = [line for line in answer.text.split("\n") if line != question]
        values = {}
        for line in lines[:-1]:
            index, _, value = line.partition(";")
            values[index] = value
        if lines[-1] != "AMEACK" or any(str(index) not in values for index in _INDICES):
            raise senseless(self._port, question, answer.text, f"values {_INDICES} and AMEACK expected")
        found = numbers(self._port, question, ";".join(values[str(index)] for index in _INDICES), ";", len(_INDICES))
        u, i, u_angles, i_angles, power = (found[k : k + 3] for k in range(0, 15, 3))
        return self._reading(answer, u, i, u_angles, i_angles, power, found[15])

    def _reading(
        self,
        answer: Answer,
        u: list[float],
        i: list[float],
        u_angles: list[float],
        i_angles: list[float],
        power: list[float],
        frequency: float,
    ) -> Reading:
        return Reading(
            time=time_of(answer, self._capabilities.readback_latency),
            u=phasors(u, [-angle for angle in u_angles]),
            i=phasors(i, [-angle for angle in i_angles]),
            power=(power[0], power[1], power[2]),
            frequency=frequency,
        )

    # ------------------------------------------------------------------ the dialect

    async def _greet(self) -> None:
        self._voltages = "AAA"

    async def _set(self, load: Load, was_on: bool) -> None:  # noqa: ARG002  # SSM says what went off, and why
        for line in self._load_lines(load):
            await self._send(line)
        # Until the switches are acknowledged and no amplifier has tripped, no voltage is known to be on: switching off
        # names those that stay on for a moment, and must not switch one on.
        self._voltages = "AAA"
        voltages = _switches(load.u, "E")
        await self._send(f"{self._prefix}UI{voltages}{_switches(load.i, 'P')}AAA")
        await self._check_errors()
        self._check_not_overtaken()
        self._voltages = voltages

    def _load_lines(self, load: Load) -> Sequence[str]:
        prefix = self._prefix
        reference = next((degrees(u) for u in load.u if u), 0.0)
        return (
            f"{prefix}FR{load.frequency:05.2f}",
            f"{prefix}UPAE{_amounts(load.u, reference)}",
            f"{prefix}IPAA{_amounts(load.i, reference)}",
        )

    def _off_lines(self) -> Sequence[str]:
        # Only voltages that this driver switched on may stay on for a moment: which others are, nothing can tell.
        lines = [f"{self._prefix}UI{self._voltages}AAAAAA"] if "E" in self._voltages else []
        self._voltages = "AAA"
        return [*lines, f"{self._prefix}UIAAAAAAAAA"]

    async def _forget_errors(self) -> None:
        """It has no error queue."""

    async def _send(self, line: str) -> None:
        self._check_not_overtaken()
        word = line.removeprefix(self._prefix)[:2]
        wanted = f"{self._prefix}OK{word}"
        answer = _last(await self._port.query(line))
        if _is_refusal(answer):
            raise InstrumentError(f"{self._name} refused {line!r}: {answer}")
        if answer != wanted:
            raise senseless(self._port, line, answer, f"{wanted!r} expected")

    async def _check_errors(self) -> None:
        question = f"{self._prefix}SM"
        answer = _last(await self._port.query(question))
        digits = re.fullmatch(f"{question}([0-9A-Fa-f]{{20,24}})", answer)
        if digits is None:
            raise senseless(self._port, question, answer, "20 to 24 hexadecimal digits expected")
        faults = _faults(digits[1])
        if faults:
            raise SelfReported(f"{self._name} reports {', '.join(faults)}; clear it at the instrument")


class ZeraGeneratorSource(ZeraSource):
    """A ZERA FG30x with its amplifiers on a VISA port made with `FG30X_LANGUAGE`; see the table above."""

    _prefix = ""

    def __init__(self, port: VisaPort, capabilities: Capabilities = FG30X) -> None:
        """`capabilities` are the station's: they depend on the amplifiers."""
        super().__init__(port, capabilities)

    @property
    def identity(self) -> str:
        """Maker, model and firmware; the instrument does not tell its serial number."""
        told = _last(self._port.identity)
        return f"ZERA,{told[2:10].strip()},,{told[10:].strip().lstrip('V')}"

    async def _measure(self) -> Reading:
        """Read what the station's own reference meter measures, with 0.1° and 0.1 W: a standard is better here."""
        u = await self._counts("AU", "BU")
        i = await self._counts("AI", "BI")
        answer = await self._port.ask("MP")
        power = self._fields("MP", _last(answer.text), r"MPR(.+);S(.+);T(.+);")
        angles = self._fields("AW", await self._query("AW"), r"AWR(.{5})(.{5})S(.{5})(.{5})T(.{5})(.{5})")
        (frequency,) = self._fields("AF", await self._query("AF"), r"AF(.+)")
        return self._reading(answer, u, i, angles[0::2], angles[1::2], power, frequency)

    async def _greet(self) -> None:
        await super()._greet()
        await self._send("DS1")

    async def _counts(self, counts: str, whole: str) -> list[float]:
        (of,) = self._fields(whole, await self._query(whole), f"{whole}(.+)")
        found = self._fields(counts, await self._query(counts), f"{counts}R(.+)S(.+)T(.+)")
        return [count * of / _COUNTS for count in found]

    async def _query(self, question: str) -> str:
        return _last(await self._port.query(question))

    def _fields(self, question: str, answer: str, pattern: str) -> list[float]:
        match = re.fullmatch(pattern, answer)
        if match is None:
            raise senseless(self._port, question, answer, "another form expected")
        return numbers(self._port, question, ";".join(match.groups()), ";", len(match.groups()))


def _last(text: str) -> str:
    """What remains when an echo is taken away."""
    return text.split("\n")[-1]


def _switches(values: Sequence[complex], on: str) -> str:
    return "".join(on if value else "A" for value in values)


def _amounts(values: Sequence[complex], reference: float) -> str:
    """`R230.000000.00S...T...`: rms value and DIN angle, 0 to 359.99, of each phase; `reference` in degrees is at 0."""
    text = ""
    for phase, value, place in zip(_PHASES, values, SYSTEM_ANGLES_DEG, strict=True):
        angle = degrees(value) - reference if value else place
        text += f"{phase}{abs(value):07.3f}{round(-angle % 360.0, 2) % 360.0:06.2f}"
    return text


def _faults(digits: str) -> list[str]:
    flags = [int(digit, 16) for digit in digits]
    found = [meaning for digit, bit, meaning in _FAULTS if flags[digit] & bit]
    for k, fault in enumerate(_AMPLIFIER_FAULTS):
        found += [f"{name}: {fault}" for (digit, bit), name in _AMPLIFIERS.items() if flags[2 + 2 * k + digit] & bit]
    return found
