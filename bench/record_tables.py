"""The tables in which records are kept: one description with types, keys and meanings, from which all else is rendered.

A change here needs a new version of the schema (`bench.schema`).
"""

from __future__ import annotations

from bench.table import Column, Kind, Table

_RUN = Column("run", Kind.TEXT, "id of the run")
_STEP = Column("step", Kind.INTEGER, "number of the step in the plan, from 1")
_POSITION = Column("position", Kind.INTEGER, "position on the station, from 1")
_NUMBER = Column("number", Kind.INTEGER, "place in the order of recording, from 1")
_VERDICT = Column("verdict", Kind.INTEGER, "0 NONE, 1 PASS, 2 MARGINAL, 3 FAIL")
_NOTE = Column("note", Kind.TEXT, "remark")

RUN = Table(
    "run",
    "one test of several meters of one type",
    (
        Column("number", Kind.INTEGER, "place in this journal"),
        Column("id", Kind.TEXT, "UUID"),
        Column("sequence", Kind.TEXT, "name of the sequence"),
        Column("type_number", Kind.TEXT, "type number of all its meters"),
        Column("purpose", Kind.TEXT, "production, engineering, golden or simulated"),
        Column("station", Kind.TEXT, "name of the station"),
        Column("operator", Kind.TEXT, "badge"),
        Column("order", Kind.TEXT, "production order"),
        Column("plan_hash", Kind.TEXT, "hash of the plan"),
        Column("plan", Kind.TEXT, "the plan as JSON"),
        Column("software", Kind.TEXT, "version that tested"),
        Column("seed", Kind.TEXT, "seed of a simulated run, decimal: it may exceed 64 bits", optional=True),
        Column("opened_at", Kind.TEXT, "wall clock, ISO 8601 UTC"),
        Column("closed_at", Kind.TEXT, "wall clock, ISO 8601 UTC; empty while open", optional=True),
        Column("ending", Kind.TEXT, "COMPLETE, ABORTED, BLOCKED or INTERRUPTED; empty while open", optional=True),
        Column("reason", Kind.TEXT, "why it did not end COMPLETE"),
        Column("temperature_c", Kind.REAL, "°C at the meters; empty where it is not known", optional=True),
        Column("temperature_basis", Kind.TEXT, "who told it, or why it is not known and what is assumed"),
    ),
    ("number",),
    unique=("id",),
)
METER = Table(
    "meter",
    "what sat at a position, and what became of it",
    (
        _RUN,
        _POSITION,
        _NUMBER,
        Column("serial", Kind.TEXT, "serial number as scanned"),
        Column("verdict", Kind.INTEGER, "verdict of the closed run: 0 NONE, 1 PASS, 2 MARGINAL, 3 FAIL", optional=True),
    ),
    ("run", "position"),
    parent="run",
    parent_key=("id",),
    indexed=("serial",),
)
INSTRUMENT = Table(
    "instrument",
    "an instrument that took part",
    (
        _RUN,
        _NUMBER,
        Column("role", Kind.TEXT, "source, standard, ..."),
        Column("identity", Kind.TEXT, "maker, model, serial number, firmware"),
        Column("accuracy", Kind.TEXT, "declared accuracy"),
    ),
    ("run", "number"),
    parent="run",
    parent_key=("id",),
)
ACT = Table(
    "act",
    "what a person, or the bench for safety's sake, did",
    (
        _RUN,
        _NUMBER,
        Column("time", Kind.REAL, "s since the run was opened"),
        Column("who", Kind.TEXT, "badge; bench for the bench itself"),
        Column("what", Kind.TEXT, "the act"),
    ),
    ("run", "number"),
    parent="run",
    parent_key=("id",),
)
STEP = Table(
    "step",
    "one step at all its positions",
    (
        _RUN,
        Column("number", Kind.INTEGER, "number in the plan, from 1"),
        Column("name", Kind.TEXT, "short and stable"),
        Column("title", Kind.TEXT, "for people"),
        Column("opened", Kind.REAL, "s since the run was opened"),
        Column("closed", Kind.REAL, "s since the run was opened"),
        Column("load", Kind.TEXT, "the load; empty where any was taken"),
        Column("energy", Kind.BLOB, "readings of the reference: float64 s, W L1, W L2, W L3; packed"),
        Column("digest", Kind.TEXT, "SHA-256 of the step as it was closed"),
        Column("frequency", Kind.REAL, "mean of the readings, Hz", optional=True),
    ),
    ("run", "number"),
    parent="run",
    parent_key=("id",),
)
OUTCOME = Table(
    "outcome",
    "what one step found at one position",
    (
        _RUN,
        _STEP,
        _POSITION,
        _NUMBER,
        _VERDICT,
        Column("void", Kind.INTEGER, "1 when the bench could not finish the step here: it counts for nothing"),
        Column("edges", Kind.BLOB, "S0: int64 ns from pulse to pulse, then int64 ns widths; packed", optional=True),
        Column("anomalies", Kind.INTEGER, "equal levels in a row and lost edges", optional=True),
        _NOTE,
    ),
    ("run", "step", "position"),
    parent="step",
    parent_key=("run", "number"),
)
MEASUREMENT = Table(
    "measurement",
    "one declared measurement of one position",
    (
        _RUN,
        _STEP,
        _POSITION,
        _NUMBER,
        Column("name", Kind.TEXT, "short and stable"),
        Column("unit", Kind.TEXT, "of value, limits and uncertainty"),
        Column("value", Kind.REAL, "a number; the text nan for NaN, of which SQLite would make NULL", optional=True),
        Column("text", Kind.TEXT, "a text that was read; without value and text it was never set", optional=True),
        Column("lower", Kind.REAL, "lower limit, inclusive, before the guard band", optional=True),
        Column("upper", Kind.REAL, "upper limit, inclusive, before the guard band", optional=True),
        Column("expected", Kind.TEXT, "the text that was wanted", optional=True),
        Column("uncertainty", Kind.REAL, "expanded, k = 2", optional=True),
        _VERDICT,
        Column("source", Kind.TEXT, "where the limit comes from"),
        _NOTE,
    ),
    ("run", "step", "position", "number"),
    parent="outcome",
    parent_key=("run", "step", "position"),
)
TELEGRAM = Table(
    "telegram",
    "one readout of the optical port",
    (
        _RUN,
        _STEP,
        _POSITION,
        _NUMBER,
        Column("time", Kind.REAL, "s since the run was opened at which the request was sent"),
        Column("raw", Kind.BLOB, "all characters received, parity removed"),
        Column("check", Kind.TEXT, "how the block check matched: xor, sum7 or none; lrc for a native frame"),
    ),
    ("run", "step", "position", "number"),
    parent="outcome",
    parent_key=("run", "step", "position"),
)
CORRECTION = Table(
    "correction",
    "what the reference's reading was corrected by in one phase of one position, at the load point",
    (
        _RUN,
        _STEP,
        _POSITION,
        _NUMBER,
        Column("phase", Kind.TEXT, "L1, L2 or L3"),
        Column("current", Kind.REAL, "A rms in the standard's circuit"),
        Column("ratio_percent", Kind.REAL, "ratio error of the transformer, %"),
        Column("phase_minutes", Kind.REAL, "its phase displacement, minutes of arc, positive where the meter leads"),
        Column("lead_milliohm", Kind.REAL, "loss of the meter's voltage, mV a A"),
        Column("power_percent", Kind.REAL, "change of the active power of the phase, %"),
    ),
    ("run", "step", "position", "number"),
    parent="outcome",
    parent_key=("run", "step", "position"),
)
PROMPT = Table(
    "prompt",
    "one question to a person about one position, answered",
    (
        _RUN,
        _STEP,
        _POSITION,
        _NUMBER,
        Column("time", Kind.REAL, "s since the run was opened at which it was asked"),
        Column("name", Kind.TEXT, "short and stable"),
        Column("question", Kind.TEXT, "as the person read it"),
        Column("wanted", Kind.TEXT, "what must be seen, in words"),
        Column("answer", Kind.TEXT, "the choice"),
        Column("who", Kind.TEXT, "badge"),
        Column("seconds", Kind.REAL, "s until the answer"),
    ),
    ("run", "step", "position", "number"),
    parent="outcome",
    parent_key=("run", "step", "position"),
)
BASIS = Table(
    "basis",
    "what a percentage error of one position was reckoned with besides the edges",
    (
        _RUN,
        _STEP,
        _POSITION,
        Column("first_ns", Kind.INTEGER, "edge that opened the measurement, ns since the run was opened"),
        Column("reference_percent", Kind.REAL, "half-width of the reference's declared error, %"),
        Column("circuit_percent", Kind.REAL, "half-width of what is left between reference and terminals, %"),
        Column("circuit_mrad", Kind.REAL, "half-width of its phase, mrad"),
        Column("correction_percent", Kind.REAL, "standard uncertainty of the corrections at this load, %"),
        Column("temperature_percent", Kind.REAL, "standard uncertainty from the temperature at this load, %"),
        Column("readings", Kind.BLOB, "float64 s, W as measured, W at the terminals; packed"),
    ),
    ("run", "step", "position"),
    parent="outcome",
    parent_key=("run", "step", "position"),
)
SEAL = Table(
    "seal",
    "the chain of hashes over closed runs; outlives a simulated run that was repeated",
    (
        Column("number", Kind.INTEGER, "place in the chain"),
        _RUN,
        Column("hash", Kind.TEXT, "SHA-256 over the run, its steps' digests and the previous hash"),
        Column("previous", Kind.TEXT, "hash of the seal before; empty for the first"),
    ),
    ("number",),
    indexed=("run",),
)
STAT = Table(
    "stat",
    "aggregates of measurements, void outcomes left out",
    (
        Column("day", Kind.TEXT, "UTC date on which the runs were opened"),
        Column("type_number", Kind.TEXT, "type number"),
        Column("purpose", Kind.TEXT, "purposes never mix"),
        Column("step", Kind.TEXT, "name of the step"),
        Column("measurement", Kind.TEXT, "name of the measurement"),
        _POSITION,
        Column("n", Kind.INTEGER, "numbers in the sums: NaN, infinite and texts are not"),
        Column("total", Kind.REAL, "sum"),
        Column("squares", Kind.REAL, "sum of squares"),
        Column("least", Kind.REAL, "smallest number", optional=True),
        Column("greatest", Kind.REAL, "largest number", optional=True),
        Column("fails", Kind.INTEGER, "measurements judged FAIL, whatever they held"),
    ),
    ("day", "type_number", "purpose", "step", "measurement", "position"),
)

