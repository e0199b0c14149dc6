"""What a step sees of the world: its position's pulses, optical port, error calculator and record, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bench.error_calculator import ErrorCalculator
from bench.fixture import Fixture, Snapshot
from bench.measurements import Declared
from bench.oracle import Oracle
from bench.prompt import Prompt, Sight
from bench.record import Edges, Measurement, Outcome, Telegram, Value
from bench.record import Prompt as PromptRecord
from bench.reference_energy import ReferenceEnergy
from bench.s0_channel import S0Channel
from bench.verdict import Verdict
from drivers.load import Load
from drivers.mode_a_registers import registers
from drivers.mode_a_telegram import Telegram as ModeATelegram
from reference_meter import TypeNumber

if TYPE_CHECKING:
    from bench.prompt_desk import Answered

_NS = 1_000_000_000


class Position:
    """One position during one step. The runner makes it, the step uses it, the outcome goes into the record."""

    def __init__(
        self,
        fixture: Fixture,
        meter: TypeNumber,
        declared: tuple[Declared, ...],
        energy: ReferenceEnergy,
        load: Load,
        reference_percent: float,
        opened: float,
        edges_since: float | None,
        show: Callable[[float | None, float], None],
        ask: Callable[[Prompt], Awaitable[Answered]],
    ) -> None:
        self._fixture = fixture
        self._declared = {each.name: each for each in declared}
        self._values: dict[str, tuple[Value, float | None, str]] = {}
        self._telegrams: list[Telegram] = []
        self._prompts: list[PromptRecord] = []
        self._opened = opened
        self._edges_since = edges_since
        self._anomalies = fixture.s0.anomalies
        self._show = show
        self._ask = ask
        self.meter = meter
        """The type that the plan was made for."""
        self.load = load
        """The load that stands."""
        self.energy = energy
        self.errors = ErrorCalculator(fixture.s0, energy, fixture.description, reference_percent, show)

    @property
    def number(self) -> int:
        """Position, from 1."""
        return self._fixture.number

    @property
    def serial(self) -> str:
        """Serial number as scanned; empty when nobody gave one."""
        return self._fixture.serial

    @property
    def s0(self) -> S0Channel:
        """The S0 pulses."""
        return self._fixture.s0

    @property
    def s0_offset_ms(self) -> tuple[float, float]:
        """What the fixture adds to a pulse width, and the standard uncertainty of the corrected width, ms."""
        return self._fixture.description.s0_offset_ms, self._fixture.description.s0_offset_uncertainty_ms

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every readout of this meter in this run."""
        return tuple(self._fixture.snapshots)

    @property
    def oracle(self) -> Oracle | None:
        """The reference meter beside this one; None before the first readout."""
        return self._fixture.oracle

    @property
    def lost_edges(self) -> int:
        """S0 edges that were lost or out of order since the step began: any of them voids what it measured."""
        return self.s0.anomalies - self._anomalies

    async def read_out(self) -> tuple[ModeATelegram, Snapshot]:
        """Read the optical port once. Raises `OpticalError`; a port that is gone is the bench's fault, silence the meter's."""
        readout = await self._fixture.head.read()
        telegram = readout.telegram
        self._telegrams.append(Telegram(readout.requested_at - self._opened, telegram.raw, telegram.check))
        snapshot = Snapshot(
            earliest=readout.requested_at,
            latest=readout.answered_at,
            fewest_pulses=self.s0.count_until(readout.requested_at),
            most_pulses=self.s0.count_until(readout.answered_at),
            registers=registers(telegram),
        )
        self._fixture.snapshots.append(snapshot)
        if self._fixture.oracle is None and snapshot.registers.total_kwh is not None:
            tariffs = snapshot.registers.tariff_kwh or (snapshot.registers.total_kwh, 0)
            self._fixture.oracle = Oracle(self.meter, total_kwh=snapshot.registers.total_kwh, tariff_kwh=tariffs)
        return telegram, snapshot

    async def ask(self, prompt: Prompt) -> str:
        """Ask a person, together with the other positions that ask the same; the answer is one of its choices."""
        answered = await self._ask(prompt)
        self._prompts.append(
            PromptRecord(
                time=answered.asked_at - self._opened,
                name=prompt.name,
                question=prompt.text,
                wanted=Sight(self.number, self.serial, prompt.display, prompt.marks).text,
                answer=answered.choice,
                who=answered.who,
                seconds=answered.seconds,
            )
        )
        return answered.choice

    async def wait(self, seconds: float) -> None:
        """Let time pass, showing how much of it is over."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        parts = 20
        for part in range(1, parts + 1):
            await asyncio.sleep(start + seconds * part / parts - loop.time())
            self.show(part / parts)

    def show(self, progress: float, error_percent: float | None = None) -> None:
        """Show how far the step is, 0 to 1."""
        self._show(error_percent, progress)

    def record(self, name: str, value: Value, uncertainty: float | None = None, note: str = "") -> None:
        """Set a declared measurement, once. `uncertainty` is expanded, in the measurement's unit."""
        if name not in self._declared:
            raise KeyError(f"measurement {name!r} was not declared")
        if name in self._values:
            raise KeyError(f"measurement {name!r} was set twice")
        self._values[name] = (value, uncertainty, note)

    def outcome(self, *, void: bool = False, note: str = "") -> Outcome:
        """What the step found: every declared measurement judged, one never set fails."""
        measurements: list[Measurement] = []
        for name, declared in self._declared.items():
            value, uncertainty, remark = self._values.get(name, (None, None, ""))
            measurements.append(declared.judge(value, uncertainty, remark))
        verdict = Verdict.worst(measurement.verdict for measurement in measurements)
        return Outcome(
            position=self.number,
            verdict=Verdict.NONE if void else verdict,
            void=void,
            measurements=tuple(measurements),
            edges=self._edges(),
            telegrams=tuple(self._telegrams),
            note=note,
            prompts=tuple(self._prompts),
        )

    def _edges(self) -> Edges | None:
        if self._edges_since is None:  # another step of the same time keeps them
            return None
        pulses = self.s0.pulses[self.s0.count_until(self._edges_since) :]
        return Edges(
            rises_ns=tuple(round((pulse.rise - self._opened) * _NS) for pulse in pulses),
            falls_ns=tuple(round((pulse.fall - self._opened) * _NS) for pulse in pulses),
            anomalies=self.lost_edges,
        )
