"""What a step is: a frozen value that says its load, its measurements and its time before anything runs, and then runs.

Nothing is switched on while a sequence is built, so a plan can be shown, timed and hashed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bench.evidence import Evidence
from bench.measurements import Declared, within
from bench.position import Position
from bench.profile import Profile
from bench.prompt import Prompt
from bench.record import Outcome, Value
from drivers.load import Load
from reference_meter import TypeNumber

Finding = tuple[Value, float | None, str]
"""A value, its expanded uncertainty and a remark, as a position records them."""


@dataclass(frozen=True)
class JudgedAgain:
    """What a step comes to from the edges on record."""

    found: Mapping[str, Finding]
    """By the names of its measurements."""
    wanting: str = ""
    """What its profile asks for and the record does not hold, in half a sentence; empty where it holds all."""


class Blocked(Exception):
    """The bench or the fixture cannot go on. The message says what happened, where, and what to do."""


class Disturbed(Blocked):
    """Something outside has spoilt what was being measured and is over: it is void, and may be measured once more."""


@dataclass(frozen=True)
class Step(ABC):
    """One test of one meter. A step sees only its `Position`; the runner owns the source and the record."""

    meter: TypeNumber
    profile: Profile

    needs_bypass: ClassVar[bool] = False
    """Every position needs a bypass contactor; where one has none the step is left out, and the plan and the record say so."""
    gate: ClassVar[bool] = False
    """Nothing later starts before a gate has passed on every position that stays in the run."""
    screens: ClassVar[str] = ""
    """The norm's test in whose place it stands and which it does not prove; plan, record and verdict say so."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Short and stable: statistics hang on it."""

    @property
    @abstractmethod
    def title(self) -> str:
        """As the operator reads it."""

    @property
    def load(self) -> Load | None:
        """What the source must deliver; None where any load will do and the step rides along with its neighbours."""
        return None

    @abstractmethod
    def measurements(self) -> tuple[Declared, ...]:
        """Everything the step will record."""

    def guarded(
        self, name: str, lower: float, upper: float, unit: str, source: str, *, tighten_above: float | None = None
    ) -> Declared:
        """A number between two limits that its uncertainty guards by the rule of the profile."""
        factor = self.profile.guard_factor
        return within(name, lower, upper, unit, source, guarded=True, guard_factor=factor, tighten_above=tighten_above)

    @property
    def limit_percent(self) -> float | None:
        """Upper limit of the error that it judges, in %, which rests on what the reference measures; None where it judges none."""
        return next((each.upper for each in self.measurements() if each.guarded and each.unit == "%"), None)

    def asks(self) -> tuple[Prompt, ...]:
        """Every question to a person; a step that asks has a load without current. What must be seen is added when it asks."""
        return ()

    def wired_to(self) -> tuple[str, ...]:
        """Keys of a position in the station file through which what was ordered is tested, for instance "output_2_pin" or "modules.MK".

        A position without one leaves it out, and no production run begins there.
        """
        return ()

    def lacks(self) -> str:
        """What must be there before the run begins and is not, for whoever must bring it; empty where all is."""
        return ""

    def not_made(self) -> str:
        """Why no bench of this kind makes it, for a test that a norm lists; plan and record name it as left out. Empty for all else."""
        return ""

    def remark(self) -> str:
        """What whoever reads plan or record must know of it; empty where there is nothing."""
        return ""

    @abstractmethod
    def duration(self) -> float:
        """The time it takes on a meter that works, s."""

    def longest(self) -> float:
        """The time it may take on a meter that is judged late, s; the run is given up only beyond it."""
        return self.duration()

    def judge_again(self, evidence: Evidence) -> JudgedAgain | None:  # noqa: ARG002  # for those that have edges
        """What it finds in the edges on record; None where the values on record are judged as they stand."""
        return None

    def follows(self) -> tuple[str, ...]:
        """Names of the earlier steps without which it says nothing; a plan that has them not before it is refused."""
        return ()

    @abstractmethod
    async def run(self, at: Position) -> None:
        """Test one meter. Raises `MeterSilent` or `NoPulse` for the meter's fault, `Blocked` for the bench's."""

    async def examine_fixture(  # noqa: B027  # most steps have no such doubt
        self, positions: tuple[Position, ...], outcomes: Mapping[int, Outcome], out_of_circuit: OutOfCircuit
    ) -> None:
        """Whether what was found is the fixture's doing: asked before it is kept, of a step that had its load for itself.

        Raises `Blocked` for a fault of the fixture; a load that it changed it brings back.
        """


@dataclass(frozen=True)
class LineStep(Step):
    """A step that looks at all positions together, because its question is about the fixture."""

    @abstractmethod
    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        """Test the line. Raises `Blocked` for a fault of the fixture."""

    async def run(self, at: Position) -> None:
        """Not used: the runner calls `run_line` once."""
        raise TypeError(f"{self.name} runs on the whole line, not at position {at.number}")


class OutOfCircuit(Protocol):
    """What a step that looks at the whole line may do to it."""

    async def __call__(self, numbers: frozenset[int], load: Load | None = None) -> bool:
        """Take exactly these positions out of the current circuit and settle `load`, or the load of the step.

        Where these are all, no current flows any more, and no contactor is needed.
        False, and nothing is switched, where the source cannot make it.
        """


Sequence = Callable[[TypeNumber, Profile], list[Step]]
"""A sequence: a function of type number and profile; it returns steps and runs nothing."""
