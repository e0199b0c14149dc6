"""AMETEK California Instruments iX, MX and Lx AC sources: a source of voltage only ("ametek").

SCPI over GPIB, RS-232, USB or LAN (raw socket 5025). It has no current circuit of its own: it is there for no-load and readout.

| command | meaning | source | proven on hardware |
| --- | --- | --- | --- |
| `INST:COUP ALL`, `NONE` | what follows goes to all phases, or to the selected one | S, L 4.20 | by S |
| `INST:NSEL <n>` | selects phase n = 1..3 | S, L 4.20 | by S |
| `VOLT <V>` | rms voltage | S | by S |
| `VOLT:RANG <V>` | range; changing it opens the output for a moment | I | no |
| `PHAS <deg>`, `PHAS?` | angle, positive ahead, −360 to 360; never coupled: after `*RST` 0, 240, 120 | L 4.20 | by S |
| `FREQ <Hz>`, `FREQ?` | frequency of all phases | S | by S |
| `OUTP ON`, `OFF`, `?` | output relay | S | by S |
| `MEAS:VOLT:AC?` | rms voltage at the terminals of the selected phase | Q 4.9 | no |
| `SYST:ERR?` | oldest error | S | by S |

L: Lx/Ls Series II Programming Manual, 7004-981. I: i/iX Series SCPI Programming Manual, 7000-982. Q: Sequoia Series manual
(easymanua.ls/ametek/sequoia-series/manual/895864?p=64). S: the SunSpec laboratory's gridsim_ametek.py
(github.com/sunspec/svp_energy_lab), whose word "by S" is and not this project's. No watchdog was found.

The angles read back are those set: no measured ones were found in the manuals. The current it measures is the burden of the
meters and no load; so current and power read back are zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.answered_numbers import decimal, degrees, numbers, phasors, time_of
from drivers.dialect_source import DialectSource
from drivers.load import SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities, Reading
from drivers.visa import VisaPort

AMETEK = Capabilities(
    u_max=300.0,
    separate_current=False,
    settle=2.0,
    ramp=0.4,
    readback_period=1.0,
    readback_latency=0.3,
    power_accuracy_percent=1.0,
)
"""Three phases in the 300 V range. Times are unproven."""


class AmetekSource(DialectSource):
    """An AC source on a VISA port; see the table above for its language."""

    def __init__(self, port: VisaPort, capabilities: Capabilities = AMETEK) -> None:
        """`capabilities` are the station's; `u_max` chooses the range."""
        super().__init__(port, capabilities)

    async def _measure(self) -> Reading:
        """Measure the voltages; angles are those set."""
        question = ";".join(
            [*(f":INST:NSEL {n};:MEAS:VOLT:AC?;:PHAS?" for n in self._phases), ":FREQ?"],
        )
        answer = await self._port.ask(question)
        found = numbers(self._port, question, answer.text, ";", 2 * len(self._phases) + 1)
        values = [*found[:-1], *[0.0] * (6 - 2 * len(self._phases))]
        return Reading(
            time=time_of(answer, self._capabilities.readback_latency),
            u=phasors(values[0::2], values[1::2]),
            i=(0j, 0j, 0j),
            power=(0.0, 0.0, 0.0),
            frequency=found[-1],
        )

    # ------------------------------------------------------------------ the dialect

    async def _greet(self) -> None:
        await super()._greet()
        # With the output off: a range that changes under load interrupts the voltage of all meters.
        await self._send(":OUTP OFF;:INST:COUP ALL;:VOLT 0")
        await self._send(f":INST:COUP ALL;:VOLT:RANG {decimal(self._capabilities.u_max)}")

    def _load_lines(self, load: Load) -> Sequence[str]:
        parts = [f":INST:COUP NONE;:FREQ {decimal(load.frequency)}"]
        for n in self._phases:
            u = load.u[n - 1]
            angle = degrees(u) if u else SYSTEM_ANGLES_DEG[n - 1]
            parts.append(f":INST:NSEL {n};:PHAS {decimal(angle % 360.0)};:VOLT {decimal(abs(u))}")
        return (";".join(parts),)

    def _off_lines(self) -> Sequence[str]:
        return (":INST:COUP ALL;:VOLT 0;:OUTP OFF",)
