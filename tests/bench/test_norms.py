"""The figures of the norms, each against the table it was taken from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import norms
from bench.norms import (
    EDITION,
    EDITIONS,
    Quantity,
    error_limit,
    single_phase_difference,
    starting_current_over_ib,
    temperature_coefficient,
    variation_limit,
)
from reference_meter import TypeNumber

UNITY, HALF = 1.0, 0.5

BALANCED = [
    # I / Ib, cos φ, class 1, class 2: IEC 62053-21:2003, 8.1, table 6
    (0.05, UNITY, 1.5, 2.5),
    (0.0999, UNITY, 1.5, 2.5),
    (0.1, UNITY, 1.0, 2.0),
    (1.0, UNITY, 1.0, 2.0),
    (24.0, UNITY, 1.0, 2.0),
    (0.1, HALF, 1.5, 2.5),
    (0.1999, HALF, 1.5, 2.5),
    (0.2, HALF, 1.0, 2.0),
    (24.0, HALF, 1.0, 2.0),
]

ONE_PHASE = [
    # table 7
    (0.1, UNITY, 2.0, 3.0),
    (24.0, UNITY, 2.0, 3.0),
    (0.2, HALF, 2.0, 3.0),
    (24.0, HALF, 2.0, 3.0),
]


@pytest.mark.parametrize(("current", "cos_phi", "class_1", "class_2"), BALANCED)
def test_the_limits_of_a_balanced_load_change_at_the_edges_of_table_6(
    current: float, cos_phi: float, class_1: float, class_2: float
) -> None:
    limits = [error_limit(accuracy, current, cos_phi, inductive=cos_phi == HALF) for accuracy in (1, 2)]
    assert [limit.percent for limit in limits] == [class_1, class_2]
    assert {limit.source for limit in limits} == {"IEC 62053-21:2003, 8.1, table 6"}


@pytest.mark.parametrize(("current", "cos_phi", "class_1", "class_2"), ONE_PHASE)
def test_one_loaded_phase_of_a_polyphase_meter_has_the_limits_of_table_7(
    current: float, cos_phi: float, class_1: float, class_2: float
) -> None:
    limits = [
        error_limit(accuracy, current, cos_phi, inductive=cos_phi == HALF, single_phase_load=True)
        for accuracy in (1, 2)
    ]
    assert [limit.percent for limit in limits] == [class_1, class_2]
    assert {limit.source for limit in limits} == {"IEC 62053-21:2003, 8.1, table 7"}


@pytest.mark.parametrize(
    ("current", "cos_phi", "inductive", "one_phase"),
    [
        (0.0499, UNITY, False, False),
        (0.0999, HALF, True, False),
        (1.0, HALF, False, False),  # PF 0.5 capacitive: on request of the user only
        (1.0, 0.8, False, False),
        (1.0, 0.25, True, False),
        (0.0999, UNITY, False, True),
        (0.1999, HALF, True, True),
    ],
)
def test_a_point_without_a_limit_is_refused_in_words(
    current: float, cos_phi: float, inductive: bool, one_phase: bool
) -> None:
    with pytest.raises(ValueError, match=r"sets no limit for class 2 at .* Ib, power factor") as refusal:
        error_limit(2, current, cos_phi, inductive=inductive, single_phase_load=one_phase)
    assert ("one phase load" if one_phase else "balanced load") in str(refusal.value)


@given(st.sampled_from([1, 2, 3, 5, 10, 20]), st.sampled_from([0.05, 0.1, 0.2]))
def test_a_current_computed_as_a_multiple_of_ib_stands_on_its_edge(i_b: int, multiple: float) -> None:
    exact = error_limit(1, multiple, UNITY)
    assert error_limit(1, multiple * i_b / i_b, UNITY) == exact
    assert error_limit(1, (1.0 + multiple) - 1.0, UNITY) == exact


def test_the_starting_current_of_a_direct_connected_meter() -> None:
    assert starting_current_over_ib(1) == 0.004
    assert starting_current_over_ib(2) == 0.005


NO_LOAD_2003 = {
    # minutes to two decimals and whole seconds, class 1 and class 2: 600e6 or 480e6 / (k m Un Imax) minutes
    "18": (32.61, 1957, 26.09, 1565),
    "11": (26.09, 1565, 20.87, 1252),
    "12": (21.74, 1304, 17.39, 1043),
    "16": (43.48, 2609, 34.78, 2087),
    "28": (16.30, 978, 13.04, 783),
    "21": (13.04, 783, 10.43, 626),
    "22": (10.87, 652, 8.70, 522),
    "26": (21.74, 1304, 17.39, 1043),
    "38": (10.87, 652, 8.70, 522),
    "31": (8.70, 522, 6.96, 417),
    "32": (7.25, 435, 5.80, 348),
    "36": (14.49, 870, 11.59, 696),
}


@pytest.mark.parametrize("code", NO_LOAD_2003)
def test_the_no_load_time_of_every_electrical_type(code: str) -> None:
    found = []
    for accuracy in (1, 2):
        meter = TypeNumber.parse(f"685-{code}{accuracy}-OK-50")
        seconds = no_load(EDITION, meter)
        found += [round(seconds / 60, 2), round(seconds)]
    assert tuple(found) == pytest.approx(NO_LOAD_2003[code], abs=0.0051)  # 16.304 min stands there as 16.30


def no_load(edition: str, meter: TypeNumber, constant: float = 1000.0) -> float:
    return EDITIONS[edition].no_load_seconds(
        meter.accuracy_class, meter.phase_count, meter.u_n, meter.i_b, meter.i_max, constant
    )


NO_LOAD_LATER = {
    # minutes by IEC 62052-11:2020 and by EN 50470-3:2006, class 1 and class 2: 240e3 / (k m Utest Ist); Imax plays no part
    "1": {5: (47.43, 45.37, 37.94, 36.29), 10: (23.72, 22.68, 18.97, 18.15)},
    "2": {5: (23.72, 22.68, 18.97, 18.15), 10: (11.86, 11.34, 9.49, 9.07)},
    "3": {5: (15.81, 15.12, 12.65, 12.10), 10: (7.91, 7.56, 6.32, 6.05)},
}


@pytest.mark.parametrize("code", NO_LOAD_2003)
def test_the_no_load_time_of_the_later_editions(code: str) -> None:
    found = []
    for accuracy in (1, 2):
        meter = TypeNumber.parse(f"685-{code}{accuracy}-OK-50")
        found += [no_load(edition, meter) / 60 for edition in ("IEC 62052-11:2020", "EN 50470-3:2006")]
    assert found == pytest.approx(NO_LOAD_LATER[code[0]][meter.i_b], abs=0.0051)


def test_the_voltage_of_the_no_load_test_by_edition() -> None:
    voltages = {name: edition.no_load_voltage_over_un for name, edition in EDITIONS.items()}
    assert voltages == {EDITION: 1.15, "EN 50470-3:2006": 1.15, "IEC 62052-11:2020": 1.10}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_no_load_test_is_shorter_for_a_larger_meter_constant(edition: str) -> None:
    meter = TypeNumber.parse("685-181-OK-50")
    assert no_load(edition, meter, constant=2000.0) == no_load(edition, meter) / 2


def test_what_stands_in_the_norm_and_the_data_sheet_as_a_bare_figure() -> None:
    assert norms.NO_LOAD_PULSES == 1
    assert norms.FUNCTIONAL_WITHIN_S == 5.0
    assert norms.PULSE_WIDTH_MS == (30.0 * 0.9, 30.0 * 1.1)
    assert norms.PULSE_ENERGY_J == norms.WATT_HOUR_J == 3.6e6 / TypeNumber.constant


def test_up_to_57_1_kw_a_pulse_of_33_ms_leaves_a_pause_of_30_ms_and_above_it_none_can() -> None:
    shortest_period = norms.PULSE_ENERGY_J / norms.STANDARD_PAUSE_UP_TO_W
    assert shortest_period - 0.033 >= 0.030
    assert norms.PULSE_ENERGY_J / (norms.STANDARD_PAUSE_UP_TO_W + 100) - 0.033 < 0.030


def test_half_power_factor_without_a_word_is_no_lagging_one() -> None:
    with pytest.raises(ValueError, match="sets no limit"):
        error_limit(1, 1.0, HALF)
    with pytest.raises(ValueError, match="sets no limit"):
        variation_limit(Quantity.VOLTAGE, 1, 1.0, HALF)


def test_a_current_within_half_a_millionth_of_ib_stands_on_the_edge_of_its_range() -> None:
    assert error_limit(1, 0.1 - 4e-7, UNITY).percent == 1.0
    assert error_limit(1, 0.1 - 6e-7, UNITY).percent == 1.5
    assert variation_limit(Quantity.VOLTAGE, 1, 0.05 - 4e-7, UNITY).percent == 0.7
    with pytest.raises(ValueError, match="sets no limit"):
        variation_limit(Quantity.VOLTAGE, 1, 0.05 - 6e-7, UNITY)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_beside_the_power_factors_of_the_tables_there_are_no_limits(factor: float) -> None:
    for cos_phi in (UNITY * factor, HALF * factor):
        with pytest.raises(ValueError, match="sets no limit"):
            error_limit(1, 1.0, cos_phi, inductive=True)
        with pytest.raises(ValueError, match="sets no limit"):
            variation_limit(Quantity.VOLTAGE, 1, 1.0, cos_phi, inductive=True)


def test_single_phase_and_balanced_load_may_differ_by_so_much() -> None:
    assert [single_phase_difference(accuracy).percent for accuracy in (1, 2)] == [1.5, 2.5]


def test_what_uncertainty_and_uneven_pulses_may_take_of_a_limit() -> None:
    assert norms.UNCERTAINTY_SHARE == 0.2
    assert norms.SCATTER_SHARE == 0.1


def test_the_limits_hold_at_23_degrees_within_2() -> None:
    assert (norms.REFERENCE_TEMPERATURE_C, norms.REFERENCE_TEMPERATURE_BAND_K) == (23.0, 2.0)


@pytest.mark.parametrize(
    ("cos_phi", "class_1", "class_2"), [(1.0, 0.05, 0.10), (0.9991, 0.05, 0.10), (0.999, 0.07, 0.15), (0.5, 0.07, 0.15)]
)
def test_the_mean_temperature_coefficients_of_table_8(cos_phi: float, class_1: float, class_2: float) -> None:
    assert [temperature_coefficient(accuracy, cos_phi) for accuracy in (1, 2)] == [class_1, class_2]


@pytest.mark.parametrize("quantity", Quantity)
def test_reversed_phases_and_unbalance_have_a_limit_at_one_current_alone(quantity: Quantity) -> None:
    points = {Quantity.REVERSED_SEQUENCE: 0.1, Quantity.UNBALANCE: 1.0}
    if quantity not in points:
        assert variation_limit(quantity, 1, 1e6, UNITY).percent > 0.0
        return
    for factor in (0.99, 1.01):
        with pytest.raises(ValueError, match="sets no limit"):
            variation_limit(quantity, 1, points[quantity] * factor, UNITY)
