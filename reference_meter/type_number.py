"""The type number of the meter: what was ordered, and with it every electrical figure a test needs.

Data sheet, Ordering details; rules R70 to R75. A type number that cannot exist is refused with the part that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reference_meter.modules import MODULES, Module

PHASES = ("L1", "L2", "L3")
"""The names of the three phases in their order."""

CURRENT_RANGES = {"1": (5, 100), "2": (5, 120), "6": (10, 60), "8": (5, 80), "9": (5, 100)}
"""Basic and maximum current in A by current range code; 1 and 9 differ in their terminals only (35 mm² and 25 mm²)."""

LABELS = {
    "35": "TR",
    "45": "LV",
    "49": "LIT",
    "50": "GB",
    "59": "CH-I",
    "61": "EST",
    "63": "CH-D",
    "65": "CH-F",
    "80": "NL-STD",
    "81": "NL",
}
"""The labels of the ordering details by their code."""

_STARTING_PER_MILLE_OF_IB = {1: 4, 2: 5}  # IEC 62053-21, starting current of direct connected meters


class MalformedTypeNumber(ValueError):
    """The text is no type number of a 382; the message says which part is wrong and what is allowed there."""


@dataclass(frozen=True)
class TypeNumber:
    """One orderable meter, `685-382-OK-10` for instance. Make it with `parse`."""

    phase_count: int
    """Measuring circuits: 1, 2 or 3."""
    current_code: str
    """Current range code, a key of `CURRENT_RANGES`."""
    accuracy_class: int
    """1 or 2 (IEC 62053-21)."""
    module: str
    """Ordering code of the module, `OK` for none."""
    label: str
    """Two digits."""

    u_n: ClassVar[int] = 230
    """Rated voltage, phase to neutral, V."""
    constant: ClassVar[int] = 1000
    """Meter constant, imp/kWh, fixed for every type (R5)."""

    @classmethod
    def parse(cls, text: str) -> TypeNumber:
        """Read `685-382-OK-10` as typed, printed or scanned: hyphens, blanks and case do not matter (R73).

        Raises `MalformedTypeNumber`. A label outside the ordering details is accepted and remarked upon (R72).
        """
        rest = _Rest(text)
        rest.take("the type must begin with", "685")
        rest.skip_hyphen()
        phases = rest.one_of("number of phases", "123")
        current = rest.one_of("current range", "".join(CURRENT_RANGES))
        accuracy = rest.one_of("accuracy class", "12")
        rest.skip_hyphen()
        module = rest.module()
        rest.skip_hyphen()
        label = rest.label()
        rest.end()
        return cls(int(phases), current, int(accuracy), module, label)

    @property
    def phases(self) -> tuple[str, ...]:
        """Names of the phases the meter measures."""
        return PHASES[: self.phase_count]

    @property
    def polyphase(self) -> bool:
        """Whether it has more than one measuring circuit."""
        return self.phase_count > 1

    @property
    def i_b(self) -> int:
        """Basic current in A (R74)."""
        return CURRENT_RANGES[self.current_code][0]

    @property
    def i_max(self) -> int:
        """Maximum current in A (R74)."""
        return CURRENT_RANGES[self.current_code][1]

    @property
    def starting_power_uw(self) -> int:
        """Power in µW, all phases, at which the class says the meter must register: 0.004 Ib (class 1) or 0.005 Ib (R9)."""
        per_mille = _STARTING_PER_MILLE_OF_IB[self.accuracy_class]
        return self.u_n * self.i_b * self.phase_count * per_mille * 1000

    @property
    def ordered_module(self) -> Module:
        """What the module of the type number adds to the meter."""
        return MODULES[self.module]

    @property
    def has_tariff_module(self) -> bool:
        """Whether the ordered module switches between two tariffs (R17, R39)."""
        return self.ordered_module.tariff_input

    @property
    def label_is_listed(self) -> bool:
        """Whether the ordering details know the label."""
        return self.label in LABELS

    @property
    def remark(self) -> str:
        """One sentence for the operator when something is unusual, else empty (R72)."""
        if self.label_is_listed:
            return ""
        return f"label {self.label} is not in the ordering details of the data sheet; it is accepted as it stands"

    @property
    def stored(self) -> str:
        """The text as it lies in the meter's memory: `685382OK10`."""
        return str(self).replace("-", "")

    def __str__(self) -> str:
        return f"685-{self.phase_count}{self.current_code}{self.accuracy_class}-{self.module}-{self.label}"


class _Rest:
    """What is left of the text while it is read from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = "".join(text.split()).upper()
        if not self._rest.isascii():
            odd = next(c for c in self._rest if not c.isascii())
            raise self._wrong(f"{odd!r} is no character of a type number; digits, letters A to Z and hyphens are")

    def take(self, rule: str, wanted: str) -> None:
        if not self._rest.startswith(wanted):
            raise self._wrong(f"{rule} {wanted}, not {self._rest[: len(wanted)]!r}")
        self._rest = self._rest[len(wanted) :]

    def skip_hyphen(self) -> None:
        self._rest = self._rest.removeprefix("-")

    def one_of(self, part: str, allowed: str) -> str:
        digit = self._next(1)
        if not digit or digit not in allowed:
            raise self._wrong(f"the {part} is {digit!r}; allowed are {', '.join(allowed)}")
        return digit

    def module(self) -> str:
        code = self._next(2)
        if code in MODULES:
            return code
        hint = " (the letter O, not the digit 0)" if code.replace("0", "O") in MODULES else ""
        raise self._wrong(f"the module is {code!r}; allowed are {', '.join(MODULES)}{hint}")

    def label(self) -> str:
        code = self._next(2)
        if len(code) != 2 or not code.isdigit():
            raise self._wrong(f"the label is {code!r}; two digits are wanted, for instance 50 for GB")
        return code

    def end(self) -> None:
        if self._rest:
            raise self._wrong(f"{self._rest!r} follows the label; nothing may")

    def _next(self, count: int) -> str:
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _wrong(self, what: str) -> MalformedTypeNumber:
        return MalformedTypeNumber(f"{self._text!r} is no type number of a 382: {what}. A right one is 685-382-OK-10.")
