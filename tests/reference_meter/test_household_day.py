"""The example of the documentation is run as it stands there."""

from __future__ import annotations

import doctest
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "reference-meter.md"


def test_the_household_day_of_the_documentation() -> None:
    failed, tried = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert tried >= 15
