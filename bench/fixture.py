"""A fixture is what stands at one position while the line is open: S0 input, optical head, bypass, and what is known of the meter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.module_ports import ModulePorts
from bench.s0_channel import S0Channel
from bench.station import PositionDescription
from bench.terminals import Terminals

if TYPE_CHECKING:
    from bench.oracle import Oracle
    from drivers.bypass import Bypass
    from drivers.mode_a_registers import Registers
    from drivers.optical_head import OpticalHead
    from drivers.s0 import S0Input


@dataclass(frozen=True)
class Snapshot:
    """The registers of one readout, and how many S0 pulses had been counted when the meter took them (R86)."""

    earliest: float
    """Loop time at which the meter had the whole request."""
    latest: float
    """Loop time at which its answer began."""
    fewest_pulses: int
    """Pulses counted at `earliest`."""
    most_pulses: int
    """Pulses counted at `latest`."""
    registers: Registers


@dataclass
class Fixture:
    """One position of the opened line, and what the run has learned of the meter in it."""

    description: PositionDescription
    s0_input: S0Input
    s0: S0Channel
    head: OpticalHead
    bypass: Bypass | None
    module: ModulePorts
    terminals: Terminals
    serial: str = ""
    snapshots: list[Snapshot] = field(default_factory=list)
    """Every readout of the run so far."""
    speaks_native: bool = False
    """Whether this meter has answered a native request in this run."""
    mute_at: int | None = None
    """How many pulses had come when a step last waited in vain for one; None while none has."""
    oracle: Oracle | None = None
    """The reference meter, from the first readout onward."""

    def begin(self, serial: str) -> None:
        """A new run begins: forget what the last one learned."""
        self.serial = serial
        self.snapshots = []
        self.speaks_native = False
        self.mute_at = None
        self.oracle = None
        self.s0.restart()
        self.terminals.begin()
        if self.bypass is not None:
            self.bypass.put_in()
        if self.module.relay is not None:
            self.module.relay.select(1)

    @property
    def number(self) -> int:
        """Position, from 1."""
        return self.description.number
