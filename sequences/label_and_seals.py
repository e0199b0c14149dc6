"""Label and seals: a person compares the label with the order and the meter's own number, and looks at the seals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.load_points import voltage_only
from bench.measurements import Declared, reads
from bench.position import Position
from bench.prompt import Choice, Mark, Prompt
from bench.record import Outcome
from bench.steps import OutOfCircuit, Step
from drivers.load import Load
from sequences.s0_wiring import doubt_the_heads, failing

RIGHT = Choice("right", "all as shown")
LABEL = Choice("label", "the label differs")
SEAL = Choice("seal", "a seal is missing or broken")
BOTH = Choice("both", "label and seal are wrong")

LOOK = Prompt(
    "label-and-seals",
    "Read the label of each meter and look at its seals. Is everything as shown, on every meter?",
    (RIGHT, LABEL, SEAL, BOTH),
)


@dataclass(frozen=True)
class LabelAndSeals(Step):
    """The label names the type that was ordered, the meter's number and its constant; the factory seals are whole (R69, R70, R5)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "label-and-seals"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Label and seals"

    @property
    def load(self) -> Load:
        """Un, no current: nobody reads labels beside a current of 100 A."""
        return voltage_only(self.meter)

    def asks(self) -> tuple[Prompt, ...]:
        """One look for all of it."""
        return (LOOK,)

    def measurements(self) -> tuple[Declared, ...]:
        """What the person saw."""
        return (
            reads("label", "as ordered", "data sheet, Type number; S0 pulse output: 1000 imp/kWh"),
            reads("seals", "whole", "data sheet, Legal data: protected by the verification seal (R69)"),
        )

    def duration(self) -> float:
        """One look at a whole line."""
        return 30.0

    async def run(self, at: Position) -> None:
        """Ask once for everything that is printed and sealed."""
        number = at.serial or (at.snapshots[0].registers.customer_number if at.snapshots else None)
        marks = (
            Mark("type", str(self.meter)),
            *([Mark("number", number)] if number else []),
            Mark("constant", f"{self.meter.constant} imp/kWh"),
            Mark("seals", "whole"),
        )
        answer = await at.ask(replace(LOOK, marks=marks))
        at.record("label", "as ordered" if answer in (RIGHT.answer, SEAL.answer) else "differs")
        at.record("seals", "whole" if answer in (RIGHT.answer, LABEL.answer) else "missing or broken")

    async def examine_fixture(
        self, positions: tuple[Position, ...], outcomes: Mapping[int, Outcome], out_of_circuit: OutOfCircuit
    ) -> None:
        """Labels that bear a number which another's head read: the heads may be crossed."""
        await doubt_the_heads(self.meter, positions, failing(outcomes, "label"), out_of_circuit)
