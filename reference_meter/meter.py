"""The Kamstrup 382 as one object: power and time go in; pulses, registers, the display and the telegrams come out.

It is composed of the processor, the pushbutton, the protection of its data and the module that is fitted. It has no clock
of its own: whatever is done to it is done at `time_ns`, the end of the last `advance`.
"""

from __future__ import annotations

from reference_meter.assumptions import Assumptions
from reference_meter.configuration import Configuration
from reference_meter.display import Page, Pushbutton, pages
from reference_meter.events import CallProvoked, Event, InputCounted, Stored
from reference_meter.image import Contents, MemoryImage
from reference_meter.modules import MODULES
from reference_meter.picture import DisplayPicture
from reference_meter.power import Power
from reference_meter.processor import Processor
from reference_meter.protection import Protection
from reference_meter.readout import ModeAReadout
from reference_meter.registers import Registers, Tariff
from reference_meter.type_number import TypeNumber


class NotFitted(ValueError):
    """The module that this needs is not in the meter."""


class ReferenceMeter:
    """One 382. It has no voltage until its first `advance`."""

    def __init__(
        self,
        type_number: TypeNumber | str,
        *,
        registers: Registers | None = None,
        configuration: Configuration | None = None,
        assumptions: Assumptions | None = None,
        password: str = "123456",
        production_number: int = 0,
    ) -> None:
        self.type_number = TypeNumber.parse(type_number) if isinstance(type_number, str) else type_number
        """The type number on its front plate, in its memory and in its telegram."""
        self.production_number = production_number
        self.configuration = configuration or Configuration()
        self.assumptions = assumptions or Assumptions()
        self.module = self.type_number.ordered_module
        """The module that is fitted now."""
        self._protection = Protection(password)
        self._processor = Processor(
            self.type_number.phase_count, self.assumptions, registers or Registers(), self.configuration
        )
        self._button = Pushbutton(self.pages, self.assumptions)
        self._set_up()

    @classmethod
    def from_image(cls, image: MemoryImage, assumptions: Assumptions | None = None) -> ReferenceMeter:
        """The meter that wakes up with this memory."""
        contents = Contents.unpack(image)
        meter = cls(
            contents.type_number,
            registers=contents.registers,
            configuration=contents.configuration,
            assumptions=assumptions,
            password=contents.password,
            production_number=contents.production_number,
        )
        meter._processor.memory.hourly = contents.hourly
        meter._processor.memory.months.extend(contents.months)
        return meter

    # ------------------------------------------------------------------ time passes

    def advance(self, power: Power, duration_ns: int, *, pulses: bool = True) -> list[Event]:
        """Let `duration_ns` pass under constant `power` and return what happened, in the order of time.

        Steps of any size leave the same state as one step; an event in the last instant belongs to the step. With
        `pulses=False` pulses and kilowatt-hours are counted but not listed, and the cost no longer grows with them.
        """
        if duration_ns <= 0:
            if duration_ns < 0:
                raise ValueError(f"time cannot run back by {-duration_ns} ns")
            return []
        processor, button, contact = self._processor, self._button, self._processor.input
        events: list[Event] = []
        if power is not processor.power:
            was_running = processor.running
            processor.apply(power, events)
            if processor.running != was_running:
                button.reset(processor.now)
        end = processor.now + duration_ns
        while True:
            stop = min(end, processor.window_end, button.deadline_ns, contact.deadline_ns)
            processor.measure(stop, events, pulses)
            # In one and the same instant energy comes first, then contact and button, and the window is closed over them.
            if stop == contact.deadline_ns:
                events.append(InputCounted(stop, contact.count()))
            if stop == button.deadline_ns:
                self._act(button.reach_deadline(stop), events)
            if stop == processor.window_end:
                processor.close_window(events)
            if stop == end:
                return events

    def next_pulse(self, power: Power) -> int | None:
        """Nanoseconds from now until the next S0 pulse under constant `power`; None when none will come.

        A pulse begins at the first whole nanosecond at which the energy has reached 1 Wh.
        """
        if not self._processor.feeds(power):
            return None
        return self._processor.s0.next_begin(self._processor.now, self._processor.path.next_watt_hour(power))

    # ------------------------------------------------------------------ what is done to it

    def press(self) -> None:
        """Press the arrow key."""
        if self.running:
            self._button.press(self.time_ns)

    def release(self) -> list[Event]:
        """Let go of the arrow key: the display changes (R41). Returns what else that did."""
        events: list[Event] = []
        self._act(self._button.release(self.time_ns), events)
        return events

    def _act(self, page: Page | None, events: list[Event]) -> None:
        """Six seconds' activation on `page` (R43, R44)."""
        if page is Page.TRIP:
            events.append(self._processor.reset_trip())
        elif page is Page.CALL and self.module.modem:
            events.append(CallProvoked(self.time_ns))

    def select_tariff(self, tariff: Tariff) -> None:
        """The module asks for a tariff; it becomes active with the next watt-hour (R17). Raises `NotFitted`."""
        if tariff not in (1, 2):
            raise ValueError(f"there is no tariff {tariff}; the meter has 1 and 2")
        if tariff == 2:
            self.require("tariff", self.module.tariff_input)
        self._processor.selected = tariff

    def close_contact(self) -> None:
        """The contact of the pulse input closes (R53). Raises `NotFitted`."""
        self.require("pulse input", self.module.pulse_input)
        self._processor.input.close(self.time_ns, looked_at=self.running)

    def open_contact(self) -> None:
        """The contact of the pulse input opens. Raises `NotFitted`."""
        self.require("pulse input", self.module.pulse_input)
        self._processor.input.open(self.time_ns)

    def fit(self, module: str) -> None:
        """Fit the module with this ordering code in place of the present one, `OK` for none. No register changes (R68)."""
        if module not in MODULES:
            raise ValueError(f"there is no module {module!r}; there are {', '.join(MODULES)}")
        self.module = MODULES[module]
        if not self.module.tariff_input:
            self._processor.selected = 1
        self._processor.input.open(self.time_ns)
        self._set_up()

    def require(self, what: str, fitted: bool) -> None:
        """Raises `NotFitted` unless `fitted`."""
        if not fitted:
            raise NotFitted(
                f"{self.type_number} has no {what} module; fitted is {self.module.code}, {self.module.name}"
            )

    # ------------------------------------------------------------------ what METERTOOL and the verification office do

    def configure(self, password: str, configuration: Configuration) -> None:
        """Write a configuration; the measurement goes on untouched (R64 to R66). Raises `WrongPassword`."""
        self._protection.check(password)
        self.configuration = configuration
        self._set_up()

    def break_seal(self) -> None:
        """Break the verification seal behind the cover (R67, R69)."""
        self._protection.seal_broken = True

    def modify_print(self) -> None:
        """Modify the main print, which lies behind the seal (R67). Raises `Sealed`."""
        self._protection.modify_print()

    @property
    def sealed(self) -> bool:
        """Whether the verification seal is whole (R69)."""
        return not self._protection.seal_broken

    def write_legal(self, *, type_number: TypeNumber | None = None, registers: Registers | None = None) -> None:
        """Change legal data: the type or the registers (R67). Raises `Sealed`."""
        self._protection.check_legal()
        if type_number is not None:
            self.type_number = type_number
            self._processor.set_phase_count(type_number.phase_count)
        if registers is not None:
            self._processor.load(registers)

    # ------------------------------------------------------------------ what can be read

    @property
    def time_ns(self) -> int:
        """Nanoseconds since the object was made, with and without voltage: the time of its events."""
        return self._processor.now

    @property
    def running(self) -> bool:
        """Whether a phase has voltage."""
        return self._processor.running

    @property
    def pulse_count(self) -> int:
        """S0 pulses begun since the object was made."""
        return self._processor.s0.count

    @property
    def total_kwh(self) -> int:
        """Accumulated energy, kWh, 7 digits (R4, R12)."""
        return self._processor.energy.total_kwh

    @property
    def tariff_kwh(self) -> tuple[int, int]:
        """Tariff 1 and 2, kWh (R15)."""
        t1, t2 = self._processor.energy.tariff_kwh
        return t1, t2

    @property
    def watt_hours(self) -> int:
        """Register 2: watt-hours since the last kWh, 0 to 999."""
        return self._processor.energy.watt_hours

    @property
    def hours(self) -> int:
        """Operating hours, 7 digits (R12, R25)."""
        return self._processor.hours

    @property
    def active_tariff(self) -> Tariff:
        """The tariff that counts now (R14)."""
        return self._processor.tariff

    @property
    def actual_power_w(self) -> int:
        """Actual power, W (R23)."""
        return self._processor.actual_power.watts(self.time_ns)

    @property
    def hourly(self) -> Stored | None:
        """The values of the last full hour (R27)."""
        return self._processor.memory.hourly

    @property
    def months(self) -> tuple[Stored, ...]:
        """The last 36 months, the oldest first (R28)."""
        return tuple(self._processor.memory.months)

    @property
    def registers(self) -> Registers:
        """Everything counted, as a value; a meter made with it goes on from here."""
        return self._processor.registers()

    @property
    def phases_connected(self) -> tuple[bool, bool, bool]:
        """Which of its phases have voltage: L1, L2, L3 of the display (R47)."""
        return self._processor.phases_connected

    @property
    def squares(self) -> tuple[bool, bool, bool]:
        """The three small squares of the display (R48)."""
        return self._processor.path.squares

    @property
    def pages(self) -> tuple[Page, ...]:
        """The indications the arrow key steps through (R36 to R39)."""
        return pages(self.configuration, self.module, self.assumptions)

    @property
    def page(self) -> Page:
        """The indication that is shown."""
        return self._button.page

    @property
    def page_age_ns(self) -> int:
        """How long it has been shown, ns."""
        return self.time_ns - self._button.page_since_ns

    def display(self) -> DisplayPicture:
        """What a person sees now."""
        return DisplayPicture.of(self)

    def readout(self) -> ModeAReadout:
        """The mode A register set at this instant (R86)."""
        return ModeAReadout.of(self)

    def image(self) -> MemoryImage:
        """The EEPROM as it would be found if the supply failed now (R26, R31)."""
        return Contents.of(self, self._protection.password, self._processor.saved()).pack()

    def _set_up(self) -> None:
        """Configuration or module have changed: tell the parts."""
        self._button.offer(self.pages)
        self._processor.input.configure(self.configuration)
        self._processor.output_2 = self.configuration.output_2 if self.module.output_2 else None
