"""Final read-out: the registers the meter leaves with, compared with the reference meter that saw the same load."""

from __future__ import annotations

from dataclasses import dataclass

from bench.fixture import Snapshot
from bench.load_points import voltage_only
from bench.measurements import Declared, noted, reads
from bench.oracle import Oracle
from bench.position import Position
from bench.steps import Step
from drivers.load import Load
from reference_meter.registers import TRIP_WRAPS_AT_WH
from sequences.register_rate import TRIP_QUANTUM_WH
from sequences.sign_on import MODE_A_ALONE

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
            reads(
                "native registers",
                "agree",
                "reference meter and mode A, each register by its resolution (R20, R23, R25, R51)",
            ),
            noted("total", "kWh"),
            noted("hours", "h"),
        )

    def duration(self) -> float:
        """One readout in mode A and one on the native protocol."""
        return 10.0

    async def run(self, at: Position) -> None:
        """Read and compare."""
        at.explain()
        _, snapshot = await at.read_out()
        first = next((each for each in at.snapshots if each.registers.trip_wh is not None), None)
        natively = None if first is None else (first, await at.read_native())
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
        if natively is None:
            at.leave_out(MODE_A_ALONE, "native registers")
        else:
            odd = disagreements(*natively, registers.total_kwh, oracle.pulses, allowance_wh(oracle))
            at.record("native registers", "agree" if not odd else "; ".join(odd))
        at.record("total", float(registers.total_kwh))
        at.record("hours", float(registers.hours or 0))


def disagreements(first: Snapshot, last: Snapshot, total_kwh: int, watt_hours: int, allowance_wh: float) -> list[str]:
    """Every native register that is not what `watt_hours` since the `first` readout, on voltage alone since, can have made of it."""
    before, now = first.registers, last.registers
    odd = []
    if now.total_kwh != total_kwh:
        odd.append(f"total {now.total_kwh} kWh, mode A told {total_kwh} kWh")
    trip = ((now.trip_wh or 0) - (before.trip_wh or 0)) % TRIP_WRAPS_AT_WH
    if abs(trip - watt_hours) > allowance_wh + TRIP_QUANTUM_WH:
        odd.append(f"trip gained {trip} Wh, {watt_hours} Wh passed")
    if now.power_w != 0:
        odd.append(f"power {now.power_w} W without current")
    elapsed_h = (last.latest - first.earliest) / 3600.0
    hours = (now.hours or 0) - (before.hours or 0)
    if not 0 <= hours <= elapsed_h + 1.0:
        odd.append(f"{hours} h gained in {elapsed_h:.2f} h")
    # No quarter of an hour holds more than all the energy of the run.
    least_w = before.peak_w or 0
    most_w = max(least_w, 4.0 * (watt_hours + allowance_wh) + 1.0)
    if not least_w <= (now.peak_w or 0) <= most_w:
        odd.append(f"peak {now.peak_w} W, {before.peak_w} to {most_w:.0f} W possible")
    return odd
