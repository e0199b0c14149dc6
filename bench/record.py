"""What is kept of a run, for ever: frozen values, units and meanings on the fields. Everything else derives from it.

Run > Step > Outcome (one a position) > Measurement, Edges, Telegram, Prompt. Times are seconds of the engine's clock since the run was
opened unless a field says otherwise; edges are integer nanoseconds of the same clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.verdict import Ending, Verdict

Value = float | str | None
"""A measured number, a text that was read, or None when it was never set."""


@dataclass(frozen=True)
class Measurement:
    """One declared measurement of one position, with what it was judged against."""

    name: str
    unit: str
    value: Value
    lower: float | None
    """Lower limit in `unit`, inclusive, before the guard band; None where there is none."""
    upper: float | None
    """Upper limit in `unit`, inclusive, before the guard band; None where there is none."""
    expected: str | None
    """The text that was wanted, for a measurement that reads one."""
    uncertainty: float | None
    """Expanded uncertainty (k = 2) in `unit`; None where none is stated."""
    verdict: Verdict
    source: str
    """Where the limit comes from: standard and clause, data sheet section, or rule Rn."""
    note: str = ""


@dataclass(frozen=True)
class Edges:
    """The raw S0 edges of one position during a step."""

    rises_ns: tuple[int, ...]
    """Start of each pulse in ns since the run was opened."""
    falls_ns: tuple[int, ...]
    """End of each pulse in ns since the run was opened, same length."""
    anomalies: int = 0
    """Equal levels in a row and lost edges: any of them voids the measurement."""


@dataclass(frozen=True)
class Telegram:
    """One readout of the optical port."""

    time: float
    """Seconds since the run was opened at which the request was sent: the registers hold at that instant (R86)."""
    raw: bytes
    """All characters received, parity removed."""
    check: str
    """How the block check matched: "xor", "sum7" or "none" in mode A, "lrc" for a native frame."""


@dataclass(frozen=True)
class Prompt:
    """One question to a person about one position, answered."""

    time: float
    """Seconds since the run was opened at which it was asked."""
    name: str
    """Short and stable."""
    question: str
    wanted: str
    """What must be seen, in words."""
    answer: str
    who: str
    """Badge of the person; "simulated operator" and "answers file" where nobody was asked."""
    seconds: float
    """How long the answer took."""


@dataclass(frozen=True)
class Energy:
    """One reading of the reference during a step, kept so that the step can be judged again."""

    time: float
    """Seconds since the run was opened."""
    power: tuple[float, float, float]
    """Active power per phase in W."""


@dataclass(frozen=True)
class Correction:
    """What was applied to the reference's reading in one phase of one position, reckoned at the load point.

    Each reading is corrected at its own current and angle; the readings kept with the step are those before correction.
    """

    phase: str
    """L1, L2 or L3."""
    current: float
    """A rms in the standard's circuit."""
    ratio_percent: float
    """Ratio error of the isolating transformer, %, positive where the meter gets too much current."""
    phase_minutes: float
    """Its phase displacement, minutes of arc, positive where the meter's current leads."""
    lead_milliohm: float
    """What the meter's voltage loses, mV a A."""
    power_percent: float
    """What all of it changes the active power of the phase by, %."""


@dataclass(frozen=True)
class TerminalPower:
    """One reading of the reference, as measured and as corrected for one position."""

    time: float
    """Seconds since the run was opened."""
    measured: float
    """Active power of all phases in W, before any correction."""
    corrected: float
    """The same at this position's terminals."""


@dataclass(frozen=True)
class ErrorBasis:
    """What a percentage error was reckoned with besides the edges, so that they can be judged again."""

    first_ns: int
    """The edge that opened the measurement, ns since the run was opened."""
    reference_percent: float
    """Half-width of the declared error of the reference, %."""
    circuit_percent: float
    """Half-width of what is left between reference and terminals, %."""
    circuit_mrad: float
    """The same of the phase, mrad."""
    correction_percent: float
    """Standard uncertainty of the corrections at this load, %."""
    temperature_percent: float
    """Standard uncertainty from the temperature at this load, %."""
    readings: tuple[TerminalPower, ...]
    """Every reading from the one before the first edge to the one after the last."""


