"""What is physical about one simulated meter: how far its measuring circuits, its pulse output and its ports are from ideal.

Drawn from a seed as a production would scatter, then changed by faults. The bench never sees these figures.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Literal

from drivers.simulated.circumstances import Circumstances, Where
from drivers.simulated.influences import Influences, draw_influences
from drivers.simulated.odd_logic import OddLogic
from reference_meter import Configuration, TypeNumber

OpticalFlaw = Literal["", "garbled", "parity", "block-check", "cut-off", "native-check"]

GAIN_SCATTER_PERCENT = 0.15
"""Standard deviation of a good production's common error; far inside class 1."""


@dataclass
class MeterPhysics:
    """One meter as it left the production. Faults change it before the line is built."""

    meter: TypeNumber
    """What the meter really is, and says it is."""
    gain_percent: list[float]
    """Error of each measuring circuit, %."""
    phase_error_mrad: list[float]
    """Phase error of each measuring circuit, mrad, positive where the current seems to lag more."""
    total_kwh: int
    watt_hours: int
    """Register 2 when the run begins (R4)."""
    customer_number: int
    quantum_wh: float = 0.001
    """Energy of one phase pulse (R1)."""
    phase_remainders: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """What each phase has gathered towards its next phase pulse when the run begins, as a share of the quantum, below 1."""
    unfiltered: float = 0.0
    """Share of the double-frequency swing of the power that its measuring circuits let through: 0 none, 1 all, as u·i itself swings."""
    starting_w: float = 0.0
    """Below this power, all phases together, nothing is registered (R9)."""
    creep_w: float = 0.0
    """Power that is registered with voltage on and no current."""
    width_ms: float = 30.0
    width_jitter_ms: float = 0.02
    edge_delay_s: float = 0.001
    """From the watt-hour to the edge of the opto-coupler."""
    edge_jitter_s: float = 20e-6
    reaction_s: float = 0.2
    """From the request to the answer of the optical port (IEC 62056-21: 0.2 to 1.5 s)."""
    start_up_s: float = 1.0
    """From voltage to function (IEC 62053-21: at most 5 s)."""
    memory_lost_kwh: int = 0
    """So far the registers fall back when the voltage goes, kWh."""
    lost_every: int = 0
    """Every so many pulses one does not come out; 0 for none."""
    doubled_every: int = 0
    """Every so many pulses one comes out twice; 0 for none."""
    optical_silent: bool = False
    speaks_native: bool = True
    """Answers native requests too; a 382 of a later generation does not."""
    production_number: int = 0
    """Eight decimal digits, four bits each, as the captured meter seems to keep it."""
    module_fault: str = ""
    """What is wrong with the module, by the name of the fault; empty for nothing."""
    module_off_kwh: int = 0
    """What the module adds to the total it tells, kWh."""
    register_slip: float = 0.0
    """The kWh registers take this share more pulses than 1000 for a kWh."""
    trip_slip: float = 0.0
    """The same of the trip counter, which only the native protocol tells."""
    memory: dict[int, bytes] = field(default_factory=dict)
    """What stands in the memory from an address on and does not belong there."""
    configuration_stuck: bool = False
    """Takes a configuration and keeps the one it has."""
    dead_segments: tuple[tuple[int, str], ...] = ()
    """Segments of the display that never light: digit from 1 at the left, and letter a to g."""
    printed_type: str = ""
    """Type number on the label; empty where it is the meter's own."""
    printed_number: str = ""
    """Number on the label; empty where it is the meter's own."""
    seals_whole: bool = True
    configuration: Configuration = field(default_factory=Configuration)
    """As it was ordered; the meter number is `customer_number`."""
    diode_dead: bool = False
    dark_every: int = 0
    """Every so many S0 pulses the diode stays dark; 0 for none."""
    diode_delay_s: float = 0.0
    """From the edge of the S0 output to that of the scanning head."""
    output_2_dead: bool = False
    output_2_stretch: float = 1.0
    """Width of the pulses on output 2 over the nominal one."""
    key_dead: bool = False
    """The arrow key does nothing."""
    input_deaf: bool = False
    """The pulse input counts nothing."""
    input_counts_bounce: bool = False
    """The pulse input counts closures of a few milliseconds too."""
    input_factor: int = 1
    """Register 1.26 gains so many for each closure."""
    gains_where: list[tuple[Where, tuple[float, float, float]]] = field(default_factory=list)
    """More error of each measuring circuit, %, while a condition holds."""
    saturation_percent: list[float] = field(default_factory=lambda: [0.0] * 3)
    """Error of each measuring circuit at Imax, %, that grows with the fourth power of its current: a core that saturates."""
    reversed_phase: int | None = None
    """Index of the measuring circuit whose current is connected the wrong way round."""
    open_voltage_link: int | None = None
    """Index of the phase whose voltage does not reach the measuring circuit."""
    creeps_where: list[tuple[Where, float]] = field(default_factory=list)
    """Power that is registered without current while a condition holds, W."""
    tires_after_s: float = math.inf
    """Below twice the starting power it registers only so long after a change of load, s."""
    s0_rate: float = 1.0
    """S0 pulses to one that is right; the registers count right."""
    dies_after: int | None = None
    """The S0 output gives so many pulses and then none."""
    lost_where: Where | None = None
    """While this holds, `lost_every` counts; None for always."""
    doubled_where: Where | None = None
    """The same for `doubled_every`."""
    widths_where: list[tuple[Where, float]] = field(default_factory=list)
    """Width of the S0 pulses while a condition holds, ms."""
    odd_width: tuple[int, float] | None = None
    """Every so many S0 pulses one lasts so long, ms."""
    bounce_ms: float = 0.0
    """Each S0 pulse is followed by another of this width."""
    output_2_every: int = 1
    """Pulse output 2 gives one pulse where so many are due."""
    output_2_doubled: bool = False
    """Each pulse on output 2 comes twice."""
    total_stuck: bool = False
    """The kWh registers never step."""
    tariff_fault: Literal["", "stands", "both", "other"] = ""
    """Tariff 1 does not count, tariff 2 counts as well, or tariff 2 counts instead."""
    native_off_kwh: int = 0
    """What the native protocol adds to the total, kWh."""
    power_told: float = 1.0
    """Actual power as it is told over the one that is."""
    power_residue_w: int = 0
    """Actual power that is told where there is none, and added where there is, W."""
    hours_rate: int = 1
    """Hours that the hour counter gains in one."""
    peak_leap_w: int = 0
    """By how much the peak register leaps in mid-run, W."""
    told_type: str = ""
    """Type number in the telegram; empty where it is the meter's own."""
    untold: tuple[str, ...] = ()
    """EDIS codes that the telegram lacks."""
    optical_flaw: OpticalFlaw = ""
    """What is wrong with the light of the optical port."""
    stuck_segments: tuple[tuple[int, str], ...] = ()
    """Segments of the display that always light: digit from 1 at the left, and letter a to g."""
    display_dark: bool = False
    """Nothing of the display lights."""
    shown_off_kwh: int = 0
    """What the display adds to the total, kWh."""
    shown_decimals: int = 0
    """Digits behind the decimal point of the total; 0 is right."""
    shown_unit: str = ""
    """Unit the total is shown with; empty where it is right."""
    dark_phase: int | None = None
    """Index of the phase whose indicator never lights."""
    printed_constant: int | None = None
    """Constant on the label, imp/kWh; None where it is the meter's own."""
    influences: Influences = field(default_factory=Influences)
    odd_logic: OddLogic | None = None
    """Hours and peak as a faulty processor makes them; None for those of the data sheet."""

    def gain_of(self, k: int, current: float, now: Circumstances) -> float:
        """Error of measuring circuit `k` at `current` amperes, %."""
        error = self.gain_percent[k] + self.saturation_percent[k] * (current / self.meter.i_max) ** 4
        for where, percent in self.gains_where:
            error += percent[k] * where.holds(now)
        return error

    def starting_at(self, now: Circumstances) -> float:
        """Below this power nothing is registered, W."""
        tired = now.steady_s > self.tires_after_s
        return max(self.starting_w, 2e-6 * self.meter.starting_power_uw if tired else 0.0)

    def creep_at(self, now: Circumstances) -> float:
        """Power that is registered without current, W."""
        return self.creep_w + sum(watts for where, watts in self.creeps_where if where.holds(now))

    def width_at(self, now: Circumstances, pulse: int) -> float:
        """Nominal width of the S0 pulse with this number, ms."""
        if self.odd_width is not None and pulse % self.odd_width[0] == 0:
            return self.odd_width[1]
        for where, width in self.widths_where:
            if where.holds(now):
                return width
        return self.width_ms

    def loses(self, now: Circumstances, pulse: int) -> bool:
        """Whether the S0 pulse with this number does not come out."""
        if self.dies_after is not None and pulse > self.dies_after:
            return True
        return bool(self.lost_every) and _hits(self.lost_every, self.lost_where, pulse, now)

    def doubles(self, now: Circumstances, pulse: int) -> bool:
        """Whether the S0 pulse with this number comes out twice."""
        return bool(self.doubled_every) and _hits(self.doubled_every, self.doubled_where, pulse, now)


