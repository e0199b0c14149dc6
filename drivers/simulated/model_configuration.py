"""The far end of the model dialect: a simulated meter that lets itself be configured over native frames, as docs/decisions/0027 says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from drivers.configuration import ModelDialect
from drivers.configuration_fields import FIELDS, Field, FieldError, Value
from drivers.native_frames import Frame
from reference_meter import Configuration, InputMode, Option, Output2, ReferenceMeter, Unit
from reference_meter.protection import WrongPassword

_BY_NUMBER = {field.number: field for field in FIELDS.values()}


class ModelConfiguration:
    """Login and fields of one meter. A login holds until another one fails. One that is `stuck` takes a value and keeps the old one."""

    def __init__(self, meter: ReferenceMeter, *, stuck: bool = False) -> None:
        self._meter = meter
        self._stuck = stuck
        self._password: str | None = None

    def answer(self, request: Frame) -> Frame | None:
        """The answer to a request of the model dialect; None for any other."""
        match request.command:
            case ModelDialect.LOG_IN:
                data = bytes((self._log_in(request.data),))
            case ModelDialect.WRITE if request.data:
                data = bytes((self._write(request.data[0], request.data[1:]),))
            case ModelDialect.READ if len(request.data) == 1 and request.data[0] in _BY_NUMBER:
                field = _BY_NUMBER[request.data[0]]
                data = request.data + field.pack(held(self._meter.configuration, field))
            case _:
                return None
        return Frame(request.command, data)

    def _log_in(self, digits: bytes) -> int:
        self._password = digits.decode("ascii", "replace")
        return self._configure(self._meter.configuration)

    def _write(self, number: int, data: bytes) -> int:
        if self._password is None:
            return ModelDialect.WRONG_PASSWORD
        if number not in _BY_NUMBER:
            return ModelDialect.SEALED
        field = _BY_NUMBER[number]
        try:
            configuration = changed(self._meter.configuration, field, field.unpack(data))
        except (FieldError, ValueError):
            return ModelDialect.BAD_VALUE
        return self._configure(self._meter.configuration if self._stuck else configuration)

    def _configure(self, configuration: Configuration) -> int:
        assert self._password is not None
        try:
            self._meter.configure(self._password, configuration)
        except WrongPassword:
            self._password = None
            return ModelDialect.WRONG_PASSWORD
        return ModelDialect.DONE


def held(configuration: Configuration, field: Field) -> Value:
    """What a configuration holds of a field."""
    c = configuration
    values: dict[str, Value] = {
        "display": "+".join(str(int(option)) for option in sorted(c.options)) or "none",
        "preceding-zeroes": "yes" if c.preceding_zeroes else "no",
        "meter-number": c.meter_number,
        "customer-data": c.customer_data,
        "pulse-input": str(c.input_mode),
        "pulse-constant": FIELDS["pulse-constant"].show(int(c.pulse_constant * 1000)),
        "pulse-unit": str(c.input_unit) or "none",
        "output-2": str(int(c.output_2)),
    }
    return values[field.name]


def changed(configuration: Configuration, field: Field, value: Value) -> Configuration:
    """The configuration with one field changed. Raises `ValueError` for what the ordering details do not offer."""
    text = str(value)
    changes: dict[str, Any]
    match field.name:
        case "display":
            numbers = [] if text == "none" else text.split("+")
            changes = {"options": frozenset(Option(int(number)) for number in numbers)}
        case "preceding-zeroes":
            changes = {"preceding_zeroes": text == "yes"}
        case "meter-number" | "customer-data":
            changes = {field.name.replace("-", "_"): int(text)}
        case "pulse-input":
            changes = {"input_mode": InputMode(text)}
        case "pulse-constant":
            changes = {"pulse_constant": Fraction(text)}
        case "pulse-unit":
            changes = {"input_unit": Unit("" if text == "none" else text)}
        case _:
            changes = {"output_2": Output2(int(text))}
    return replace(configuration, **changes)
