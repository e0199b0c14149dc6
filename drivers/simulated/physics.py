"""What is physical about one simulated meter: how far its measuring circuits, its pulse output and its ports are from ideal.

Drawn from a seed as a production would scatter, then changed by faults. The bench never sees these figures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from reference_meter import Configuration, TypeNumber

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


def draw(meter: TypeNumber, rng: random.Random) -> MeterPhysics:
    """A good meter of this type."""
    common = rng.gauss(0.05, GAIN_SCATTER_PERCENT)
    return MeterPhysics(
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
