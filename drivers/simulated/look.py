"""What a person sees of a simulated meter: its display as it is really lit, its label, its seals."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivers.simulated.physics import MeterPhysics
from drivers.simulated.told import told
from reference_meter import DisplayPicture, Page, ReferenceMeter, Registers
from reference_meter.segments import segments_of


@dataclass(frozen=True)
class Look:
    """One look at one meter."""

    picture: DisplayPicture
    """What its processor shows."""
    digits: tuple[str, ...]
    """The segments of each digit that light, letters a to g: a dead one does not."""
    printed_type: str
    printed_number: str
    printed_constant: str
    seals_whole: bool


def look_at(logic: ReferenceMeter, physics: MeterPhysics) -> Look:
    """What a person sees of a meter whose processor is `logic`."""
    # Display and port tell the same registers, whatever has slipped in them.
    picture = _shown(logic.display(), told(logic.registers, physics, logic.pulse_count, 0), physics)
    return Look(
        picture=picture,
        digits=tuple(_lit(place, lit, physics) for place, lit in enumerate(segments_of(picture.digits), start=1)),
        printed_type=physics.printed_type or str(physics.meter),
        printed_number=physics.printed_number or f"{physics.customer_number:08}",
        printed_constant=f"{physics.printed_constant or physics.meter.constant} imp/kWh",
        seals_whole=physics.seals_whole,
    )


def _shown(picture: DisplayPicture, registers: Registers, physics: MeterPhysics) -> DisplayPicture:
    """The picture as the display's driver makes it out of these registers."""
    if physics.display_dark:
        return DisplayPicture()
    match picture.page:
        case Page.TOTAL:
            shown = _with_kwh(picture, registers.total_kwh + physics.shown_off_kwh)
            picture = replace(shown, decimals=physics.shown_decimals, unit=physics.shown_unit or picture.unit)
        case Page.TARIFF_1:
            picture = _with_kwh(picture, registers.tariff_1_kwh)
        case Page.TARIFF_2:
            picture = _with_kwh(picture, registers.tariff_2_kwh)
    one, two, three = (lit and k != physics.dark_phase for k, lit in enumerate(picture.phases))
    return replace(picture, phases=(one, two, three))


def _with_kwh(picture: DisplayPicture, kwh: int) -> DisplayPicture:
    """The same with another number, as many preceding zeroes as it had."""
    return replace(picture, digits=f"{kwh:0{len(picture.digits.strip())}}".rjust(len(picture.digits)))


def _lit(place: int, wanted: str, physics: MeterPhysics) -> str:
    """The segments of one digit that light."""
    stuck = {letter for digit, letter in physics.stuck_segments if digit == place}
    dead = {letter for digit, letter in physics.dead_segments if digit == place}
    return "".join(sorted((set(wanted) | stuck) - dead))