def _hits(every: int, where: Where | None, pulse: int, now: Circumstances) -> bool:
    return pulse % every == 0 and (where is None or where.holds(now))


def draw(meter: TypeNumber, rng: random.Random) -> MeterPhysics:
    """A good meter of this type."""
    common = rng.gauss(0.05, GAIN_SCATTER_PERCENT)
    physics = MeterPhysics(
        meter=meter,
        gain_percent=[common + rng.gauss(0.0, 0.05) for _ in range(3)],
        phase_error_mrad=[rng.gauss(0.0, 0.3) for _ in range(3)],
        total_kwh=rng.randrange(0, 40),
        watt_hours=rng.randrange(0, 1000),
        customer_number=rng.randrange(10_000_000, 100_000_000),
        starting_w=meter.starting_power_uw * 1e-6 * rng.uniform(0.3, 0.6),
        width_ms=rng.gauss(30.0, 0.15),
        edge_delay_s=rng.uniform(0.8e-3, 1.2e-3),
        reaction_s=rng.uniform(0.2, 0.4),
        production_number=int(f"{rng.randrange(10_000_000, 100_000_000)}", 16),
        diode_delay_s=rng.uniform(50e-6, 400e-6),
        output_2_stretch=rng.gauss(1.0, 0.005),
    )
    # From a stream of their own: who adds a property here changes no other figure of a seed.
    physics.influences = draw_influences(random.Random(physics.customer_number))
    return physics