@dataclass(frozen=True)
class Outcome:
    """What one step found at one position."""

    position: int
    verdict: Verdict
    void: bool
    """True when the bench could not finish the step: its measurements are kept and count for nothing."""
    measurements: tuple[Measurement, ...] = ()
    edges: Edges | None = None
    telegrams: tuple[Telegram, ...] = ()
    note: str = ""
    corrections: tuple[Correction, ...] = ()
    """What the reference energy was corrected by, a phase; empty where the position needs none or no current flowed."""
    prompts: tuple[Prompt, ...] = ()
    basis: ErrorBasis | None = None
    """What its percentage error rests on; None where none was determined."""


@dataclass(frozen=True)
class Step:
    """One step of a run, at all its positions."""

    number: int
    """1 for the first step of the plan; what was void and repeated is numbered on after the last."""
    name: str
    """Short and stable, for instance "accuracy-ib"; limits and Pareto charts hang on it."""
    title: str
    opened: float
    closed: float
    load: str
    """The load as text; empty where the step took any load."""
    outcomes: tuple[Outcome, ...]
    energy: tuple[Energy, ...] = ()
    """Readings of the reference as measured, before any correction."""
    frequency: float | None = None
    """Mean frequency of these readings, Hz; None where there are none or nothing was energised."""


@dataclass(frozen=True)
class MeterUnderTest:
    """What sits at a position."""

    position: int
    serial: str
    """As scanned; empty when nobody gave one."""


@dataclass(frozen=True)
class Act:
    """What a person, or the bench for safety's sake, did during the run."""

    time: float
    who: str
    """Badge of the person; "bench" for the bench itself."""
    what: str


@dataclass(frozen=True)
class Instrument:
    """An instrument that took part."""

    role: str
    identity: str
    accuracy: str = ""


@dataclass(frozen=True)
class Run:
    """One test of several meters of one type."""

    id: str
    """UUID as text."""
    sequence: str
    type_number: str
    purpose: str
    """production, engineering, golden or simulated."""
    station: str
    operator: str
    order: str
    plan_hash: str
    plan: str
    """The plan as JSON text: steps, loads, limits."""
    software: str
    seed: int | None
    """Seed of a simulated run."""
    opened_at: str
    """Wall clock, ISO 8601 UTC."""
    meters: tuple[MeterUnderTest, ...]
    instruments: tuple[Instrument, ...] = ()
    steps: tuple[Step, ...] = ()
    acts: tuple[Act, ...] = ()
    closed_at: str | None = None
    ending: Ending | None = None
    """None while the run is open."""
    reason: str = ""
    """Why it did not end COMPLETE, in one sentence."""
    temperature_c: float | None = None
    """Temperature at the meters when the run was prepared, °C; None where it is not known."""
    temperature_basis: str = ""
    """Who told it, and when; or why it is not known and what is assumed."""

    def verdict(self, position: int) -> Verdict:
        """The verdict on the meter at `position`: the worst of its steps; PASS stands only for a COMPLETE run."""
        worst = Verdict.worst(
            o.verdict for s in self.steps for o in s.outcomes if o.position == position and not o.void
        )
        if worst in (Verdict.PASS, Verdict.MARGINAL) and self.ending is not Ending.COMPLETE:
            return Verdict.NONE
        return worst

    @property
    def verdicts(self) -> dict[int, Verdict]:
        """The verdict on each meter, by its position."""
        return {meter.position: self.verdict(meter.position) for meter in self.meters}

    def outcomes(self, position: int) -> dict[str, Outcome]:
        """What each step found at `position`, by the name of the step; void ones are none."""
        return {s.name: o for s in self.steps for o in s.outcomes if o.position == position and not o.void}

    def failures(self, position: int) -> tuple[tuple[Step, Measurement], ...]:
        """Every failed measurement of a position with its step, in the order of the run."""
        return tuple(
            (step, measurement)
            for step in self.steps
            for outcome in step.outcomes
            if outcome.position == position and not outcome.void
            for measurement in outcome.measurements
            if measurement.verdict is Verdict.FAIL
        )
