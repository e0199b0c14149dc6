"""Events, registers, configurations and pictures are values: nobody can change one that another holds."""

from __future__ import annotations

import dataclasses
import inspect
from fractions import Fraction

import pytest

from reference_meter import (
    NO_VOLTAGE,
    Assumptions,
    Configuration,
    DataSet,
    DisplayPicture,
    Event,
    InputMode,
    MemoryImage,
    ModeAReadout,
    Option,
    Output2,
    Power,
    ReferenceMeter,
    Registers,
    TypeNumber,
    Unit,
    events,
)
from reference_meter.image import SIZE, Contents
from reference_meter.modules import NO_MODULE, Module

EVENTS = [c for _, c in inspect.getmembers(events, inspect.isclass) if issubclass(c, Event)]
SMALL = [*EVENTS, Power]
VALUES = [
    *SMALL,
    *(
        Assumptions,
        Configuration,
        Contents,
        DataSet,
        DisplayPicture,
        MemoryImage,
        ModeAReadout,
        Module,
        Registers,
        TypeNumber,
    ),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda c: c.__name__)
def test_a_value_cannot_be_changed(value: type) -> None:
    made: object = object.__new__(value)
    assert dataclasses.is_dataclass(made)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, dataclasses.fields(made)[0].name, 0)


@pytest.mark.parametrize("value", SMALL, ids=lambda c: c.__name__)
def test_values_that_come_in_millions_are_small(value: type) -> None:
    assert not hasattr(object.__new__(value), "__dict__")


def test_what_nothing_was_said_about() -> None:
    assert Assumptions() == Assumptions(
        phase_quantum=0,
        reverse="ignore",
        starting_power_uw=0,
        s0_width_ns=30_000_000,
        s0_min_pause_ns=0,
        tariff_remainder="shared",
        window_on_power_fail="continue",
        power_fail_save=False,
        without_neutral="three_circuits",
        display_test="always",
        fall_back_from="release",
        hold_acts="at_6_s",
        trip_reset_saved=True,
        unit_shift_ns=2_000_000_000,
        actual_power_window_ns=1_000_000_000,
        input_bounce_ns=1_000_000,
        square_energy=360_000_000_000_000_000,
    )
    assert Configuration() == Configuration(
        frozenset(Option), True, 0, 0, InputMode.NORMAL, Fraction(1), Unit.NONE, Output2(1)
    )
    assert (NO_MODULE.code, NO_MODULE.serial, NO_MODULE.mbus, NO_MODULE.modem) == ("OK", False, False, False)
    assert set(dataclasses.asdict(Registers()).values()) == {0, (0, 0), (0, 0, 0)}
    assert Power.of_watts() == Power((0, 0, 0), (True, True, True))
    assert Power((0, 0, 0), (False, False, False)) == NO_VOLTAGE
    fresh = ReferenceMeter("685-382-OK-50")
    assert (fresh.production_number, fresh.phases_connected) == (0, (False, False, False))
    assert len(MemoryImage(bytes(SIZE)).data) == 0x07FF
    assert DisplayPicture() == DisplayPicture("        ", 0, "   ", (False,) * 2, (False,) * 3, (False,) * 3, None)


def test_options_and_outputs_bear_the_numbers_of_the_ordering_details() -> None:
    assert [option.value for option in Option] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert [output.value for output in Output2] == [1, 1000]
