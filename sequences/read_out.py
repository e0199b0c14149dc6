"""Final read-out: the registers the meter leaves with, compared with the reference meter that saw the same load."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load_points import voltage_only
from bench.measurements import Declared, noted, reads
from bench.oracle import Oracle
from bench.position import Position
from bench.steps import Step
from drivers.load import Load

_ALLOWANCE_WH = 20.0
"""What the readings around a change of load, and the starting and no-load tests, may leave open, Wh."""

_ALLOWANCE_SHARE = 0.03
"""A meter inside its error limits may differ so much of the energy that passed (IEC 62053-21:2003, 8.1, the widest limit)."""

_ALLOWANCE_PULSES = 3
"""One pulse of remainder at either end (R83), and what passes while a load changes."""

_SOURCE = "reference meter fed with the load as measured (R82, R83)"


def allowance_wh(oracle: Oracle) -> float:
    """How far a good meter may be from the reference meter by now, Wh."""
    return _ALLOWANCE_WH + _ALLOWANCE_SHARE * oracle.pulses


@dataclass(frozen=True)
class FinalReadOut(Step):
    """Read the optical port on voltage alone and compare every register with the reference meter (R82–R85)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "read-out"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Final read-out"

    @property
    def load(self) -> Load:
        """Un, no current."""
        return voltage_only(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """The registers against the reference meter, and the baseline the meter leaves with."""
        return (
            reads("total vs reference meter", "agrees", _SOURCE),
            reads(
                "tariff registers",
                "agree",
                "exactly one tariff register counts with the total, T1 where none was switched (R15, R17)",
            ),
            reads("pulses vs ref. meter", "agree", _SOURCE),
            noted("total", "kWh"),
            noted("hours", "h"),
        )

    def duration(self) -> float:
        """One readout."""
        return 10.0

    async def run(self, at: Position) -> None:
        """Read and compare."""
        _, snapshot = await at.read_out()
        registers, oracle = snapshot.registers, at.oracle
        if oracle is None or registers.total_kwh is None:
            return  # never read before: the declared measurements stay unset and fail
        expected = oracle.expectation(allowance_wh(oracle))
        fits = expected.contains(registers.total_kwh)
        text = f"{registers.total_kwh} kWh, {expected.lowest_kwh} to {expected.highest_kwh} expected"
        at.record("total vs reference meter", "agrees" if fits else text, note=text)
        tariffs_agree = registers.tariff_kwh is None or oracle.tariffs_agree(registers.total_kwh, registers.tariff_kwh)
        at.record("tariff registers", "agree" if tariffs_agree else "disagree")
        since = at.s0.count - at.snapshots[0].fewest_pulses
        apart = since - oracle.pulses
        agree = abs(apart) <= _ALLOWANCE_PULSES + _ALLOWANCE_SHARE * oracle.pulses
        text = f"{since} counted, {oracle.pulses} by the reference meter"
        at.record("pulses vs ref. meter", "agree" if agree else text, note=text)
        at.record("total", float(registers.total_kwh))
        at.record("hours", float(registers.hours or 0))
