"""A session without an engine: it plays glances and facts a test has written down and keeps the commands it was given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from bench.facts import (
    Fact,
    Failure,
    PositionResult,
    PromptOpened,
    RunClosed,
    RunOpened,
    Safe,
    StepClosed,
    Tripped,
)
from bench.prompt import Choice, Display, Mark, OpenPrompt, Sight
from bench.session import (
    LineGlance,
    PositionGlance,
    PositionState,
    Refused,
    RunRequest,
    SourceState,
    StationCard,
    Unreachable,
)
from bench.verdict import Ending, Verdict
from reference_meter.segments import segments_of

TYPE_NUMBER = "685-382-OK-50"
STEPS = (
    "Sign-on",
    "Accuracy Ib",
    "Accuracy Imax",
    "Accuracy Ib PF 0.5 ind",
    "Starting current",
    "No-load",
    "Final read-out",
)
FAILURE = Failure("accuracy-ib", "Accuracy Ib", "error", 2.51, "%", "±1 %")


class ScriptedSession:
    """Implements `bench.session.Session`. Each method of the script is one thing an engine would tell."""

    def __init__(self, positions: int = 4, *, simulated: bool = True, default_type: str = "") -> None:
        self.card = StationCard("EOL-3", positions, simulated, ("eol", "type-test"), default_type)
        self.commands: list[tuple[Any, ...]] = []
        self.requests: list[RunRequest] = []
        self.refuse: str = ""
        """What the next command is refused with."""
        self.screens: tuple[str, ...] = ()
        """What the next run screens in place of the norm's tests."""
        self.start_waits: asyncio.Event | None = None
        """A start waits for it, as for an instrument that is slow to open."""
        self._glance = LineGlance(positions=tuple(PositionGlance(k + 1) for k in range(positions)))
        self._facts: list[Fact] = []
        self._told = asyncio.Event()
        self._runs = 0
        self._gone = ""

    # ------------------------------------------------------------------ the Session Protocol

    async def start(self, request: RunRequest, badge: str) -> str:
        self._command("start", badge)
        self.requests.append(request)
        if self.start_waits is not None:
            await self.start_waits.wait()
        self._runs += 1
        run = f"run-{self._runs}"
        self.opened(run, request)
        return run

    async def abort(self, badge: str) -> None:
        self._command("abort", badge)

    async def answer(self, prompt: str, answer: str, badge: str) -> None:
        self._command("answer", prompt, answer, badge)
        self.line(asked=None)

    async def rearm(self, badge: str) -> None:
        self._command("rearm", badge)
        self.line(source=SourceState.OFF, trip="")

    def set_speed(self, speed: float) -> None:
        self._command("speed", speed)

    def glance(self) -> LineGlance:
        return self._glance

    async def facts(self, after: int = 0) -> AsyncIterator[Fact]:
        while True:
            while after < len(self._facts):  # whoever is slow to take one finds what came meanwhile
                after += 1
                yield self._facts[after - 1]
            if self._gone:
                raise Unreachable(self._gone)
            self._told.clear()
            await self._told.wait()

    async def close(self) -> None:
        self._command("close")

    def _command(self, *command: Any) -> None:
        self.commands.append(command)
        if self.refuse:
            sentence, self.refuse = self.refuse, ""
            raise Refused(sentence)

    # ------------------------------------------------------------------ the script

    def vanish(self, why: str) -> None:
        """The engine goes, as one in another process can."""
        self._gone = why
        self.line(source=SourceState.UNKNOWN, running=False, message=why)
        self._told.set()

    def line(self, **changes: Any) -> None:
        self._glance = replace(self._glance, revision=self._glance.revision + 1, **changes)

    def position(self, number: int, **changes: Any) -> None:
        positions = list(self._glance.positions)
        positions[number - 1] = replace(positions[number - 1], **changes)
        self.line(positions=tuple(positions))

    def tell(self, kind: type[Fact], **fields: Any) -> None:
        self._facts.append(kind(number=len(self._facts) + 1, time=self._glance.elapsed, run=self._glance.run, **fields))
        self._told.set()

    def opened(self, run: str, request: RunRequest) -> None:
        numbers = sorted(request.serials) or [position.number for position in self._glance.positions]
        self.line(
            running=True,
            run=run,
            sequence=request.sequence,
            type_number=request.type_number,
            elapsed=0.0,
            expected=190.0,
            message="",
            ending="",
            positions=tuple(
                PositionGlance(
                    position.number,
                    request.serials.get(position.number, ""),
                    PositionState.RUNNING if position.number in numbers else PositionState.EMPTY,
                )
                for position in self._glance.positions
            ),
        )
        self.tell(
            RunOpened,
            sequence=request.sequence,
            type_number=request.type_number,
            purpose="simulated",
            plan_hash="0123",
            positions=tuple(numbers),
            serials=tuple(request.serials.get(number, "") for number in numbers),
            steps=STEPS,
            expected_seconds=190.0,
            screens=self.screens,
        )
        self.energised()
        self.step(STEPS[0])

    def energised(self) -> None:
        self.line(
            source=SourceState.ENERGISED,
            volts=(230.1, 229.9, 230.0),
            amperes=(5.002, 4.998, 5.0),
            watts=(1150.9, 1149.0, 1150.0),
        )

    def step(self, title: str) -> None:
        self.line(step=title)
        for number in self._tested():
            self.position(
                number, state=PositionState.RUNNING, step=title, progress=0.0, error_percent=None, limit_percent=None
            )

    def measured(self, number: int, error_percent: float, progress: float, pulses: int) -> None:
        self.position(
            number, error_percent=error_percent, limit_percent=1.0, progress=progress, pulses=pulses, width_ms=30.02
        )

    def step_closed(
        self, title: str, verdicts: dict[int, Verdict], failed: tuple[tuple[int, Failure], ...] = ()
    ) -> None:
        for number, verdict in verdicts.items():
            self.position(number, verdict=max(verdict, self._glance.positions[number - 1].verdict), progress=1.0)
        self.tell(
            StepClosed,
            step=title.lower().replace(" ", "-"),
            title=title,
            positions=tuple(verdicts),
            verdicts=tuple(verdicts.values()),
            void=False,
            failed=failed,
        )

    def prompted(self, asked: OpenPrompt) -> None:
        for number in asked.positions:
            self.position(number, state=PositionState.ACTION)
        self.line(asked=asked)
        self.tell(PromptOpened, asked=asked)

    def safe(self, volts: float = 0.2, amperes: float = 0.0) -> None:
        self.line(source=SourceState.SAFE, volts=(0.0,) * 3, amperes=(0.0,) * 3, watts=(0.0,) * 3)
        self.tell(Safe, volts=volts, amperes=amperes)

    def tripped(self, reason: str) -> None:
        self.tell(Tripped, reason=reason)
        self.line(
            source=SourceState.TRIPPED,
            trip="the door was opened",
            volts=(0.0,) * 3,
            amperes=(0.0,) * 3,
            watts=(0.0,) * 3,
        )

    def closed(
        self,
        ending: Ending = Ending.COMPLETE,
        reason: str = "",
        verdicts: dict[int, Verdict] | None = None,
        failed: dict[int, tuple[Failure, ...]] | None = None,
    ) -> None:
        verdicts, failed = verdicts or {}, failed or {}
        results = []
        for number in self._tested():
            verdict = verdicts.get(number, Verdict.NONE)
            step = "Accuracy Ib" if number in failed else ""
            self.position(number, state=PositionState.DONE, verdict=verdict, step=step, progress=1.0)
            serial = self._glance.positions[number - 1].serial
            results.append(PositionResult(number, serial, verdict, failed.get(number, ())))
        self.line(running=False, asked=None, step="", message=reason, ending=ending.value)
        self.tell(RunClosed, ending=ending, reason=reason, positions=tuple(results))

    def _tested(self) -> list[int]:
        return [each.number for each in self._glance.positions if each.state is not PositionState.EMPTY]


