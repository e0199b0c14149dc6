"""A position that is nothing but a place to stand: pulses at times a test names, readouts it hands over, a record to look into."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from bench.fixture import Snapshot
from bench.position import Position
from bench.prompt import Prompt
from bench.s0_channel import S0Channel
from bench.steps import OutOfCircuit, Step
from drivers.load import OFF, Load
from drivers.mode_a_registers import Registers
from drivers.s0 import Pulse, S0Input


def channel_of(rises: Sequence[float], width_s: float = 0.03) -> S0Channel:
    """An input that will hear pulses beginning at these loop times; each is told at its end."""
    told: list[Callable[[Pulse], None]] = []
    channel = S0Channel(cast(S0Input, SimpleNamespace(listen=told.append, anomalies=0, lost_edges=0)))
    loop = asyncio.get_running_loop()
    for rise in rises:
        pulse = Pulse(rise, rise + width_s)
        if pulse.fall <= loop.time():
            told[0](pulse)
        else:
            loop.call_at(pulse.fall, told[0], pulse)
    return channel


def read(at_s: float = 0.0, **registers: Any) -> Snapshot:
    """A readout asked for at this loop time and answered 0.2 s later, that tells these registers."""
    return Snapshot(at_s, at_s + 0.2, 0, 0, Registers(**registers))


Switched = list[tuple[frozenset[int], float]]
"""What was taken out of the current circuit, and the current that then flowed; 0 for the load of the step."""


def circuit(switched: Switched, possible: bool = True) -> OutOfCircuit:
    """Keeps what is switched."""

    async def switch(numbers: frozenset[int], load: Load | None = None) -> bool:
        switched.append((numbers, 0.0 if load is None else load.largest_current))
        return possible

    return cast(OutOfCircuit, switch)


class Standing:
    """Stands in for a `Position`; what a test does not set is not there."""

    number = 1
    serial = ""
    mute = False
    speaks_native = False
    s0_offset_ms = (0.0, 0.0)
    load_since = 0.0
    oracle: Any = None

    def __init__(
        self,
        s0: S0Channel | None = None,
        *,
        load: Load = OFF,
        readouts: Sequence[Snapshot] = (),
        natively: Sequence[Snapshot] = (),
        **more: Any,
    ) -> None:
        self.s0 = s0
        self.load = load
        self.snapshots: tuple[Snapshot, ...] = ()
        self._readouts, self._natively = list(readouts), list(natively)
        self.values: dict[str, Any] = {}
        self.uncertainties: dict[str, float | None] = {}
        self.notes: dict[str, str] = {}
        self.left_out: list[str] = []
        self.why = ""
        self.shown: list[float] = []
        self.earlier: dict[str, Any] = {}
        self.terminals: Any = SimpleNamespace(channels={}, button=None)
        for name, value in more.items():
            setattr(self, name, value)

    def explain(self) -> None:
        """Nothing to explain."""

    def show(self, progress: float) -> None:
        """Keep it."""
        self.shown.append(progress)

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def read_out(self) -> tuple[Any, Snapshot]:
        """The next readout in mode A."""
        snapshot = self._readouts.pop(0)
        self.snapshots += (snapshot,)
        return SimpleNamespace(type_text="685-381-OK-50", check="xor"), snapshot

    async def read_native(self) -> Snapshot:
        """The next native one."""
        snapshot = self._natively.pop(0)
        self.snapshots += (snapshot,)
        return snapshot

    def record(self, name: str, value: Any, uncertainty: float | None = None, note: str = "") -> None:
        """Keep it, once."""
        assert name not in self.values
        self.values[name], self.uncertainties[name], self.notes[name] = value, uncertainty, note

    def leave_out(self, why: str, *names: str) -> None:
        """Keep what and why."""
        self.left_out += names
        self.why += why

    async def runs(self, step: Step) -> Standing:
        """Run the step here."""
        await step.run(cast(Position, self))
        return self


def asked(simulated: Callable[..., Any], step: Step, *answers: str, **more: Any) -> tuple[Standing, list[Prompt]]:
    """The step run where a person answers so; what is seen then, and what was asked."""
    prompts: list[Prompt] = []

    async def main() -> Standing:
        seen = Standing(**more)
        told = iter(answers)

        async def ask(prompt: Prompt) -> str:
            prompts.append(prompt)
            return next(told)

        seen.ask = ask  # type: ignore[attr-defined]
        return await seen.runs(step)

    return simulated(main), prompts
