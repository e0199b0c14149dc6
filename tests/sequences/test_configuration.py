"""What the profile names is written and compared with what the meter then holds; where nobody knows how, nothing is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bench.configure import FILE_VARIABLE, PASSWORD_VARIABLE
from bench.profile import STANDARD, Profile
from drivers.configuration import NO_DIALECT, ConfigurationError
from drivers.configuration_fields import Value
from reference_meter import TypeNumber
from sequences.configuration import Configuration, configuration
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-382-RK-50")
ORDERED = ("output-2=1000", "customer-data=4711")
NOBODY_KNOWS_HOW = Profile(configuration=ORDERED)
AS_ORDERED = Profile(configuration=ORDERED, configuration_dialect="model")
Simulated = Callable[[Callable[[], Awaitable[Standing]]], Standing]


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PASSWORD_VARIABLE, FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def configured(simulated: Simulated, profile: Profile, held: dict[str, Value] | None = None) -> Standing:
    """A meter that holds this afterwards, or refuses the login."""

    async def main() -> Standing:
        async def configure(dialect: str, wanted: dict[str, Value]) -> dict[str, Value]:
            assert (dialect, wanted) == ("model", {"output-2": "1000", "customer-data": 4711})
            if held is None:
                raise ConfigurationError("the meter refuses the login: the password is not this meter's")
            return held

        return await Standing(configure=configure).runs(Configuration(METER, profile))

    return simulated(main)


def judged(profile: Profile) -> dict[str, str | None]:
    return {each.name: each.expected for each in Configuration(METER, profile).measurements()}


def test_a_meter_is_taken_for_configured_by_what_it_holds_afterwards(simulated: Simulated) -> None:
    assert judged(AS_ORDERED) == {"configuration": "taken", "output-2": "1000", "customer-data": "4711"}
    seen = configured(simulated, AS_ORDERED, {"output-2": "1000", "customer-data": 4711})
    assert seen.values == judged(AS_ORDERED)


def test_a_meter_that_holds_something_else_than_was_written_is_told_by_that_field(simulated: Simulated) -> None:
    seen = configured(simulated, AS_ORDERED, {"output-2": "1", "customer-data": 4711})
    assert seen.values == {"configuration": "taken", "output-2": "1", "customer-data": "4711"}


def test_what_a_meter_refuses_it_says_and_its_fields_stay_unset(simulated: Simulated) -> None:
    seen = configured(simulated, AS_ORDERED)
    assert seen.values == {"configuration": "the meter refuses the login: the password is not this meter's"}
    assert seen.left_out == []


def test_where_no_dialect_is_named_nothing_is_written_and_nothing_is_judged(simulated: Simulated) -> None:
    seen = configured(simulated, NOBODY_KNOWS_HOW)
    assert (seen.values, seen.left_out, seen.why) == ({}, ["configuration", "output-2", "customer-data"], NO_DIALECT)


def test_a_password_is_asked_for_before_the_run_where_something_will_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Configuration(METER, NOBODY_KNOWS_HOW).lacks() == ""
    step = Configuration(METER, AS_ORDERED)
    assert step.lacks().startswith(f"no password: set {PASSWORD_VARIABLE} to the meter's 6 digits")
    monkeypatch.setenv(PASSWORD_VARIABLE, "12345")
    assert step.lacks() == "the meter's password is 6 decimal digits; what was given is not"
    monkeypatch.setenv(PASSWORD_VARIABLE, "123456")
    assert step.lacks() == ""
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "none"))
    assert "cannot be read" in step.lacks()


def test_nothing_is_configured_where_the_profile_names_nothing_and_no_current_flows_where_it_does() -> None:
    assert configuration(METER, STANDARD) == []
    (step,) = configuration(METER, AS_ORDERED)
    assert step.load is not None
    assert not step.load.has_current
    assert [round(abs(u), 9) for u in step.load.u] == [230.0] * 3
