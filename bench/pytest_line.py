"""The line on which a test runs sequences, and what a test can want of it: faults, positions, a seed, serials, a source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bench.assembly import Setup, engine_for
from bench.engine import Engine
from bench.facts import Fact
from bench.journal_errors import JournalError
from bench.places import PlaceError
from bench.record import Run
from bench.session import Refused, RunRequest
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop

_Fact = TypeVar("_Fact", bound=Fact)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Wanted:
    """What a test wants of the line. Raises `ValueError` for what no line can be."""

    faults: tuple[str, ...] = ()
    """Each at its place, as for `bench run --fault`: "2:gain=+4%" in the meter at position 2, "line:lead-drop" in the bench."""
    positions: int | None = None
    seed: int | None = None
    serials: Mapping[int, str] = field(default_factory=dict)
    """Serial number by position; only these positions are tested. All where it is empty."""
    source: str = ""
    """Dialect of the simulated power source."""

    def __post_init__(self) -> None:
        if wrong := [each for each in self.faults if not isinstance(each, str)]:
            raise ValueError(f'{wrong[0]!r} is no fault; write "POSITION:NAME" or "POSITION:NAME=VALUE"')
        for name, number in {"positions": self.positions, "seed": self.seed}.items():
            if number is not None and not isinstance(number, int):
                raise ValueError(f"{name}={number!r} is no whole number")
        if not isinstance(self.source, str):
            raise ValueError(f"source={self.source!r} is no dialect")
        if not isinstance(self.serials, Mapping) or not all(
            isinstance(position, int) and isinstance(serial, str) for position, serial in self.serials.items()
        ):
            raise ValueError(f'serials={self.serials!r}: write {{POSITION: "SERIAL"}}, for instance {{1: "12345678"}}')

    def of(self, setup: Setup, serials: Mapping[int, str]) -> Setup:
        """The same station with it, for the meters of `serials`. What a real one cannot be made to have skips the test."""
        if setup.simulated:
            return replace(
                setup,
                faults=(*setup.faults, *self.faults),
                positions=setup.positions if self.positions is None else self.positions,
                seed=setup.seed if self.seed is None else self.seed,
                source=self.source or setup.source,
            )
        if self.faults:
            pytest.skip(f"no fault can be put into a real line: {', '.join(self.faults)}")
        if self.source:
            pytest.skip(f"a real line has its own source, and no other: {self.source}")
        for position in range(1, 1 + (self.positions or 0)):
            if position not in serials:
                pytest.skip(f"no meter is named for position {position}: --bench-serial {position}=SERIAL")
        return setup


@dataclass(frozen=True)
class TestLine:
    """A line on which a test runs sequences. Each run opens the station and switches it off afterwards."""

    __test__ = False
    setup: Setup
    request: RunRequest
    facts: list[Fact] = field(default_factory=list)
    """What was told since the line was last opened, in order."""

    def of(self, type_number: str) -> TestLine:
        """The same line with meters of another type."""
        return replace(self, request=replace(self.request, type_number=type_number), facts=[])

    def having(
        self,
        *faults: str,
        positions: int | None = None,
        seed: int | None = None,
        serials: Mapping[int, str] | None = None,
        source: str = "",
    ) -> TestLine:
        """The same line with these faults besides, and with other positions, another seed, other serials, another source.

        On a real station faults, a source and a position without a meter skip the test.
        """
        wanted = Wanted(faults, positions, seed, self.request.serials if serials is None else serials, source)
        request = replace(self.request, serials=wanted.serials)
        return replace(self, setup=wanted.of(self.setup, wanted.serials), request=request, facts=[])

    def run(
        self,
        sequence: str,
        *,
        only: str = "",
        profile: str | Path = "",
        answers: Mapping[str, Mapping[str, str]] | None = None,
        order: str = "",
        operator: str = "",
        temperature: float | None = None,
    ) -> Run:
        """Run a sequence, or one step of it after its gates; the closed record. What cannot be run fails the test in a sentence.

        `profile` is the path of a profile file; `answers` answers what steps ask, by step and question, in place of the
        simulated operator; `temperature` is that at the meters in °C.
        """
        request = replace(
            self.request,
            sequence=sequence,
            only=only,
            profile=str(profile),
            answers=answers or {},
            answers_file="answers" if answers else "",
            order=order,
            operator=operator,
            temperature=temperature,
        )

        async def whole(engine: Engine) -> Run:
            return await engine.execute(await engine.prepare(request, request.operator))

        return self.play(whole)

    def play(self, scene: Callable[[Engine], Coroutine[Any, Any, _Found]]) -> _Found:
        """Open the line and let a scene work with its engine, in simulated time on a simulated line; what the scene returns.

        What the engine refuses and the scene does not expect fails the test in a sentence.
        """
        factory: Callable[[], asyncio.AbstractEventLoop] | None = None
        if self.setup.simulated:
            factory = lambda: SimulatedTimeLoop(self.setup.speed)  # noqa: E731  # asyncio.Runner wants a callable
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                return runner.run(self._play(scene))
        except (Refused, InstrumentError, JournalError, PlaceError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None

    async def _play(self, scene: Callable[[Engine], Coroutine[Any, Any, _Found]]) -> _Found:
        self.facts.clear()
        async with engine_for(self.setup) as engine:
            engine.facts.subscribe(self.facts.append)
            return await scene(engine)

    def told(self, kind: type[_Fact]) -> list[_Fact]:
        """The facts of this kind among them."""
        return [fact for fact in self.facts if isinstance(fact, kind)]
