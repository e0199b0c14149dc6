"""Register 1: the energy path from the measuring circuits to whole watt-hours, exact to the µW·ns and in closed form.

Data sheet, Calculation: "A measuring circuit from each phase sends pulses to the microprocessor, which accumulates the
pulses in an energy register." R1, R2, R8, R9.
"""

from __future__ import annotations

from reference_meter.assumptions import Assumptions
from reference_meter.power import NEVER, WATT_HOUR, Power
from reference_meter.registers import Registers


class EnergyPath:
    """Accumulates power into watt-hours. Remainders stay whatever the load does."""

    def __init__(self, phase_count: int, assumptions: Assumptions, saved: Registers) -> None:
        self.phase_count = phase_count
        """Measuring circuits."""
        self._assumptions = assumptions
        self._quantum = assumptions.phase_quantum
        self._two_circuits = assumptions.without_neutral == "two_circuits"
        self._signed = self._two_circuits or assumptions.reverse == "net"
        if self._quantum and self._signed:
            raise ValueError("phase pulses carry no sign: a phase quantum cannot be combined with signed phases")
        self.power_uw = 0
        """Power that is counted now, all phases, µW."""
        self.phase_uw = (0, 0, 0)
        """Power that is counted now on each phase, µW."""
        self._square = self._quantum or assumptions.square_energy
        self.load(saved)

    def load(self, saved: Registers) -> None:
        """Go on from these remainders."""
        self.remainder = saved.remainder
        """Energy in register 1 since the last whole watt-hour, µW·ns."""
        self.phase_remainders = list(saved.phase_remainders)
        """Energy of each phase since its last phase pulse, µW·ns; all 0 without a quantum."""
        self._shown = list(
            saved.phase_remainders
        )  # energy of each phase up to the last change of power, for the squares
        self._since_change_ns = 0
        self._first_offset: int | None = None
        """Nanoseconds to the next watt-hour; None until somebody asks. Who foresees a pulse asks, and so does the pulse when it comes."""

    def apply(self, power: Power) -> None:
        """From now on the circuits see `power`."""
        self._shown = self._phase_energy()
        self._since_change_ns = 0
        self.power_uw, self.phase_uw = self.counted(power)
        self._first_offset = None

    def counted(self, power: Power) -> tuple[int, tuple[int, int, int]]:
        """What of `power` is counted, all phases together and each, in µW (R8, R9)."""
        count = self.phase_count
        a, b, c = power.microwatts
        if count < 3:
            c = 0
            if count < 2:
                b = 0
        if self._two_circuits:
            b = 0
        elif self._assumptions.reverse == "absolute":
            a, b, c = abs(a), abs(b), abs(c)
        total = a + b + c
        if a < 0 or b < 0 or c < 0:
            a, b, c = max(a, 0), max(b, 0), max(c, 0)
            total = max(total, 0) if self._signed else a + b + c
        if total < self._assumptions.starting_power_uw:
            return 0, (0, 0, 0)
        return total, (a, b, c)

    def watt_hours_in(self, energy: int) -> int:
        """How many watt-hours are complete once `energy`, µW·ns, has reached register 1."""
        return (self.remainder + energy) // WATT_HOUR

    def energy_in(self, duration_ns: int) -> int:
        """Energy that reaches register 1 in the next `duration_ns`, µW·ns."""
        if not self._quantum:
            return self.power_uw * duration_ns
        a, b, c = self._phase_pulses_in(duration_ns)
        return self._quantum * (a + b + c)

    def offsets(self, count: int) -> list[int]:
        """Nanoseconds from now until each of the next `count` watt-hours: the first whole ns with the energy reached."""
        if self._quantum:
            return [self.offset(number) for number in range(1, count + 1)]
        power = self.power_uw
        first = self.remainder - WATT_HOUR
        # −(x // p) rounds up, and x runs down by 1 Wh at a time: one division a pulse.
        return [-(short // power) for short in range(first, first - count * WATT_HOUR, -WATT_HOUR)]

    def offset(self, number: int) -> int:
        """Nanoseconds from now until watt-hour `number`, counted from 1; the power must not be 0."""
        if number == 1 and self._first_offset is not None:
            return self._first_offset
        missing = number * WATT_HOUR - self.remainder
        if self._quantum:
            wait = self._offset_of_phase_pulse(-(-missing // self._quantum))
        else:
            wait = -(-missing // self.power_uw)
        if number == 1:
            self._first_offset = wait
        return wait

    def next_watt_hour(self, power: Power) -> int | None:
        """Nanoseconds until the next watt-hour if the circuits saw `power` from now on; None when it never comes."""
        kept = self.power_uw, self.phase_uw, self._first_offset
        counted = self.counted(power)
        if counted == kept[:2]:
            return self.offset(1) if self.power_uw else None
        self.power_uw, self.phase_uw = counted
        self._first_offset = None
        wait = self.offset(1) if self.power_uw else None
        self.power_uw, self.phase_uw, self._first_offset = kept
        return wait

    def take(self, duration_ns: int, energy: int) -> None:
        """Let `duration_ns` pass, in which `energy` reaches register 1."""
        self._since_change_ns += duration_ns
        self._first_offset = None
        self.remainder = (self.remainder + energy) % WATT_HOUR
        if self._quantum:
            left_a, left_b, left_c = self.phase_remainders
            a, b, c = self.phase_uw
            self.phase_remainders = [
                (left_a + a * duration_ns) % self._quantum,
                (left_b + b * duration_ns) % self._quantum,
                (left_c + c * duration_ns) % self._quantum,
            ]

    @property
    def squares(self) -> tuple[bool, bool, bool]:
        """The three squares of the display: each changes at a fixed energy of its phase (R48)."""
        a, b, c = (energy // self._square % 2 == 1 for energy in self._phase_energy())
        return a, b, c

    def _phase_energy(self) -> list[int]:
        return [shown + uw * self._since_change_ns for shown, uw in zip(self._shown, self.phase_uw, strict=True)]

    def _phase_pulses_in(self, duration_ns: int) -> tuple[int, int, int]:
        left_a, left_b, left_c = self.phase_remainders
        a, b, c = self.phase_uw
        quantum = self._quantum
        return (
            (left_a + a * duration_ns) // quantum,
            (left_b + b * duration_ns) // quantum,
            (left_c + c * duration_ns) // quantum,
        )

    def _offset_of_phase_pulse(self, number: int) -> int:
        """Nanoseconds until phase pulse `number`, all phases merged.

        The phases hold back less than one quantum each, so the time at which the energy alone would do is at most two
        pulses early; from there the next pulses are walked.
        """
        quantum = self._quantum
        left_a, left_b, left_c = self.phase_remainders
        a, b, c = self.phase_uw
        at = max(0, -((left_a + left_b + left_c - number * quantum) // self.power_uw))
        while True:
            in_a, in_b, in_c = left_a + a * at, left_b + b * at, left_c + c * at
            if in_a // quantum + in_b // quantum + in_c // quantum >= number:
                return at
            # −(x // p) rounds up: nanoseconds until each phase has the rest of its quantum.
            at += min(
                -((in_a % quantum - quantum) // a) if a else NEVER,
                -((in_b % quantum - quantum) // b) if b else NEVER,
                -((in_c % quantum - quantum) // c) if c else NEVER,
            )
