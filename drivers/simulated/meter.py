"""One simulated meter: the reference meter's logic behind real measuring circuits, a pulse output that jitters, and an optical port.

It lives in exact nanoseconds of loop time and is advanced only when something asks or happens; between, nothing ticks.
"""

from __future__ import annotations

import cmath
import math
import random
from collections.abc import Callable
from dataclasses import replace

from drivers.load import Load
from drivers.native_frames import Frame
from drivers.simulated import told
from drivers.simulated.circumstances import Exposure
from drivers.simulated.look import Look, look_at
from drivers.simulated.model_configuration import ModelConfiguration
from drivers.simulated.odd_logic import OddRegisters
from drivers.simulated.physics import MeterPhysics
from reference_meter import Assumptions, Power, ReferenceMeter, Registers, S0Pulse
from reference_meter.events import CallProvoked, Output2Pulse
from reference_meter.registers import SEVEN_DIGITS, TRIP_WRAPS_AT_WH, Tariff

_NS = 1_000_000_000
_MICROWATT_HOUR = 3_600_000_000_000
"""1 µWh in µW·ns."""
_VOLTAGE_PRESENT_V = 100.0
"""Above this a phase counts as connected; far from any voltage a test applies."""

_BOUNCE_S = 0.01
"""An input without debounce counts closures below this as well."""

_DOUBLE_GAP_S = 0.003
"""A doubled pulse follows its first one after this time."""


