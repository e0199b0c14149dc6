"""A Yokogawa WT300 family power analyser as reference standard: WT310, WT310E, WT330, WT333E ("yokogawa-wt300").

| command | meaning | source | proven on hardware |
| --- | --- | --- | --- |
| `*IDN?` | `YOKOGAWA,WT333E,<serial>,F<version>` | W | no |
| `:COMMUNICATE:HEADER OFF` | answers without their header | W 5 | no |
| `:RATE 250MS` | how often it finishes a measurement | C | no |
| `:INPUT:VOLTAGE:AUTO ON`, `:INPUT:CURRENT:AUTO ON` | ranges by itself | W 6 | no |
| `:NUMERIC:FORMAT ASCII` | numbers as text | W 6 | no |
| `:NUMERIC:NORMAL:NUMBER <n>` | how many items an answer has | W 6 | no |
| `:NUMERIC:NORMAL:ITEM<k> U,1` | item k is this function of this element: `U`, `I`, `P`, `PHI`, `FU` | W 6, Modbus table 9-7 | no |
| `:NUMERIC:NORMAL:VALUE?` | all items with commas between; `NAN`: there is none, `INF`: over range | W 6 | no |
| `:STATUS:FILTER1 FALL`, `:STATUS:EESR?` | bit 0 of the extended event register: a measurement was finished; reading clears it | W 7 | no |
| `:COMMUNICATE:WAIT 1` | what follows waits for that bit | W 5-10 | no |
| `:STATUS:ERROR?` | oldest error, `0,"NO ERROR"` | W 6 | no |

W: Communication Interface User's Manual IM WT310-17EN, IM WT310E-17EN, chapter or page. C: a public reader for the WT310 (pycoolr).

A measurement covers one update interval and is read as soon as it is finished, so it holds in the middle of that interval. φ is
lag positive, −180 to 180 (the WT3001E's manual, 6-97; unproven here). Angles between voltages are no function of this
family: the voltages are taken to stand in the system's places. Currents above the direct input (20 A, WT310EH 40 A) come through
transformers; their ratio is set at the instrument (scaling) and belongs to its certificate.
"""

from __future__ import annotations

import re

from drivers.answered_numbers import numbers, phasors, senseless
from drivers.load import SYSTEM_ANGLES_DEG
from drivers.power_source import InstrumentError, Reading
from drivers.visa import VisaPort
from drivers.visa_standard import VisaStandard

UPDATE_S = 0.25
"""The update interval that is set, in s."""

_FUNCTIONS = ("U", "I", "P", "PHI")
_ELEMENTS = {"WT310": 1, "WT330": 3, "WT333": 3}
"""Elements by the beginning of the model's name. A WT332 has two: no phase-to-neutral power of three phases."""

_MORE_ERRORS_THAN_ANY_QUEUE = 100
_ERROR_ENTRY = re.compile(r'(?P<number>[+-]?\d+),(?P<text>".*")')


class YokogawaStandard(VisaStandard):
    """A reference standard on a VISA port; see the table above for its language."""

    def __init__(self, port: VisaPort, accuracy_percent: float = 0.15, readback_period: float = 1.0) -> None:
        """`accuracy_percent` is the half-width of its error, % of reading, by its certificate; `readback_period` in s."""
        super().__init__(port, accuracy_percent, readback_period)
        self._elements = 0
        self._items: list[str] = []

    async def open(self) -> None:
        """Connect, identify, empty the error queue, choose what is measured. Raises `InstrumentError` for another model."""
        await self._port.open()
        model = self._port.identity.partition(",")[2].partition(",")[0].strip()
        self._elements = next((n for name, n in _ELEMENTS.items() if model.startswith(name)), 0)
        if not self._elements:
            raise InstrumentError(
                f"{self._name} is {self._port.identity!r}, and the dialect yokogawa-wt300 knows "
                f"{', '.join(f'{name}…' for name in _ELEMENTS)}; correct the dialect in the station file"
            )
        await self._errors()
        self._items = [f"{function},{n}" for n in range(1, self._elements + 1) for function in _FUNCTIONS] + ["FU,1"]
        for setting in (
            ":COMMUNICATE:HEADER OFF",
            f":RATE {round(UPDATE_S * 1000)}MS",
            ":INPUT:VOLTAGE:AUTO ON",
            ":INPUT:CURRENT:AUTO ON",
            ":NUMERIC:FORMAT ASCII",
            f":NUMERIC:NORMAL:NUMBER {len(self._items)}",
            *(f":NUMERIC:NORMAL:ITEM{k} {item}" for k, item in enumerate(self._items, 1)),
            ":STATUS:FILTER1 FALL",
        ):
            entry = self._entry(await self._port.query(f"{setting};:STATUS:ERROR?"))
            if entry is not None:
                raise InstrumentError(f"{self._name} refused {setting!r}: {', '.join([entry, *await self._errors()])}")

    async def read(self) -> Reading:
        """Wait for the end of the measurement under way and read it: at most one update interval."""
        question = ":STATUS:EESR?;:COMMUNICATE:WAIT 1;:NUMERIC:NORMAL:VALUE?"
        answer = await self._port.ask(question)
        _, _, values = answer.text.partition(";")
        fields = [field.strip().upper() for field in values.split(",")]
        if len(fields) != len(self._items):
            raise senseless(self._port, question, answer.text, f"{len(self._items)} values expected")
        over = [item for item, field in zip(self._items, fields, strict=True) if field == "INF"]
        if over:
            raise InstrumentError(
                f"{self._name} is over range ({'; '.join(over)}); look at its ranges, its scaling and its current transformers"
            )
        # Without a voltage there is no frequency, without a current no φ: nothing that could be wrong.
        known = [
            "0" if field == "NAN" and item.startswith(("PHI", "FU")) else field
            for item, field in zip(self._items, fields, strict=True)
        ]
        found = numbers(self._port, question, ",".join(known), ",", len(known))
        absent = [0.0] * (4 * (3 - self._elements))
        u, i, power, behind = ([*found[:-1], *absent][k::4] for k in range(4))
        return Reading(
            time=answer.answered - UPDATE_S / 2,
            u=phasors(u, list(SYSTEM_ANGLES_DEG)),
            i=phasors(i, [a - b for a, b in zip(SYSTEM_ANGLES_DEG, behind, strict=True)]),
            power=(power[0], power[1], power[2]),
            frequency=found[-1],
        )

    @property
    def _name(self) -> str:
        return f"the {self._port.instrument} at {self._port.resource}"

    async def _errors(self) -> list[str]:
        found: list[str] = []
        for _ in range(_MORE_ERRORS_THAN_ANY_QUEUE):
            entry = self._entry(await self._port.query(":STATUS:ERROR?"))
            if entry is None:
                return found
            found.append(entry)
        raise InstrumentError(
            f"the error queue of {self._name} does not come to an end ({found[-1]}); switch it off and on"
        )

    def _entry(self, answer: str) -> str | None:
        match = _ERROR_ENTRY.fullmatch(answer)
        if match is None:
            raise senseless(self._port, ":STATUS:ERROR?", answer, "an entry of its error queue was expected")
        return None if int(match["number"]) == 0 else f"{int(match['number'])},{match['text']}"
