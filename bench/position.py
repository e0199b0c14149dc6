"""What a step sees of the world: its position's pulses, optical port, error calculator and record, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from bench.climate import Climate
from bench.configure import password_from
from bench.error_calculator import ErrorCalculator
from bench.fixture import Fixture, Snapshot
from bench.golden import Told
from bench.measurements import Declared
from bench.module_ports import ModulePorts
from bench.oracle import Oracle
from bench.prompt import Prompt, Sight
from bench.pulse_error import whole_ns
from bench.record import Correction, Edges, Energy, Measurement, Outcome, Telegram, Value
from bench.record import Prompt as PromptRecord
from bench.reference_energy import ReferenceEnergy
from bench.s0_channel import S0Channel
from bench.terminals import Terminals
from bench.verdict import Verdict
from drivers import native_registers
from drivers.configuration import DIALECTS, read_back, write
from drivers.configuration_fields import Value as FieldValue
from drivers.load import Load
from drivers.mode_a_registers import Registers, registers
from drivers.mode_a_telegram import Telegram as ModeATelegram
from drivers.native_frames import Frame
from drivers.native_registers import MemoryIdentity
from drivers.optical_head import NativeAnswer, OpticalError, OpticalSilence
from drivers.power_source import InstrumentError
from reference_meter import TypeNumber
from reference_meter.registers import Tariff

if TYPE_CHECKING:
    from bench.prompt_desk import Answered

_ATTEMPTS = 2
"""Silence is asked once more (IEC 62056-21, reaction times: after 1.5 to 2.2 s): a head may just have been put on."""
_Answer = TypeVar("_Answer")


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
        measured: ReferenceEnergy,
        climate: Climate,
        corrections: tuple[Correction, ...],
        ask: Callable[[Prompt], Awaitable[Answered]],
        earlier: Mapping[str, Outcome],
        load_since: float,
        readings: Sequence[Energy],
        known_meter: Callable[[], Awaitable[Told | None]],
    ) -> None:
        self._fixture = fixture
        self._declared = {each.name: each for each in declared}
        self._values: dict[str, tuple[Value, float | None, str]] = {}
        self._telegrams: list[Telegram] = []
        self._left_out: list[str] = []
        self._prompts: list[PromptRecord] = []
        self._opened = opened
        self._edges_since = edges_since
        self._anomalies = fixture.s0.anomalies
        self._show = show
        self._corrections = corrections
        self._ask = ask
        self.earlier = earlier
        """What the steps that are closed have found at this position, by their names."""
        self._explained = False
        self.known_meter = known_meter
        """What to say of a golden meter or red rabbit after the steps closed so far; None where it is neither."""
        self.meter = meter
        """The type that the plan was made for."""
        self.load = load
        """The load that stands."""
        self._readings = readings
        self.load_since = load_since
        """Loop time at which it was applied, its ramp over."""
        self.energy = energy
        """The reference energy at this position's terminals."""
        self.errors = ErrorCalculator(
            fixture.s0, energy, fixture.description, reference_percent, show, measured, climate, opened
        )

    @property
    def number(self) -> int:
        """Position, from 1."""
        return self._fixture.number

    @property
    def serial(self) -> str:
        """Serial number as scanned; empty when nobody gave one."""
        return self._fixture.serial

    @property
    def can_be_bridged(self) -> bool:
        """Whether a contactor can take its meter out of the current circuit."""
        return self._fixture.bypass is not None

    @property
    def s0(self) -> S0Channel:
        """The S0 pulses."""
        return self._fixture.s0

    @property
    def s0_offset_ms(self) -> tuple[float, float]:
        """What the fixture adds to a pulse width, and the standard uncertainty of the corrected width, ms."""
        return self._fixture.description.s0_offset_ms, self._fixture.description.s0_offset_uncertainty_ms

    @property
    def module(self) -> ModulePorts:
        """The ports of the meter's module."""
        return self._fixture.module

    @property
    def terminals(self) -> Terminals:
        """What else is wired to the meter."""
        return self._fixture.terminals

    @property
    def mute(self) -> bool:
        """Whether a step has waited in vain for a pulse, and none has come since."""
        return self._fixture.mute_at == self.s0.count

    def found_mute(self) -> None:
        """A step waited in vain for a pulse; the slow ones that follow need not."""
        self._fixture.mute_at = self.s0.count

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every readout of this meter in this run."""
        return tuple(self._fixture.snapshots)

    @property
    def oracle(self) -> Oracle | None:
        """The reference meter beside this one; None before the first readout."""
        return self._fixture.oracle

    @property
    def readings(self) -> tuple[tuple[float, float], ...]:
        """Loop time and watts of each reading since the step began, where it leads its stage; a change of load has its own too."""
        return tuple((self._opened + each.time, sum(each.power)) for each in self._readings)

    @property
    def lost_edges(self) -> int:
        """S0 edges that were lost or out of order since the step began: any of them voids what it measured."""
        return self.s0.anomalies - self._anomalies

    async def read_out(self, attempts: int = _ATTEMPTS) -> tuple[ModeATelegram, Snapshot]:
        """Read the optical port; after silence once more, or as often as `attempts` says.

        Raises `OpticalError`; a port that is gone is the bench's fault, silence the meter's.
        """
        readout = await self._fixture.head.read(attempts=attempts)
        telegram = readout.telegram
        self.keep_telegram(readout.requested_at, telegram.raw, telegram.check)
        snapshot = self._snapshot(readout.requested_at, readout.answered_at, registers(telegram))
        if self._fixture.oracle is None and snapshot.registers.total_kwh is not None:
            tariffs = snapshot.registers.tariff_kwh or (snapshot.registers.total_kwh, 0)
            self._fixture.oracle = Oracle(self.meter, total_kwh=snapshot.registers.total_kwh, tariff_kwh=tariffs)
        return telegram, snapshot

    async def answers(self) -> Snapshot | None:
        """Read the optical port, asked once; None where it stays silent. Raises `OpticalError`."""
        try:
            return (await self.read_out(attempts=1))[1]
        except OpticalSilence:
            return None

    # ------------------------------------------------------------------ native protocol

    @property
    def speaks_native(self) -> bool:
        """Whether this meter has answered a native request in this run."""
        return self._fixture.speaks_native

    async def try_native(self) -> MemoryIdentity | None:
        """Ask natively for the memory that says what the meter is; None where the meter stays silent. Raises `OpticalError`."""
        first, last = native_registers.IDENTITY_MEMORY
        asked = native_registers.read_memory(first, last)
        try:
            answer = await self._ask_natively(asked, lambda frame: native_registers.memory(asked, frame))
        except OpticalSilence:
            return None
        self._fixture.speaks_native = True
        return native_registers.identity(answer.value)

    async def read_native(self) -> Snapshot:
        """Read the register block: trip in 10 Wh, powers in W. Raises `OpticalError`."""
        answer = await self._ask_natively(native_registers.REGISTERS, native_registers.registers)
        return self._snapshot(answer.requested_at, answer.answered_at, answer.value)

    async def power_told(self) -> float | None:
        """The actual power that the meter tells, W (R23); None where its port falls silent, for a step that does not judge it."""
        try:
            return (await self.read_native()).registers.power_w
        except InstrumentError:
            raise
        except OpticalError:
            return None

    async def read_native_tariffs(self) -> Snapshot:
        """Read the tariff block: total, T1 and T2 of one instant. Raises `OpticalError`."""
        answer = await self._ask_natively(native_registers.TARIFFS, native_registers.tariffs)
        block = answer.value
        found = Registers(total_kwh=block.total_kwh, tariff_kwh=block.tariff_kwh)
        return self._snapshot(answer.requested_at, answer.answered_at, found)

    async def _ask_natively(self, request: Frame, understand: Callable[[Frame], _Answer]) -> NativeAnswer[_Answer]:
        answer = await self._fixture.head.ask(request, understand)
        self.keep_telegram(answer.requested_at, answer.raw, "lrc")
        return answer

    async def configure(self, dialect: str, wanted: dict[str, FieldValue]) -> dict[str, FieldValue]:
        """Write a configuration and read it back: what the meter holds of each field. Nothing of it is kept here: a login holds a password.

        Raises `ConfigurationError` where the meter refuses, or there is no password; `OpticalError`.
        """
        password = await asyncio.get_running_loop().run_in_executor(None, password_from)
        return await write(self._fixture.head, DIALECTS[dialect], password, wanted)

    async def held(self, dialect: str, names: Iterable[str]) -> dict[str, FieldValue]:
        """What the meter holds of these fields of its configuration. Raises `OpticalError`."""
        return await read_back(self._fixture.head, DIALECTS[dialect], names)

    def _snapshot(self, earliest: float, latest: float, found: Registers) -> Snapshot:
        fewest, most = self.s0.count_until(earliest), self.s0.count_until(latest)
        snapshot = Snapshot(earliest, latest, fewest, most, found)
        self._fixture.snapshots.append(snapshot)
        return snapshot

    # ------------------------------------------------------------------ module

    def select_tariff(self, tariff: Tariff) -> None:
        """Ask the meter, and the reference meter beside it, for a tariff. Raises `NotWired`."""
        self.module.select_tariff(tariff)
        if self._fixture.oracle is not None:
            self._fixture.oracle.select_tariff(tariff)

    # ------------------------------------------------------------------ time and record

    def keep_telegram(self, requested_at: float, raw: bytes, check: str) -> None:
        """Put what a port answered into the record; `requested_at` is loop time."""
        self._telegrams.append(Telegram(requested_at - self._opened, raw, check))

    # ------------------------------------------------------------------ a person

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

    def leave_out(self, why: str, *names: str) -> None:
        """What cannot be tested here: these measurements are neither judged nor missed, and the record says why."""
        for name in names:
            del self._declared[name]
        self._left_out.append(f"not tested: {why}")

    def explain(self) -> None:
        """This step is about registers: where it fails the meter, the record says what the reference meter did."""
        self._explained = True

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
            note="; ".join(text for text in (note, *self._left_out, self._explanation(verdict)) if text),
            corrections=self._corrections,
            prompts=tuple(self._prompts),
            basis=self.errors.basis,
        )

    def _explanation(self, verdict: Verdict) -> str:
        if verdict is not Verdict.FAIL or not self._explained or self._fixture.oracle is None:
            return ""
        return self._fixture.oracle.story()

    def _edges(self) -> Edges | None:
        if self._edges_since is None:  # another step of the same time keeps them
            return None
        pulses = self.s0.pulses[self.s0.count_until(self._edges_since) :]
        return Edges(
            rises_ns=tuple(whole_ns(pulse.rise - self._opened) for pulse in pulses),
            falls_ns=tuple(whole_ns(pulse.fall - self._opened) for pulse in pulses),
            anomalies=self.lost_edges,
        )