class SimulatedMeter:
    """`edge(time, level)` is called with each S0 edge to come, in order of time within one call; level True is conducting."""

    def __init__(self, physics: MeterPhysics, rng: random.Random, edge: Callable[[float, bool], None]) -> None:
        quantum = round(physics.quantum_wh * 1e6) * _MICROWATT_HOUR
        a, b, c = (int(share * quantum) for share in physics.phase_remainders)
        self.physics = physics
        self._rng = rng
        self._edge = edge
        self._logic = ReferenceMeter(
            physics.meter,
            registers=Registers(
                total_kwh=physics.total_kwh,
                tariff_1_kwh=physics.total_kwh,
                watt_hours=physics.watt_hours,
                trip_wh=physics.total_kwh * 1000 + physics.watt_hours,  # never reset: it counts with the total
                remainder=rng.randrange(_MICROWATT_HOUR * 1_000_000),
                phase_remainders=(a, b, c),
            ),
            configuration=replace(physics.configuration, meter_number=physics.customer_number),
            production_number=physics.production_number,
            assumptions=Assumptions(phase_quantum=quantum),
        )
        self._configuration = ModelConfiguration(self._logic, stuck=physics.configuration_stuck)
        self._odd = OddRegisters(physics.odd_logic) if physics.odd_logic is not None else None
        self._power = Power((0, 0, 0), (False, False, False))
        self._swing = 0j
        self._swing_rad_s = 0.0
        self._powered_since: float | None = None
        self._exposure = Exposure(physics.meter)
        self._pulses = self._pulses_2 = 0
        self._last_fall = 0.0
        self._last_output_2_fall = 0.0
        self._closed_at: float | None = None
        self._bounces_counted = 0
        self.on_flash: Callable[[float, bool], None] | None = None
        """Told each change of the S0 diode to come, where somebody looks at it."""
        self.on_output_2: Callable[[float, bool], None] | None = None
        """Told each edge of pulse output 2 to come, where it is wired."""
        self.on_supply: Callable[[bool], None] | None = None
        """Told when the meter, and with it its module, gets or loses its supply."""
        self.on_call: Callable[[], None] | None = None
        """Told when the key makes the modem call, where there is one."""

    def set_load(self, now: float, load: Load) -> None:
        """The load at this meter's terminals changes at loop time `now`."""
        self.advance(now)
        self._exposure.expose(now, load)
        power = self._seen(load)
        powered = any(power.connected)
        if not powered:
            if self._powered_since is not None and self.physics.memory_lost_kwh:
                self._forget(self.physics.memory_lost_kwh)
            self._powered_since = None
        elif self._powered_since is None:
            self._powered_since = now
        if self.on_supply is not None:
            self.on_supply(powered)
        self._power = power
        watts = load.total_power
        apparent = sum(u * i for u, i in zip(load.u, load.i, strict=True))
        self._swing_rad_s = 4 * math.pi * load.frequency
        self._swing = apparent / watts / self._swing_rad_s * self.physics.unfiltered if watts > 0.0 else 0j

    def advance(self, now: float) -> None:
        """Let time pass up to `now`; every pulse that began has its edges handed on."""
        passed = round(now * _NS) - self._logic.time_ns
        if passed <= 0:
            return
        if self._odd is not None and any(self._power.connected):
            self._odd.advance(self._power, passed)
        for event in self._logic.advance(self._power, passed):
            if isinstance(event, S0Pulse):
                self._pulse(event.time_ns / _NS)
            elif isinstance(event, Output2Pulse):
                self._pulse_2(event.time_ns / _NS, event.width_ns / _NS)
            elif isinstance(event, CallProvoked) and self.on_call is not None:
                self.on_call()

    def next_pulse(self) -> float | None:
        """Loop time at which the next pulse begins if the load stays."""
        wait = self._logic.next_pulse(self._power)
        return None if wait is None else (self._logic.time_ns + wait) / _NS

    def readout(self, now: float) -> tuple[str, str] | None:
        """Identification and data block of the optical telegram at `now`; None while the port does not answer."""
        if not self._answers(now):
            return None
        readout = told.readout(self._logic, self.physics, self._bounces_counted)
        if self._odd is not None:
            readout = replace(readout, data_sets=tuple(map(self._odd.data_set, readout.data_sets)))
        return readout.identification, readout.body()

    def native(self, now: float, request: Frame) -> Frame | None:
        """The answer to a native request at `now`; None while the port does not answer, or never does."""
        if not self.physics.speaks_native or not self._answers(now):
            return None
        answer = told.native(self._logic, self.physics, self._bounces_counted, request)
        answer = answer or self._configuration.answer(request)
        return answer if self._odd is None or answer is None else self._odd.frame(answer)

    def _answers(self, now: float) -> bool:
        self.advance(now)
        return (
            not self.physics.optical_silent
            and self._powered_since is not None
            and now - self._powered_since >= self.physics.start_up_s
        )

    def _forget(self, kwh: int) -> None:
        """The memory holds what it held so many kWh ago."""
        logic, now = self._logic, self._logic.registers
        older = replace(
            now,
            total_kwh=(now.total_kwh - kwh) % SEVEN_DIGITS,
            tariff_1_kwh=(now.tariff_1_kwh - kwh) % SEVEN_DIGITS,
            trip_wh=(now.trip_wh - kwh * 1000) % TRIP_WRAPS_AT_WH,
        )
        logic.break_seal()  # a fault asks no verification office
        logic.modify_print()
        logic.write_legal(registers=older)

    # ------------------------------------------------------------------ the internal bus to the module

    def over_bus(self, now: float) -> ReferenceMeter | None:
        """The meter as its module finds it at `now`; None while it has no supply or starts up. For reading only."""
        self.advance(now)
        if self._powered_since is None or now - self._powered_since < self.physics.start_up_s:
            return None
        return self._logic

    def select_tariff(self, now: float, tariff: Tariff) -> None:
        """The tariff terminal of the module is given, or loses, its voltage. A module without one does nothing."""
        if self._logic.module.tariff_input and self.physics.module_fault != "tariff-stuck":
            self.advance(now)
            inverted = self.physics.module_fault == "tariff-inverted"
            self._logic.select_tariff((2 if tariff == 1 else 1) if inverted else tariff)

    # ------------------------------------------------------------------ the pulse input

    def contact(self, now: float, closed: bool) -> None:
        """The contact at the pulse input closes or opens. A module without one does nothing."""
        physics = self.physics
        if not self._logic.module.pulse_input or physics.input_deaf:
            return
        self.advance(now)
        if closed:
            self._logic.close_contact()
            self._closed_at = now
            return
        self._logic.open_contact()
        short = self._closed_at is not None and now - self._closed_at < _BOUNCE_S
        self._bounces_counted += physics.input_counts_bounce and short

    # ------------------------------------------------------------------ a person in front of it

    def look(self, now: float) -> Look:
        """What a person in front of the meter sees at `now`."""
        self.advance(now)
        return look_at(self._logic, self.physics)

    def press(self, now: float) -> None:
        """A person presses the arrow key and lets it go."""
        self.button(now, pressed=True)
        self.button(now, pressed=False)

    def button(self, now: float, *, pressed: bool) -> None:
        """The arrow key goes down, or comes up again."""
        self.advance(now)
        if self.physics.key_dead:
            return
        if pressed:
            self._logic.press()
        else:
            self._logic.release()

    # ------------------------------------------------------------------ measuring circuits

    def _seen(self, load: Load) -> Power:
        """What the processor sees of a load: gain and phase error per circuit, creep, starting threshold."""
        physics, now = self.physics, self._exposure.now
        phases = physics.meter.phase_count
        watts = []
        for k in range(3):
            error = physics.gain_of(k, abs(load.i[k]), now) + physics.influences.shift_percent(load, k, phases)
            gain = 1.0 + error / 100.0
            turned = cmath.exp(1j * physics.phase_error_mrad[k] * 1e-3)
            counts = k < phases and k != physics.open_voltage_link
            watts.append((load.u[k] * load.i[k].conjugate() * turned).real * gain * physics.s0_rate if counts else 0.0)
        if physics.reversed_phase is not None:
            watts[physics.reversed_phase] *= -1
        connected = [
            abs(load.u[k]) > _VOLTAGE_PRESENT_V and k < phases and k != physics.open_voltage_link for k in range(3)
        ]
        if sum(watts) < physics.starting_at(now):
            watts = [0.0, 0.0, 0.0]
        if any(connected) and not load.has_current:
            watts[0] += physics.creep_at(now)
        microwatts = [round(watt * 1e6) for watt in watts]
        return Power((microwatts[0], microwatts[1], microwatts[2]), (connected[0], connected[1], connected[2]))

    # ------------------------------------------------------------------ pulse output

    def _pulse(self, at: float) -> None:
        physics, now = self.physics, self._exposure.now
        self._pulses += 1
        if physics.loses(now, self._pulses):
            return
        width_ms = physics.width_at(now, self._pulses)
        jitter = self._rng.gauss(0.0, physics.edge_jitter_s)
        end = self._emit(at + self._swing_delay(at) + physics.edge_delay_s + jitter, width_ms)
        if physics.doubles(now, self._pulses):
            self._emit(end + _DOUBLE_GAP_S, width_ms)
        if physics.bounce_ms:
            self._emit(end + _DOUBLE_GAP_S, physics.bounce_ms)

    def _swing_delay(self, at: float) -> float:
        """By how many s the swing of u·i at 2 f moves an edge: its integral over the mean power, delayed so that none comes early.

        Where hardly any mean power is left, as of leads that are mixed, each swing still climbs as high as the last: none waits longer.
        """
        if not self._swing:
            return 0.0
        delay = abs(self._swing) - (self._swing * cmath.exp(1j * self._swing_rad_s * at)).imag
        return min(delay, 2 * math.pi / self._swing_rad_s)

    def _emit(self, rise: float, width_ms: float) -> float:
        """One pulse on the output, never before the last one has ended; the time of its end."""
        physics = self.physics
        rise = max(rise, self._last_fall + 1e-4)
        fall = rise + max(5e-4, (width_ms + self._rng.gauss(0.0, physics.width_jitter_ms)) * 1e-3)
        self._edge(rise, True)
        self._edge(fall, False)
        self._last_fall = fall
        dark = physics.diode_dead or (physics.dark_every and self._pulses % physics.dark_every == 0)
        if self.on_flash is not None and not dark:
            self.on_flash(rise + physics.diode_delay_s, True)
            self.on_flash(fall + physics.diode_delay_s, False)
        return fall

    def _pulse_2(self, at: float, nominal_s: float) -> None:
        physics = self.physics
        self._pulses_2 += 1
        if self.on_output_2 is None or physics.output_2_dead or self._pulses_2 % physics.output_2_every:
            return
        for due in (at + physics.edge_delay_s, 0.0)[: 1 + physics.output_2_doubled]:
            rise = max(due, self._last_output_2_fall + (_DOUBLE_GAP_S if not due else 1e-4))
            self._last_output_2_fall = fall = rise + nominal_s * physics.output_2_stretch
            self.on_output_2(rise, True)
            self.on_output_2(fall, False)
