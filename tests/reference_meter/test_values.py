"""Events, registers, configurations and pictures are values: nobody can change one that another holds."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from reference_meter import (
    Assumptions,
    Configuration,
    DataSet,
    DisplayPicture,
    Event,
    MemoryImage,
    ModeAReadout,
    Power,
    Registers,
    TypeNumber,
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
        unit_shift_ns=2_000_000_000,
        actual_power_window_ns=1_000_000_000,
        input_bounce_ns=1_000_000,
        square_energy=360_000_000_000_000_000,
    )
    assert Configuration().preceding_zeroes
    assert (NO_MODULE.code, NO_MODULE.serial, NO_MODULE.mbus, NO_MODULE.modem) == ("OK", False, False, False)
    assert len(MemoryImage(bytes(SIZE)).data) == 0x07FF
    assert not any(DisplayPicture().phases)
