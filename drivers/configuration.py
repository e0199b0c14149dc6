"""Writing a meter's configuration through its optical port: log in, write, read back, compare. How it is written is a dialect.

The frames with which METERTOOL for 162/382 writes are not public. The one dialect here, "model", is this project's own and understood by
its simulated meter alone (docs/decisions/0027); a real meter needs a dialect of its own, which has the same three requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from drivers.configuration_fields import FIELDS, Field, FieldError, Value
from drivers.native_frames import Frame, WrongAnswer
from drivers.optical_head import OpticalGarbled, OpticalHead

NO_DIALECT = (
    "the frames with which METERTOOL writes a configuration are not public, and no dialect was named: nothing was written. "
    "The dialect 'model' speaks to the simulated meter alone."
)
"""What is said of a real meter."""


class ConfigurationError(Exception):
    """The configuration was not written, or not as asked. The message never holds a password."""


@dataclass(frozen=True, repr=False)
class Password:
    """The 6-digit password (data sheet, Optical reading; R65). Neither its `repr` nor its `str` shows it."""

    digits: str

    def __post_init__(self) -> None:
        if len(self.digits) != 6 or not (self.digits.isascii() and self.digits.isdigit()):
            raise ConfigurationError("the meter's password is 6 decimal digits; what was given is not")

    def __repr__(self) -> str:
        return "Password(6 digits)"


class ConfigurationDialect(Protocol):
    """How one kind of meter is configured over native frames."""

    def log_in(self, password: Password) -> Frame:
        """The request that opens the meter for writing."""

    def write(self, field: Field, value: Value) -> Frame:
        """The request that writes one field."""

    def read(self, field: Field) -> Frame:
        """The request for what the meter holds of one field."""

    def done(self, asked: Frame, answer: Frame) -> None:
        """Check the answer to a login or a write. Raises `Refused` or `WrongAnswer`."""

    def value(self, field: Field, answer: Frame) -> Value:
        """What the answer to `read` says. Raises `WrongAnswer`."""


class Refused(WrongAnswer):
    """The meter understood and will not."""


class ModelDialect:
    """Command 92 logs in with six ASCII digits, D1 writes a field by number, D0 reads it; 92 and D1 are answered by a status."""

    LOG_IN, READ, WRITE = 0x92, 0xD0, 0xD1
    DONE, WRONG_PASSWORD, SEALED, BAD_VALUE = range(4)
    _WHY: ClassVar[dict[int, str]] = {
        WRONG_PASSWORD: "the password is not this meter's",
        SEALED: "legal data cannot be changed while the verification seal is whole (R67)",
        BAD_VALUE: "the meter does not take this value",
    }

    def log_in(self, password: Password) -> Frame:
        """The request that opens the meter for writing."""
        return Frame(self.LOG_IN, password.digits.encode("ascii"))

    def write(self, field: Field, value: Value) -> Frame:
        """The request that writes one field."""
        return Frame(self.WRITE, bytes((field.number,)) + field.pack(value))

    def read(self, field: Field) -> Frame:
        """The request for what the meter holds of one field."""
        return Frame(self.READ, bytes((field.number,)))

    def done(self, asked: Frame, answer: Frame) -> None:
        """Check the status. Raises `Refused` or `WrongAnswer`."""
        if answer.command != asked.command or len(answer.data) != 1:
            raise WrongAnswer("the meter's answer is no status")
        status = answer.data[0]
        if status != self.DONE:
            raise Refused(self._WHY.get(status, f"the meter refuses with status {status}"))

    def value(self, field: Field, answer: Frame) -> Value:
        """What the meter holds. Raises `WrongAnswer`."""
        if answer.command != self.READ or answer.data[:1] != bytes((field.number,)):
            raise WrongAnswer(f"the meter's answer does not tell its {field.name}")
        try:
            return field.unpack(answer.data[1:])
        except FieldError as fault:
            raise WrongAnswer(str(fault)) from None


DIALECTS: dict[str, ConfigurationDialect] = {"model": ModelDialect()}
"""Every dialect by its name."""


async def configure(
    head: OpticalHead, dialect: ConfigurationDialect, password: Password, wanted: dict[str, Value]
) -> dict[str, Value]:
    """Write the fields of `wanted`, read each back and compare; what the meter holds now.

    Raises `OpticalError` where the meter does not answer, `ConfigurationError` where it refuses or holds something else than was written.
    """
    held = await write(head, dialect, password, wanted)
    wrong = [f"{name} is {held[name]}, {value} was written" for name, value in wanted.items() if held[name] != value]
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return held


async def write(
    head: OpticalHead, dialect: ConfigurationDialect, password: Password, wanted: dict[str, Value]
) -> dict[str, Value]:
    """Write the fields of `wanted` and read each back: what the meter holds now, whether that is what was written or not.

    Raises `OpticalError` where the meter does not answer, `ConfigurationError` where it refuses.
    """
    await _do(head, dialect, dialect.log_in(password), "the login")
    for name, value in wanted.items():
        await _do(head, dialect, dialect.write(FIELDS[name], value), f"{name}={value}")
    return await read_back(head, dialect, wanted)


async def read_back(head: OpticalHead, dialect: ConfigurationDialect, names: Iterable[str]) -> dict[str, Value]:
    """What the meter holds of these fields. Raises `OpticalError`."""
    held = {}
    for name in names:
        field = FIELDS[name]
        answer = await head.ask(dialect.read(field), lambda answer, field=field: dialect.value(field, answer))  # type: ignore[misc]
        held[name] = answer.value
    return held


async def _do(head: OpticalHead, dialect: ConfigurationDialect, request: Frame, what: str) -> None:
    try:
        await head.ask(request, lambda answer: dialect.done(request, answer))
    except OpticalGarbled as fault:
        if isinstance(fault.__cause__, Refused):
            raise ConfigurationError(f"the meter refuses {what}: {fault.__cause__}") from None
        raise
