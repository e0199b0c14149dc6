"""What a meter tells over its optical port: the reference meter's registers, as faults of counting and telling change them.

It is a second reference meter with those registers, so that telegram, native blocks and memory agree with each other as they would.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from drivers.native_frames import Frame
from drivers.simulated import native_answers
from drivers.simulated.physics import MeterPhysics
from reference_meter import ModeAReadout, ReferenceMeter, Registers
from reference_meter.power import HOUR
from reference_meter.registers import SEVEN_DIGITS, TRIP_WRAPS_AT_WH

_RUN_IN_WH = 500
"""A register that leaps does so after this energy, when the first readouts are over."""
_POWER = slice(4, 8)
"""Where the actual power lies in the answer to command 90."""


def readout(logic: ReferenceMeter, physics: MeterPhysics, bounces: int) -> ModeAReadout:
    """The mode A telegram; `bounces` is what the pulse input has counted too many."""
    telegram = _teller(logic, physics, bounces, native=False).readout()
    identification = f"KAM {physics.told_type}" if physics.told_type else telegram.identification
    data_sets = tuple(each for each in telegram.data_sets if each.code not in physics.untold)
    return ModeAReadout(identification, data_sets)


def native(logic: ReferenceMeter, physics: MeterPhysics, bounces: int, request: Frame) -> Frame | None:
    """The answer to a native request; None where there is none."""
    answer = native_answers.answer(_teller(logic, physics, bounces, native=True), request, physics.memory)
    if answer is None or answer.command != 0x90:
        return answer
    # A teller has seen no power: the actual one is the meter's own.
    watts = round(logic.actual_power_w / physics.s0_rate * physics.power_told) + physics.power_residue_w
    return replace(answer, data=answer.data[: _POWER.start] + struct.pack(">I", watts) + answer.data[_POWER.stop :])


def _teller(logic: ReferenceMeter, physics: MeterPhysics, bounces: int, *, native: bool) -> ReferenceMeter:
    counted = logic.registers
    registers = told(counted, physics, logic.pulse_count, bounces, native=native)
    if registers == counted:
        return logic
    return ReferenceMeter(
        logic.type_number,
        registers=registers,
        configuration=logic.configuration,
        production_number=logic.production_number,
    )


def told(counted: Registers, physics: MeterPhysics, pulses: int, bounces: int, *, native: bool = False) -> Registers:
    """The registers as told; `pulses` were counted since the meter was made."""

    def slipped_wh(slip: float) -> int:
        # A register that takes more pulses than 1000 for a kWh.
        return physics.total_kwh * 1000 + int((physics.watt_hours + pulses) // ((1 + slip) * physics.s0_rate))

    total, one, two = counted.total_kwh, counted.tariff_1_kwh, counted.tariff_2_kwh
    trip = counted.trip_wh
    if physics.register_slip or physics.s0_rate != 1.0:
        total = one = slipped_wh(physics.register_slip) // 1000
    if physics.total_stuck:
        total = one = physics.total_kwh
    if physics.trip_slip or physics.s0_rate != 1.0:
        trip = slipped_wh(physics.trip_slip)
    if native:
        total += physics.native_off_kwh
    gained = total - physics.total_kwh
    match physics.tariff_fault:
        case "stands":
            one = physics.total_kwh
        case "both":
            two = gained
        case "other":
            one, two = physics.total_kwh, gained
    hours_ns = (counted.hours * HOUR + counted.hour_ns) * physics.hours_rate
    leaps = pulses > _RUN_IN_WH
    return replace(
        counted,
        total_kwh=total % SEVEN_DIGITS,
        tariff_1_kwh=one % SEVEN_DIGITS,
        tariff_2_kwh=two % SEVEN_DIGITS,
        trip_wh=trip % TRIP_WRAPS_AT_WH,
        hours=hours_ns // HOUR % SEVEN_DIGITS,
        peak_w=counted.peak_w + physics.peak_leap_w * leaps,
        pulse_input=(counted.pulse_input * physics.input_factor + bounces) % SEVEN_DIGITS,
    )
