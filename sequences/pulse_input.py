"""The pulse input of a data/pulse module: closures of exact times, and what register 1.26 must have gained by the reference meter."""

from __future__ import annotations

from dataclasses import dataclass

from bench.input_expectation import Gain, expected_gain
from bench.measurements import Declared, noted, reads
from bench.module_ports import NotWired
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from reference_meter import InputMode, TypeNumber
from reference_meter.registers import SEVEN_DIGITS

Pattern = tuple[tuple[float, float], ...]
"""Seconds closed and seconds open, one after the other."""

TIMING_S = 0.002
"""How well the bench knows when the contact at the meter's terminals changes."""

_SOURCE = "data sheet, In/out functions: pulse input (R53, R54, R57)"
_NAME, _AGREES = "register", "agrees"
_READOUT_S = 10.0
"""A mode A readout of the whole register set, s."""

_BOUNCE: Pattern = ((0.004, 0.006),) * 3
"""As a contact bounces: too short in either mode, and so are the three together."""


def _bouncing(closed: float, opened: float) -> Pattern:
    """One closure that bounces when it begins and when it ends."""
    return (*_BOUNCE, (closed, 0.006), *_BOUNCE[1:], (0.004, opened))


def closures_made(mode: InputMode) -> Pattern:
    """What the contact of an input of this mode is made to do (data sheet, In/out functions; R53)."""
    if mode is InputMode.NORMAL:
        return (
            *_bouncing(1.2, 0.8),
            (0.8, 0.8),  # does not count: not longer than 1 s
            (1.2, 0.8),
            (1.2, 0.8),
        )
    return (
        *_bouncing(0.05, 0.05),
        (0.02, 0.05),  # does not count: shorter than 30 ms
        *((0.035, 1 / 16 - 0.035),) * 16,  # a second at the highest frequency, 16 Hz
    )


@dataclass(frozen=True)
class PulseInput(Step):
    """Closures that count, bounce, and closures too short to count. Rides along with the no-load test: the port is idle then.

    Closures faster than 16 Hz are not made: what a meter makes of them is not defined (R56).
    """

    @property
    def name(self) -> str:
        """Name in the record."""
        return "pulse-input"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Pulse input"

    def wired_to(self) -> tuple[str, ...]:
        """The contact at the pulse input."""
        return ("contact_pin",)

    def measurements(self) -> tuple[Declared, ...]:
        """The register against the closures."""
        return (reads(_NAME, _AGREES, _SOURCE), noted("gained"), noted("closures"))

    def duration(self) -> float:
        """Two readouts and the closures between."""
        return 2 * _READOUT_S + sum(closed + opened for closed, opened in self._pattern)

    async def run(self, at: Position) -> None:
        """Read, close and open, read again; a position without a contact is left out."""
        names = tuple(each.name for each in self.measurements())
        try:
            contact = at.terminals.pulse_input
        except NotWired as reason:
            at.leave_out(str(reason), *names)
            return
        _, before = await at.read_out()
        closures = await contact.play(self._pattern)
        _, after = await at.read_out()
        one, two = before.registers.pulse_input, after.registers.pulse_input
        at.record("closures", float(len(closures)))
        if one is None or two is None:
            return  # a telegram without the register: what was never measured fails
        gained = (two - one) % SEVEN_DIGITS
        expected = expected_gain(self.meter, self.profile.ordered, closures, TIMING_S)
        text = f"{gained} gained, {_in_words(expected)} expected"
        agrees = expected.fewest <= gained <= expected.most
        at.record("gained", float(gained))
        at.record(_NAME, _AGREES if agrees else text, note=text)

    @property
    def _pattern(self) -> Pattern:
        return closures_made(self.profile.ordered.input_mode)


def _in_words(gain: Gain) -> str:
    return f"{gain.fewest}" if gain.fewest == gain.most else f"{gain.fewest} to {gain.most}"


def pulse_input(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The step of the pulse input; none for a meter without one."""
    return [PulseInput(meter, profile)] if meter.ordered_module.pulse_input else []
