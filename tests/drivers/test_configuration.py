"""Configuring a simulated meter through its optical port, and the password that nobody ever sees."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.command_line import run
from bench.commands.configure import command
from bench.configure import PASSWORD_VARIABLE, configure_port, password_from
from drivers.configuration import ConfigurationError, ModelDialect, Password
from drivers.configuration_fields import FIELDS, LEGAL, FieldError, parse_settings
from drivers.native_frames import Frame
from drivers.optical_head import OpticalError, OpticalSilence
from drivers.simulated.model_configuration import ModelConfiguration
from drivers.simulated.native_answers import answer
from drivers.simulated.optical_port import OpticalBehaviour, SimulatedOpticalPort
from drivers.simulated.serial_line import SerialLine
from reference_meter import Configuration, InputMode, Option, Output2, ReferenceMeter, Unit

Run = Callable[..., Any]

PASSWORD = "470815"
ALL = (
    "display=1+4+9", "preceding-zeroes=no", "meter-number=12345678", "customer-data=0", "pulse-input=quick",
    "pulse-constant=0.25", "pulse-unit=m3", "output-2=1000",
)  # fmt: skip
CONFIGURED = Configuration(
    frozenset((Option.TARIFFS, Option.TRIP, Option.CALL)), False, 12345678, 0, InputMode.QUICK, Fraction(1, 4),
    Unit.CUBIC_METRE, Output2.THOUSAND_PER_KWH,
)  # fmt: skip


def meter() -> ReferenceMeter:
    return ReferenceMeter("685-382-OK-50", password=PASSWORD)


async def write(
    it: ReferenceMeter, *settings: str, password: str = PASSWORD, model: bool = True, **behaviour: Any
) -> str:
    line = SerialLine("configured")
    configuration = ModelConfiguration(it)
    port = SimulatedOpticalPort(
        line,
        lambda: None,
        OpticalBehaviour(**behaviour),
        lambda asked: answer(it, asked) or (configuration.answer(asked) if model else None),
    )
    try:
        return await configure_port(line.url, "model", Password(password), parse_settings(settings))
    finally:
        port.close()


def test_everything_that_can_be_configured_is_written_and_read_back(simulated: Run) -> None:
    it = meter()
    before = it.registers
    told = simulated(lambda: write(it, *ALL, echo=True))
    assert it.configuration == CONFIGURED
    assert it.registers == before
    assert told.splitlines() == [f"{name:<18}{value}" for name, value in (text.split("=") for text in ALL)]


@given(st.sampled_from(sorted(FIELDS)), st.binary(max_size=5))
def test_any_bytes_are_a_value_that_goes_and_comes_or_an_error(name: str, data: bytes) -> None:
    field = FIELDS[name]
    try:
        value = field.unpack(data)
    except FieldError:
        return
    assert field.pack(value) == data
    assert field.read(str(value)) == value


@given(st.builds(Frame, st.sampled_from([0x92, 0xD0, 0xD1]), st.binary(max_size=12)))
def test_to_any_request_the_simulated_meter_answers_or_is_silent_and_is_not_changed_without_its_password(
    request: Frame,
) -> None:
    it = meter()
    configuration = ModelConfiguration(it)
    configuration.answer(request)
    configuration.answer(ModelDialect().write(FIELDS["meter-number"], 1))
    assert it.configuration == Configuration() or request.data == PASSWORD.encode()


def test_with_a_wrong_password_nothing_is_changed(simulated: Run) -> None:
    it = meter()
    with pytest.raises(ConfigurationError, match=r"^the meter refuses the login: the password is not this meter's$"):
        simulated(lambda: write(it, "meter-number=1", password="000000"))
    assert it.configuration == Configuration()


@pytest.mark.parametrize("name", LEGAL)
def test_legal_data_is_refused_before_anything_is_sent(name: str) -> None:
    with pytest.raises(FieldError, match="is legal data"):
        parse_settings((f"{name}=1",))


def test_the_meter_refuses_a_field_that_is_none_of_the_configuration_s() -> None:
    configuration = ModelConfiguration(meter())
    configuration.answer(ModelDialect().log_in(Password(PASSWORD)))
    for number in range(256):
        found = configuration.answer(Frame(ModelDialect.WRITE, bytes((number,))))
        assert found is not None
        assert found.data[0] == (ModelDialect.BAD_VALUE if number in range(1, 9) else ModelDialect.SEALED)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("meter-number=123456789", "give up to 8 digits"),
        ("pulse-constant=0.2", "give 0.25 to 1000"),
        ("pulse-constant=1.0001", "give 0.25 to 1000"),
        ("display=0+10", "give the optional indications"),
        ("pulse-unit=MWh", "give none, kWh, l or m3"),
        ("colour=red", "write NAME=VALUE with NAME one of display, preceding-zeroes"),
    ],
)
def test_a_value_that_cannot_be_says_what_can(text: str, words: str) -> None:
    with pytest.raises(FieldError, match=words):
        parse_settings((text,))


def test_a_field_set_twice_is_refused() -> None:
    with pytest.raises(FieldError, match="output-2 is set twice"):
        parse_settings(("output-2=1", "output-2=1000"))


def test_a_meter_that_holds_something_else_than_was_written_is_told(
    simulated: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModelConfiguration, "_write", lambda *_: ModelDialect.DONE)
    with pytest.raises(ConfigurationError, match="meter-number is 0, 12345678 was written"):
        simulated(lambda: write(meter(), "meter-number=12345678"))


def test_a_meter_without_the_dialect_stays_as_it_was(simulated: Run) -> None:
    with pytest.raises(OpticalSilence):
        simulated(lambda: write(meter(), "meter-number=1", model=False))


# ---------------------------------------------------------------- the command line


def test_without_a_dialect_the_bench_says_that_the_frames_are_not_public(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["configure", "/dev/ttyNOSUCH", "--set", "meter-number=1"]) == 3
    assert "the frames with which METERTOOL writes a configuration are not public" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "type=685-382-OK-50"], "type is legal data"),
        (["--set", "meter-number=1", "--dialect", "metertool"], "there is no dialect 'metertool'; there are: model"),
        (["--set", "meter-number=1", "--dialect", "model"], "no password: set BENCH_METER_PASSWORD to the meter"),
        (["--set", "output-2=1", "--dialect", "model", "--password-file", "/no/such"], "cannot be read: No such file"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_before_the_port_is_opened(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert run(["configure", "/dev/ttyNOSUCH", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_password_is_in_no_message_no_exception_no_text_and_no_answer(
    simulated: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    seen = [repr(Password(PASSWORD)), str(Password(PASSWORD))]
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    assert password_from(str(file)) == password_from(None) == Password(PASSWORD)
    for bad in (PASSWORD + "1", PASSWORD[:5] + "x"):
        monkeypatch.setenv(PASSWORD_VARIABLE, bad)
        with pytest.raises(ConfigurationError) as caught:
            password_from(None)
        seen.append("".join(traceback.format_exception(caught.value)))
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    seen.append(simulated(lambda: write(meter(), *ALL, echo=True)))
    other = ReferenceMeter("685-382-OK-50", password="111111")
    for trouble in ({"model": False}, {"corrupt": (6, 1)}, {"garbled": True}, {"silent": True}, {"echo": True}):
        for at in (False, True):
            with pytest.raises((OpticalError, ConfigurationError)) as failed:
                simulated(lambda it=other, how={**trouble, "echo": at}: write(it, "output-2=1000", **how))
            seen.append("".join(traceback.format_exception(failed.value)))
            seen.append(repr(getattr(failed.value.__cause__, "raw", b"")))
    result = CliRunner().invoke(
        command,
        ["/dev/ttyNOSUCH", "--set", "output-2=1", "--dialect", "model"],
    )
    seen += [result.output, "".join(traceback.format_exception(result.exception)), caplog.text]
    assert result.exit_code == 1
    for text in seen:
        assert PASSWORD not in text
        assert PASSWORD.encode().hex() not in text