RELEASE = Table(
    "release",
    "the release of a plan for production, and its withdrawal, in a chain of hashes",
    (
        Column("number", Kind.INTEGER, "place in the chain"),
        Column("at", Kind.TEXT, "wall clock, ISO 8601 UTC"),
        Column("act", Kind.TEXT, "released or withdrawn"),
        Column("plan_hash", Kind.TEXT, "hash of the plan"),
        Column("who", Kind.TEXT, "badge of the person with role quality"),
        Column("prepared_by", Kind.TEXT, "badge of the person who prepared the plan, never the same"),
        Column("station", Kind.TEXT, "name of the station"),
        Column("sequence", Kind.TEXT, "name of the sequence"),
        Column("type_number", Kind.TEXT, "type number"),
        Column("profile", Kind.TEXT, "name of the profile"),
        Column("plan", Kind.TEXT, "the plan as JSON"),
        Column("hash", Kind.TEXT, "SHA-256 over the act and the previous hash"),
    ),
    ("number",),
    indexed=("plan_hash",),
)

TABLES = (
    RUN,
    METER,
    INSTRUMENT,
    ACT,
    STEP,
    OUTCOME,
    MEASUREMENT,
    TELEGRAM,
    CORRECTION,
    PROMPT,
    BASIS,
    SEAL,
    STAT,
    RELEASE,
)
"""All tables, each after its parent."""
