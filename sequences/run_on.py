"""Running on: a lone meter stays at the load that stands until shortly before its next pulse, so that a slower point need not wait for one.

It needs no contactor and no change of load of its own. Several meters have each a phase of their own: for them it does nothing.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

from bench.load_points import pulse_period
from bench.measurements import Declared, noted
from bench.position import Position
from bench.steps import LineStep, OutOfCircuit
from drivers.load import Load
from sequences.accuracy import Accuracy

_MARGIN_WH = 0.025
"""Of the watt-hour that is left: more than a meter inside class 2 is fast in one period."""
_SWITCHING_S = 0.15
"""The load that stands flows so much longer, while the next one is commanded and comes."""
_SETTLING_S = 2.2
"""Into a source's settling at the next load no pulse should fall: so long for the declared 2 s; longer where the profile says."""
_WORTH_S = 1.0
"""A mean saving below this is left alone."""
_RAN_ON = "ran on"


@dataclass(frozen=True)
class RunOn(LineStep):
    """From the last pulse of `after` nearly to the next one, at its load; `before` then finds its first pulse at once.

    Nothing rests on it: a source slower than assumed lets the pulse pass, and the point waits for the next one as ever.
    """

    after: Accuracy
    before: Accuracy

    @property
    def name(self) -> str:
        """For instance run-on-0.05ib."""
        return f"run-on{self.before.name.removeprefix('accuracy')}"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return f"Running on to {self.before.title.removeprefix('Accuracy ')}"

    @property
    def load(self) -> Load:
        """The load of the point before it: nothing settles."""
        return self.after.load

    def measurements(self) -> tuple[Declared, ...]:
        """How long."""
        return (noted(_RAN_ON, "s", "from the last pulse"),)

    def duration(self) -> float:
        """Most of a period."""
        return _seconds(self.after, self.before)

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:  # noqa: ARG002  # switches nothing
        """Let the time pass that the next pulse leaves."""
        if len(positions) > 1:
            for position in positions:
                position.leave_out("several meters have no common pulse to stop before", _RAN_ON)
            return
        (position,) = positions
        last = position.s0.pulses[-1].rise if position.s0.count else float("-inf")
        missing = last + self.duration() - asyncio.get_running_loop().time()
        if missing < 0.0:
            position.leave_out("no pulse was there to run on from", _RAN_ON)
            return
        await position.wait(missing)
        position.record(_RAN_ON, self.duration())


def with_runs_on(points: list[Accuracy]) -> list[Accuracy | RunOn]:
    """The points in their order, and a run on before each that is much slower than the one before it."""
    steps: list[Accuracy | RunOn] = [*points[:1]]
    for after, before in itertools.pairwise(points):
        if _is_worth_it(after, before):
            steps.append(RunOn(after.meter, after.profile, after, before))
        steps.append(before)
    return steps


def _seconds(after: Accuracy, before: Accuracy) -> float:
    """From the last pulse until the next load is commanded."""
    return (1.0 - _MARGIN_WH - _settling(before) / pulse_period(before.load)) * pulse_period(after.load) - _SWITCHING_S


def _is_worth_it(after: Accuracy, before: Accuracy) -> bool:
    """By the mean over all meters; never where a pulse takes hardly longer than switching a load."""
    if pulse_period(after.load) < 10 * _SWITCHING_S:
        return False
    waited = _MARGIN_WH * pulse_period(before.load) + _settling(before)
    return pulse_period(before.load) / 2 - waited - _seconds(after, before) > _WORTH_S


def _settling(before: Accuracy) -> float:
    return max(_SETTLING_S, before.profile.settle)
