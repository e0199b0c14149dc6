"""The processor: counts watt-hours, windows, hours and months while it has voltage, and keeps the permanent memory.

Rules Rn name the sentence of the data sheet that a line obeys. Everything is worked out in closed form between two stops:
the cost grows with what happens, not with time.
"""

from __future__ import annotations

from reference_meter.actual_power import ActualPower
from reference_meter.assumptions import Assumptions
from reference_meter.configuration import Configuration, Output2
from reference_meter.demand import WINDOW, Demand
from reference_meter.energy import EnergyPath
from reference_meter.events import (
    Event,
    HourStored,
    KilowattHour,
    MonthStored,
    Output2Pulse,
    PowerFailed,
    PowerReturned,
    S0Pulse,
    Stored,
    TariffChanged,
    TripReset,
    WindowClosed,
)
from reference_meter.memory import MONTH, Memory, SavePoint
from reference_meter.power import HOUR, NEVER, Power
from reference_meter.pulse_input import PulseInput
from reference_meter.registers import SEVEN_DIGITS, EnergyRegisters, Registers, Tariff
from reference_meter.s0_output import S0Output

OUTPUT_2_WIDTH = {Output2.ONE_PER_KWH: 60_000_000, Output2.THOUSAND_PER_KWH: 30_000_000}
"""Nominal width of a pulse on output 2 in ns (R59); ± 10 % of it is allowed."""


