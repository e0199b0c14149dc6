"""The type number: what can be ordered, what cannot, and the figures that follow from it. R70 to R75."""

from __future__ import annotations

from itertools import product

import pytest

from reference_meter import MalformedTypeNumber, TypeNumber
from reference_meter.modules import MODULES
from reference_meter.type_number import LABELS


def test_the_captured_meter_is_a_three_phase_80_a_class_2_without_a_module() -> None:
    meter = TypeNumber.parse("685-382-OK-10")
    assert (meter.phases, meter.phase_count, meter.polyphase) == (("L1", "L2", "L3"), 3, True)
    assert (meter.i_b, meter.i_max, meter.accuracy_class) == (5, 80, 2)
    assert (meter.module, meter.label, meter.has_tariff_module) == ("OK", "10", False)
    assert (meter.u_n, meter.constant) == (230, 1000)


@pytest.mark.parametrize(
    ("code", "i_b", "i_max"), [("1", 5, 100), ("2", 5, 120), ("6", 10, 60), ("8", 5, 80), ("9", 5, 100)]
)
def test_the_current_range_is_the_second_digit(code: str, i_b: int, i_max: int) -> None:
    meter = TypeNumber.parse(f"685-1{code}1-OK-50")
    assert (meter.i_b, meter.i_max, meter.phases, meter.polyphase) == (i_b, i_max, ("L1",), False)


def test_a_two_phase_meter_has_l1_and_l2() -> None:
    assert TypeNumber.parse("685-261-MK-50").phases == ("L1", "L2")
    assert TypeNumber.parse("685-261-MK-50").polyphase


@pytest.mark.parametrize("text", ["685382OK10", " 685-382-ok-10\n", "685 382 OK 10", "685-382OK10"])
def test_typed_and_scanned_spellings_mean_the_same(text: str) -> None:
    meter = TypeNumber.parse(text)
    assert str(meter) == "685-382-OK-10"
    assert meter.stored == "685382OK10"


def test_all_3600_listed_combinations_read_back_as_they_are_written() -> None:
    texts = [f"685-{p}{c}{a}-{m}-{label}" for p, c, a, m, label in product("123", "12689", "12", MODULES, LABELS)]
    assert len(set(texts)) == 3600
    for text in texts:
        meter = TypeNumber.parse(text)
        assert (str(meter), meter.remark) == (text, "")
        assert TypeNumber.parse(meter.stored) == meter


def test_a_label_outside_the_list_is_accepted_and_remarked_upon() -> None:
    meter = TypeNumber.parse("685-382-OK-10")
    assert not meter.label_is_listed
    assert meter.remark.startswith("label 10 is not in the ordering details")
    assert TypeNumber.parse("685-382-OK-50").label_is_listed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("684-382-OK-10", "the type must begin with 685, not '684'"),
        ("", "the type must begin with 685, not ''"),
        ("685-482-OK-10", "the number of phases is '4'; allowed are 1, 2, 3"),
        ("685-372-OK-10", "the current range is '7'; allowed are 1, 2, 6, 8, 9"),
        ("685-383-OK-10", "the accuracy class is '3'; allowed are 1, 2"),
        ("685-38", "the accuracy class is ''"),
        (
            "685-382-0K-10",
            "the module is '0K'; allowed are OK, SK, RK, QR, MK, EK, HK, WK, FK, YN, PO, IK (the letter O",
        ),
        ("685-382-XX-10", "the module is 'XX'"),
        ("685-382-OK-1", "the label is '1'; two digits"),
        ("685-382-OK-GB", "the label is 'GB'"),
        ("685-382-OK-500", "'0' follows the label"),
        ("685-38٢-OK-10", "'٢' is no character of a type number"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_the_part_that_is_wrong(text: str, says: str) -> None:
    with pytest.raises(MalformedTypeNumber) as refused:
        TypeNumber.parse(text)
    assert says in str(refused.value)
    assert repr(text) in str(refused.value)


def test_tariff_modules_are_wk_fk_and_ek() -> None:
    assert [code for code in MODULES if TypeNumber.parse(f"685-382-{code}-50").has_tariff_module] == ["EK", "WK", "FK"]


def test_the_starting_power_is_the_class_figure() -> None:
    assert TypeNumber.parse("685-381-OK-50").starting_power_uw == 13_800_000  # 3 × 230 V × 0.004 × 5 A
    assert TypeNumber.parse("685-382-OK-50").starting_power_uw == 17_250_000  # 3 × 230 V × 0.005 × 5 A
    assert TypeNumber.parse("685-161-OK-50").starting_power_uw == 9_200_000  # 230 V × 0.004 × 10 A
