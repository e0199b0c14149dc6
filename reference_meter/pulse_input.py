"""The contact input: which closures count, and how many units a pulse is worth. R53 to R58, R62.

Data sheet, In/out functions: "Normal (≤ 0.5 Hz): pulse duration > 1 s. Quick (≤ 16 Hz): pulse duration ≥ 30 ms."
"""

from __future__ import annotations

from reference_meter.configuration import Configuration, InputMode
from reference_meter.power import NEVER, SECOND
from reference_meter.registers import SEVEN_DIGITS, Registers

LEAST_CLOSURE = {InputMode.NORMAL: SECOND + 1, InputMode.QUICK: 30_000_000}
"""How long the contact must have been closed to count, ns: longer than 1 s, or 30 ms and longer (R53)."""


class PulseInput:
    """A closure counts once, in the moment it has lasted long enough (R54)."""

    def __init__(self, configuration: Configuration, saved: Registers, bounce_ns: int) -> None:
        self._bounce_ns = bounce_ns
        self.closed = False
        """Whether the contact is closed now."""
        self._closed_since = 0
        self._opened_at = -bounce_ns
        self._counted = True
        self.deadline_ns = NEVER
        """Time at which the present closure counts."""
        self.configure(configuration)
        self.load(saved)

    def configure(self, configuration: Configuration) -> None:
        """Take over mode and constant; the register stays as it is (R66)."""
        self._least_ns = LEAST_CLOSURE[configuration.input_mode]
        self._thousandths = int(configuration.pulse_constant * 1000)  # of a pulse, for one unit: exact by configuration

    def load(self, saved: Registers) -> None:
        """Go on from these registers."""
        self.units = saved.pulse_input
        """The register, in the configured unit."""
        self.carry = saved.pulse_input_carry
        """Pulses short of a whole unit, in thousandths of a pulse."""

    def close(self, now_ns: int, looked_at: bool = True) -> None:
        """The contact closes. After an opening shorter than the bounce the old closure goes on (R55)."""
        if self.closed:
            return
        self.closed = True
        if not looked_at:
            return
        if now_ns - self._opened_at >= self._bounce_ns:
            self._closed_since = now_ns
            self._counted = False
        if not self._counted:
            self.deadline_ns = max(now_ns, self._closed_since + self._least_ns)

    def open(self, now_ns: int) -> None:
        """The contact opens."""
        if self.closed:
            self.closed = False
            self._opened_at = now_ns
            self.deadline_ns = NEVER

    def count(self) -> int:
        """The closure has lasted long enough: one pulse (R57). Returns the register."""
        self._counted = True
        self.deadline_ns = NEVER
        more, self.carry = divmod(self.carry + 1000, self._thousandths)
        self.units = (self.units + more) % SEVEN_DIGITS
        return self.units

    def stop(self) -> None:
        """Nothing looks at the contact any more: the supply failed or the module is taken out."""
        self.deadline_ns = NEVER

    def restart(self, now_ns: int) -> None:
        """The contact is looked at again: a closure begins now if it is closed."""
        self._opened_at = now_ns - self._bounce_ns
        if self.closed:
            self.closed = False
            self.close(now_ns)