class Processor:
    """What counts. It is told where time stops; the meter around it knows why."""

    def __init__(
        self, phase_count: int, assumptions: Assumptions, saved: Registers, configuration: Configuration
    ) -> None:
        self._assumptions = assumptions
        self._phase_count = phase_count
        self.path = EnergyPath(phase_count, assumptions, saved)
        self.energy = EnergyRegisters(saved, assumptions.tariff_remainder == "per_tariff")
        self.demand = Demand(saved)
        self.s0 = S0Output(assumptions.s0_width_ns, assumptions.s0_min_pause_ns)
        self.input = PulseInput(configuration, saved, assumptions.input_bounce_ns)
        self.actual_power = ActualPower(assumptions.actual_power_window_ns)
        self.output_2: Output2 | None = None
        """Pulses on output 2, where a module has one."""
        self.operating_ns = saved.hours * HOUR + saved.hour_ns
        self.now = 0
        self.window_end = NEVER
        """When the 15 minutes under way are over; never without voltage."""
        self.running = False
        self.power: Power | None = None
        self.selected: Tariff = 1
        """The tariff the module asks for."""
        self.tariff: Tariff = 1
        """The tariff that counts."""
        self.memory = Memory(self._state(self.operating_ns, saved.window_energy))

    # ------------------------------------------------------------------ energy

    def measure(self, until_ns: int, events: list[Event], pulses: bool) -> None:
        """Go on to `until_ns`, which is not beyond the end of the window."""
        duration_ns = until_ns - self.now
        if self.running:
            path = self.path
            energy = path.energy_in(duration_ns)
            count = path.watt_hours_in(energy)
            if count or self.s0.waiting:
                self._count(count, until_ns, events, pulses)
            self.demand.energy += energy
            path.take(duration_ns, energy)
            self.operating_ns += duration_ns
        self.now = until_ns

    def _count(self, count: int, until_ns: int, events: list[Event], pulses: bool) -> None:
        """`count` watt-hours are completed by `until_ns` (R3, R4)."""
        if count and self.tariff != self.selected:
            self.tariff = self.selected
            events.append(TariffChanged(self.now + self.path.offset(1), self.tariff))
        if pulses or self.s0.keeps_pause:
            listed = self._pulses(count, until_ns)
            if pulses:
                events += listed
        else:
            self.s0.count += count
        to_kwh = self.energy.to_next_kwh()
        if count >= to_kwh:
            last = to_kwh + (count - to_kwh) // 1000 * 1000
            self.energy.count(last, self.tariff)
            self._save(self.path.offset(last))
            count -= last
        self.energy.count(count, self.tariff)

    def _pulses(self, count: int, until_ns: int) -> list[Event]:
        """The pulses that begin and the kWh that are completed by `until_ns`, in the order of time."""
        now, s0, energy = self.now, self.s0, self.energy
        times = [now + offset for offset in self.path.offsets(count)] if count else []
        begins = s0.begin_within(times, until_ns) if s0.keeps_pause else times
        number = s0.count + 1
        s0.count += len(begins)
        events: list[Event] = [S0Pulse(at, n) for n, at in enumerate(begins, number)]
        kwh = times[energy.to_next_kwh() - 1 :: 1000]
        first = energy.total_kwh + 1
        events += [KilowattHour(at, n % SEVEN_DIGITS, self.tariff) for n, at in enumerate(kwh, first)]
        if self.output_2 is not None:
            width = OUTPUT_2_WIDTH[self.output_2]
            events += [Output2Pulse(at, width) for at in (kwh if self.output_2 is Output2.ONE_PER_KWH else times)]
        if len(events) > len(begins):
            events.sort(key=lambda event: event.time_ns)
        return events

    # ------------------------------------------------------------------ operating time and memory

    def close_window(self, events: list[Event]) -> None:
        """15 minutes are over; at a full hour and a full month more is stored, in this order (R29)."""
        demand, memory, now = self.demand, self.memory, self.now
        self.window_end = now + WINDOW
        events.append(WindowClosed(now, *demand.close_window()))
        if self.operating_ns % HOUR:
            return
        values = Stored(
            self.energy.total_kwh, demand.peak_w, self.input.units, self.operating_ns // HOUR % SEVEN_DIGITS
        )
        memory.hourly = values
        events.append(HourStored(now, values))
        if self.operating_ns % MONTH == 0:
            memory.months.append(values)
            demand.close_month()
            events.append(MonthStored(now, values))
        # T1, T2 and the trip recorder are not among the hourly values: they stay as the last kWh left them (R27).
        memory.save_point = memory.save_point._replace(
            total_kwh=self.energy.total_kwh,
            peak_w=demand.peak_w,
            last_peak_w=demand.last_peak_w,
            pulse_input=self.input.units,
            operating_ns=self.operating_ns,
            window_energy=0,
            window_discarded=False,
        )

    def reset_trip(self) -> TripReset:
        """Six seconds' activation on the trip page (R43)."""
        event = TripReset(self.now, self.energy.trip_wh)
        self.energy.trip_wh = 0
        if self._assumptions.trip_reset_saved:
            self.memory.save_point = self.memory.save_point._replace(trip_wh=0)
        return event

    @property
    def hours(self) -> int:
        """Operating hours, 7 digits (R12, R25)."""
        return self.operating_ns // HOUR % SEVEN_DIGITS

    def registers(self) -> Registers:
        """The whole state of the counting."""
        e, d = self.energy, self.demand
        a, b, c = self.path.phase_remainders
        return Registers(
            total_kwh=e.total_kwh,
            tariff_1_kwh=e.tariff_kwh[0],
            tariff_2_kwh=e.tariff_kwh[1],
            hours=self.hours,
            pulse_input=self.input.units,
            peak_w=d.peak_w,
            last_peak_w=d.last_peak_w,
            trip_wh=e.trip_wh,
            watt_hours=e.watt_hours,
            tariff_watt_hours=(e.tariff_watt_hours[0], e.tariff_watt_hours[1]),
            remainder=self.path.remainder,
            phase_remainders=(a, b, c),
            hour_ns=self.operating_ns % HOUR,
            window_energy=d.energy,
            window_discarded=d.discarded,
            pulse_input_carry=self.input.carry,
        )

    def saved(self) -> Registers:
        """What a power failure would leave now (R31)."""
        return self.registers() if self._assumptions.power_fail_save else self.memory.save_point.registers()

    def load(self, saved: Registers) -> None:
        """Go on from these registers, as if they had just been saved."""
        self._fall_back(saved)
        self.memory.save_point = self._state(self.operating_ns, saved.window_energy)

    def _save(self, offset_ns: int) -> None:
        """The kWh register changes `offset_ns` from now: the memory is updated (R26)."""
        window_energy = self.demand.energy + self.path.energy_in(offset_ns)
        self.memory.save_point = self._state(self.operating_ns + offset_ns, window_energy)

    def _state(self, operating_ns: int, window_energy: int) -> SavePoint:
        e, d = self.energy, self.demand
        return SavePoint(
            e.total_kwh,
            e.tariff_kwh[0],
            e.tariff_kwh[1],
            e.trip_wh,
            d.peak_w,
            d.last_peak_w,
            self.input.units,
            operating_ns,
            window_energy,
            d.discarded,
        )

    # ------------------------------------------------------------------ the supply

    def set_phase_count(self, phase_count: int) -> None:
        """The main print has been modified: it has this many circuits from the next `apply` on."""
        self._phase_count = self.path.phase_count = phase_count
        self.power = None

    @property
    def phases_connected(self) -> tuple[bool, bool, bool]:
        """Which phases of this meter have voltage (R47)."""
        connected = self.power.connected if self.power else (False, False, False)
        a, b, c = (on and index < self._phase_count for index, on in enumerate(connected))
        return a, b, c

    def feeds(self, power: Power) -> bool:
        """Whether a phase of this meter has voltage."""
        return True in power.connected[: self._phase_count]

    def apply(self, power: Power, events: list[Event]) -> None:
        """From now on the circuits see `power`."""
        self.power = power
        self.path.apply(power)
        running = self.feeds(power)
        self.actual_power.change(self.now, self.path.power_uw if running else 0)
        if running and not self.running:
            self.running = True
            self._align_window()
            self.input.restart(self.now)
            events.append(PowerReturned(self.now))
        elif self.running and not running:
            self.running = False
            events.append(self._fail())

    def _align_window(self) -> None:
        self.window_end = self.now + WINDOW - self.operating_ns % WINDOW if self.running else NEVER

    def _fail(self) -> PowerFailed:
        """No phase has voltage: what is not in the memory is gone (R31)."""
        self.s0.lose()
        self.input.stop()
        before = self.energy.watt_hours
        self._fall_back(self.saved())
        if self._assumptions.window_on_power_fail == "discard" and self.operating_ns % WINDOW:
            self.demand.discarded = True
        self._align_window()
        return PowerFailed(self.now, before - self.energy.watt_hours)

    def _fall_back(self, saved: Registers) -> None:
        self.path.load(saved)
        self.energy.load(saved)
        self.demand.load(saved)
        self.input.load(saved)
        self.operating_ns = saved.hours * HOUR + saved.hour_ns
        self._align_window()
