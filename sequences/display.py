"""Display: a person compares what each meter shows with the reference meter's picture of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.load_points import voltage_only
from bench.measurements import Declared, reads
from bench.position import Position
from bench.prompt import Choice, Display, Prompt
from bench.record import Outcome
from bench.steps import OutOfCircuit, Step
from drivers.load import Load
from reference_meter import DisplayPicture, Page, Power, ReferenceMeter, Registers, TypeNumber
from reference_meter.power import SECOND
from sequences.arrow_key import activations, press
from sequences.s0_wiring import doubt_the_heads, failing

SAME = Choice("same", "as shown")
DIFFERS = Choice("differs", "something else")

TOTAL = Prompt(
    "total",
    "Touch no key. Does every meter show its reading? Zeroes in front do not matter.",
    (SAME, DIFFERS),
)
SEGMENTS = Prompt(
    "test",
    "Press the arrow key of each meter until all is lit. Is nothing dark, on every meter?",
    (SAME, DIFFERS),
    by_key=True,
)

LIT = replace(SEGMENTS, text="Is every segment lit and nothing dark, on every meter?", by_key=False)
"""The same where an actuator has pressed the key."""

_AGREES, _ALL_LIT = "as read", "all lit"

_SECONDS = 30.0
"""What an operator takes for a line of twelve."""


@dataclass(frozen=True)
class DisplayTest(Step):
    """On voltage alone the display shows what the optical port said (R35), and its test lights every segment (R36, R50).

    The arrow key steps and the test page lights, so the two questions prove key, glass and driver. An actuator presses the key where
    the position has one, else the person.
    """

    @property
    def name(self) -> str:
        """Name in the record."""
        return "display"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Display"

    @property
    def load(self) -> Load:
        """Un, no current: the register stands while it is looked at."""
        return voltage_only(self.meter)

    def asks(self) -> tuple[Prompt, ...]:
        """The reading first: it is what a meter shows when nobody has touched its key."""
        return (TOTAL, SEGMENTS)

    def measurements(self) -> tuple[Declared, ...]:
        """What the person saw."""
        return (
            reads("reading", _AGREES, "data sheet, Display: accumulated energy (R35)"),
            reads("display test", _ALL_LIT, "data sheet, Display: display test lights all segments (R50)"),
        )

    def duration(self) -> float:
        """Two looks at a whole line."""
        return 2 * _SECONDS

    async def run(self, at: Position) -> None:
        """Ask for the reading, then for the display test; a meter whose register nobody could read has no reading to show."""
        at.explain()
        kwh = at.snapshots[-1].registers.total_kwh if at.snapshots else None
        if kwh is not None:
            wanted = picture(self.meter, Page.TOTAL, kwh)
            # The squares follow the energy of each phase, of which the bench knows only whole kilowatt-hours.
            answer = await at.ask(replace(TOTAL, display=replace(Display.of(wanted), squares=())))
            at.record("reading", _AGREES if answer == SAME.answer else "another than the optical port's")
        at.show(0.5)
        wanted = picture(self.meter, Page.TEST)
        button = at.terminals.button
        if button is not None:
            await press(button, activations(self.meter, self.profile.ordered, Page.TEST))
        asked = SEGMENTS if button is None else LIT
        answer = await at.ask(replace(asked, display=Display.of(wanted)))
        at.record("display test", _ALL_LIT if answer == SAME.answer else "something dark")

    async def examine_fixture(
        self, positions: tuple[Position, ...], outcomes: Mapping[int, Outcome], out_of_circuit: OutOfCircuit
    ) -> None:
        """Meters that show what another's head read: the heads may be crossed."""
        await doubt_the_heads(self.meter, positions, failing(outcomes, "reading"), out_of_circuit)


def picture(meter: TypeNumber, page: Page, total_kwh: int = 0) -> DisplayPicture:
    """What the reference meter shows on a page, on voltage alone. Raises `ValueError` for a page it cannot be stepped to."""
    reference = ReferenceMeter(meter, registers=Registers(total_kwh=total_kwh, tariff_1_kwh=total_kwh))
    reference.advance(Power.of_watts(), SECOND)
    for _ in reference.pages:
        if reference.page is page:
            return reference.display()
        reference.press()
        reference.release()
    raise ValueError(f"the display of a {meter} has no page {page.value!r}")