# ---------------------------------------------------------------------- whole scenes


def under_way(session: ScriptedSession) -> None:
    """The second step is being measured at every position; position 2 is outside its limit."""
    tested = {position.number: Verdict.PASS for position in session.glance().positions if position.state != "EMPTY"}
    session.step_closed("Sign-on", tested)
    session.step("Accuracy Ib")
    session.line(elapsed=42.0)
    for number in tested:
        session.measured(number, 2.51 if number == 2 else 0.05 * number, 0.1 + 0.8 * number / len(tested), 40 + number)


def ended_with_a_failure(session: ScriptedSession) -> None:
    """Position 2 fails accuracy at Ib, position 3 is marginal, the others pass."""
    under_way(session)
    tested = [position.number for position in session.glance().positions if position.state != "EMPTY"]
    verdicts = dict.fromkeys(tested, Verdict.PASS) | {2: Verdict.FAIL}
    session.step_closed("Accuracy Ib", verdicts, ((2, FAILURE),))
    for title in STEPS[2:]:
        session.step(title)
        session.step_closed(
            title, dict.fromkeys(tested, Verdict.PASS) | ({3: Verdict.MARGINAL} if title == "No-load" else {})
        )
    session.position(2, error_percent=2.51, limit_percent=1.0)
    session.safe()
    session.line(elapsed=188.0)
    session.closed(verdicts=verdicts | {3: Verdict.MARGINAL}, failed={2: (FAILURE,)})


# ---------------------------------------------------------------------- questions

_LOOK = (Choice("same", "as shown"), Choice("differs", "something else"))
_ALL_LIT = Display("88888888 888", ("abcdefg",) * 8, 0, "888", (True, True), (True,) * 3, (True,) * 3)


def all_segments(positions: Sequence[int] = (1, 2, 3, 4), prompt: str = "run-1/2") -> OpenPrompt:
    """Every position must show the same."""
    question = "Press the arrow key of each meter until all is lit. Is nothing dark, on every meter?"
    sights = tuple(Sight(number, "", _ALL_LIT) for number in positions)
    return OpenPrompt(prompt, "display", "Display", "test", question, _LOOK, sights, by_key=True)


def readings(positions: Sequence[int] = (1, 2, 3, 4), prompt: str = "run-1/1") -> OpenPrompt:
    """Every position must show a reading of its own."""
    question = "Touch no key. Does every meter show its reading? Zeroes in front do not matter."
    sights = tuple(
        Sight(number, "", Display(f"{9000 + number:07} kWh", segments_of(f" {9000 + number:07}"), 0, "kWh"))
        for number in positions
    )
    return OpenPrompt(prompt, "display", "Display", "total", question, _LOOK, sights)


def labels(positions: Sequence[int] = (1, 2, 3, 4), prompt: str = "run-1/3") -> OpenPrompt:
    """Some of what must be read is the same everywhere, and the number is not."""
    choices = (
        Choice("right", "all as shown"),
        Choice("label", "the label differs"),
        Choice("seal", "a seal is broken"),
    )
    same = (Mark("type", TYPE_NUMBER), Mark("constant", "1000 imp/kWh"), Mark("seals", "whole"))
    sights = tuple(Sight(number, "", None, (*same, Mark("number", f"{21480000 + number}"))) for number in positions)
    question = "Read the label of each meter and look at its seals. Is everything as shown, on every meter?"
    return OpenPrompt(prompt, "label-and-seals", "Label and seals", "label-and-seals", question, choices, sights)
