"""The session: the only door for a screen. Commands go in with the badge of their person; facts and glances come out.

Facts are committed, then told, and never lost. Glances are the latest picture of the line, never stored, cheap to ask for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bench.facts import Fact
from bench.prompt import OpenPrompt
from bench.verdict import Verdict

LONGEST_SCAN = 64
"""Characters of a serial, an order or a badge: more is two scans in one, or another label."""


class Refused(Exception):
    """A command cannot be carried out now; the message says why and what to do."""


class Unreachable(Refused):
    """The world refused: a port, the source, the disk. The message says which and what to do."""


class PositionState(StrEnum):
    """What a position is doing, as the board shows it."""

    EMPTY = "EMPTY"
    READY = "READY"
    RUNNING = "RUNNING"
    ACTION = "ACTION"
    """A person must act here."""
    DONE = "DONE"
    """See the verdict."""
    OUT = "OUT"
    """Failed a gate and was taken out of the current circuit."""


class SourceState(StrEnum):
    """What is known of the source's output."""

    OFF = "OFF"
    """Off, or not yet opened."""
    ENERGISED = "ENERGISED"
    SAFE = "SAFE"
    """Switched off and read back as zero."""
    TRIPPED = "TRIPPED"
    """The owner switched off by itself; a person must re-arm."""
    UNKNOWN = "UNKNOWN"
    """Switching off could not be confirmed, or there is no engine left to ask: nobody may touch anything."""


@dataclass(frozen=True)
class PositionGlance:
    """The latest of one position."""

    number: int
    serial: str = ""
    state: PositionState = PositionState.EMPTY
    verdict: Verdict = Verdict.NONE
    step: str = ""
    """Title of the step under way, or of the first failed one when done."""
    error_percent: float | None = None
    """Percentage error as far as it is known."""
    limit_percent: float | None = None
    pulses: int = 0
    """S0 pulses counted since the run was opened."""
    width_ms: float | None = None
    """Width of the last S0 pulse."""
    progress: float = 0.0
    """Share of the step under way, 0 to 1."""


@dataclass(frozen=True)
class LineGlance:
    """The latest of the whole line."""

    revision: int = 0
    """Rises with every change; equal revisions are equal pictures."""
    running: bool = False
    run: str = ""
    sequence: str = ""
    type_number: str = ""
    step: str = ""
    elapsed: float = 0.0
    """Seconds since the run was opened, on the engine's clock."""
    expected: float = 0.0
    """Seconds the plan takes."""
    source: SourceState = SourceState.OFF
    volts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    amperes: tuple[float, float, float] = (0.0, 0.0, 0.0)
    watts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    trip: str = ""
    """Why the source owner switched off by itself; empty while armed. A person must re-arm."""
    message: str = ""
    """One sentence for the operator: why the last run was blocked or aborted, or what to do next."""
    ending: str = ""
    """Ending of the last run; empty while one runs or before the first."""
    asked: OpenPrompt | None = None
    """The question that waits for a person."""
    positions: tuple[PositionGlance, ...] = ()
    since: int = 0
    """Number of the last fact before this run was opened: whoever comes late asks for the facts after it."""
    speed: float = 1.0
    """Simulated seconds a second; 1 on a real station."""


@dataclass(frozen=True)
class StationCard:
    """What a screen must know of the station once."""

    name: str
    positions: int
    simulated: bool
    sequences: tuple[str, ...]
    default_type: str = ""
    """Type number a screen may offer; empty on a real station."""
    file: str = ""
    """Absolute path of the station file; empty on a simulated station."""
    journal: str = ""
    """Absolute path of the database that keeps the runs."""
    source: str = ""
    """Identity of the power source, as it told it."""
    standard: str = ""
    """Identity of the reference standard; empty without one."""
    purpose: str = "production"
    """What the runs of a screen are for; "engineering" where a simulated world stands behind the pins."""


@dataclass(frozen=True)
class RunRequest:
    """What a person wants tested."""

    sequence: str
    type_number: str
    serials: Mapping[int, str] = field(default_factory=dict)
    """Serial number by position; a simulated station takes all its positions where this is empty."""
    operator: str = ""
    order: str = ""
    profile: str = ""
    """Path of a profile file; the norm as it stands where it is empty."""
    purpose: str = ""
    """production, engineering or golden; a simulated station has a purpose of its own."""
    only: str = ""
    """Name of the one step to run; empty for all."""
    attended: bool = False
    """Whether somebody at a screen answers what steps ask."""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Answers given beforehand, by step and question; they go before everybody."""
    answers_file: str = ""
    """Where they were read."""
    temperature: float | None = None
    """Temperature at the meters in °C as somebody reads it now; it counts for this run and the next ones for 8 h."""


class Session(Protocol):
    """One station's engine, in this process or another."""

    @property
    def card(self) -> StationCard:
        """The station."""

    async def start(self, request: RunRequest, badge: str) -> str:
        """Start a run and return its id. Raises `Refused`."""

    async def abort(self, badge: str) -> None:
        """Stop the run: source off first, then the record. Without a run it does nothing."""

    async def answer(self, prompt: str, answer: str, badge: str) -> None:
        """Answer an open prompt: one choice for all positions, exceptions by number: `same 3=differs`.

        Raises `Refused` when it is not open, the answer is none of its choices, or the person may not; it then stays open.
        """

    async def rearm(self, badge: str) -> None:
        """Let a tripped source energise again. Raises `Refused` for a person who may not."""

    def set_speed(self, speed: float) -> None:
        """Simulated seconds a second, `math.inf` for as fast as it goes. Raises `Refused` on a real station."""

    def glance(self) -> LineGlance:
        """The latest picture; safe to call ten times a second from any thread."""

    def facts(self, after: int = 0) -> AsyncIterator[Fact]:
        """Every fact with a number above `after`, then the new ones as they come, until the session is closed.

        Raises `Unreachable` when an engine in another process goes away.
        """

    async def close(self) -> None:
        """End the session. An engine of its own ends with it: a run under way is aborted first and the source is off afterwards.

        An engine in another process goes on, and so does its run.
        """


def check_speed(card: StationCard, speed: float) -> None:
    """Raises `Refused` where time cannot be made to run at `speed`."""
    if not card.simulated:
        raise Refused("real time cannot be made to run faster; only a simulated line has a speed")
    if not speed > 0:
        raise Refused(f"speed {speed:g} is not possible; it must be above 0")
