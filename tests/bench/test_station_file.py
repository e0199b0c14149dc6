"""`station.toml`: a good one, and every way in which one can be wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bench.permits import Role, StaffMember
from bench.session import Refused
from bench.station import Calibration, EnvironmentDescription, PositionDescription
from bench.station_file import load_station, station_path
from bench.transformer import TransformerPoint
from drivers.power_source import Capabilities

GOOD = """\
name = "EOL 3"

[source]
resource = "TCPIP::192.0.2.10::5025::SOCKET"
i_max = 100
settle = 1.5

[standard]
resource = "TCPIP::192.0.2.11::5025::SOCKET"
accuracy_percent = 0.05

[[position]]
number = 2
s0_pin = "GPIO5"
optical = "/dev/ttyUSB1"

[[position]]
number = 1
s0_pin = "GPIO4"
optical = "/dev/ttyUSB0"
bypass_pin = "GPIO16"
s0_offset_ms = -0.12
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)

    def to_file(text: str) -> Path:
        path = tmp_path / "station.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def complaint(path: Path) -> str:
    with pytest.raises(Refused) as refusal:
        load_station(path)
    text = str(refusal.value)
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def line_of(text: str, line: str, nth: int = 1) -> int:
    """Number of the nth line that begins so."""
    return [k for k, each in enumerate(text.splitlines(), 1) if each.startswith(line)][nth - 1]


# ---------------------------------------------------------------- good ones


def test_a_good_file_becomes_a_station_with_its_positions_in_order(write: Write) -> None:
    station = load_station(write(GOOD))
    assert station.name == "EOL 3"
    assert not station.simulated
    assert station.pin_factory == "gpiod"
    assert station.source.resource == "TCPIP::192.0.2.10::5025::SOCKET"
    assert station.source.capabilities == Capabilities(i_max=100.0, settle=1.5)
    assert station.standard is not None
    assert station.reference_accuracy_percent == 0.05
    assert station.positions == (
        PositionDescription(1, "GPIO4", "/dev/ttyUSB0", bypass_pin="GPIO16", s0_offset_ms=-0.12),
        PositionDescription(2, "GPIO5", "/dev/ttyUSB1"),
    )


def test_positions_may_share_a_bus_a_loop_and_a_modem_and_no_other_port(write: Write) -> None:
    shared = 'modules = { MK = "/dev/bus", FK = "/dev/loop", HK = "/dev/modem" }\n'
    station = load_station(write(in_both_positions(shared)))
    assert [each.modules["MK"] for each in station.positions] == ["/dev/bus", "/dev/bus"]
    text = complaint(write(in_both_positions('modules = { RK = "/dev/serial" }\n')))
    assert "/dev/serial is used twice: position 2 modules.RK and position 1 modules.RK" in text
    text = complaint(write(in_both_positions('modules = { MK = "/dev/one", FK = "/dev/one" }\n')))
    assert "/dev/one is used twice: modules.MK and modules.FK" in text
    load_station(write(in_both_positions('modules = { HK = "/dev/modem", YN = "/dev/modem" }\n')))
    text = complaint(write(in_both_positions('modules = { HK = "/dev/modem", FK = "/dev/modem" }\n')))
    assert "/dev/modem is used twice: the modem and modules.FK" in text
    assert "modules.XX" in complaint(write(in_both_positions('modules = { XX = "/dev/one" }\n')))


def test_a_pin_of_a_module_is_used_once(write: Write) -> None:
    text = complaint(write(in_both_positions('tariff_pin = "GPIO10"\nsupply_pin = "BCM10"\n')))
    assert "GPIO10 is used twice: position 2 tariff_pin and position 2 supply_pin" in text


def in_both_positions(lines: str) -> str:
    return re.sub(r"(number = [12]\n)", r"\1" + lines, GOOD)


def test_without_a_standard_the_sources_own_readback_is_the_reference(write: Write) -> None:
    text = re.sub(r"\[standard\].*?\n\n", "", GOOD, flags=re.DOTALL)
    station = load_station(write(text.replace("settle = 1.5", "power_accuracy_percent = 0.15")))
    assert station.standard is None
    assert station.reference_accuracy_percent == 0.15


def test_the_example_in_the_documentation_is_a_good_file(write: Write) -> None:
    document = Path(__file__).parents[2] / "docs" / "station.md"
    (example,) = re.findall(r"```toml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    station = load_station(write(example))
    assert [each.number for each in station.positions] == [1]
    assert station.source.capabilities == Capabilities()


def test_source_standard_and_position_may_carry_their_calibration(write: Write) -> None:
    text = GOOD.replace("i_max = 100", 'i_max = 100\nserial = "S-1"')
    text = text.replace("accuracy_percent = 0.05", 'accuracy_percent = 0.05\ncertificate = "DKD-77"\ndue = 2027-03-01')
    station = load_station(write(text.replace("number = 2", 'number = 2\ncertificate = "CT-2"')))
    assert station.source.calibration == Calibration(serial="S-1")
    assert station.source.capabilities.i_max == 100.0
    assert station.standard is not None
    assert station.standard.calibration == Calibration("", "DKD-77", date(2027, 3, 1))
    assert [each.calibration for each in station.positions] == [Calibration(), Calibration(certificate="CT-2")]


def test_the_default_file_lies_in_the_benchs_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_HOME", str(tmp_path))
    assert station_path() == tmp_path / "station.toml"


WIRED = GOOD.replace(
    'optical = "/dev/ttyUSB1"\n',
    """optical = "/dev/ttyUSB1"
lead_milliohm = 0.4
lead_uncertainty_milliohm = 0.1

[[position.transformer]]
phases = ["L1", "L2"]
ratio_uncertainty_percent = 0.02
phase_uncertainty_minutes = 1.0
points = [                       # { } as on the certificate
    { current = 0.25, ratio_percent = -0.31, phase_minutes = 27.0 },
    { current = 5.0, ratio_percent = -0.1, phase_minutes = 12.0 },
]

[[position.transformer]]
phases = ["L3"]
ratio_uncertainty_percent = 0.03
phase_uncertainty_minutes = 1.5
points = [{ current = 1.0, ratio_percent = 0.1, phase_minutes = 3.0 }, { current = 100.0, ratio_percent = 0.0, phase_minutes = 1.0 }]
""",
)


def test_a_position_may_have_transformers_and_leads_that_are_corrected(write: Write) -> None:
    first, second = load_station(write(WIRED)).positions
    assert first.transformers == ()
    assert (second.lead_milliohm, second.lead_uncertainty_milliohm) == (0.4, 0.1)
    low, high = second.transformers
    assert low.phases == ("L1", "L2")
    assert low.points == (TransformerPoint(0.25, -0.31, 27.0), TransformerPoint(5.0, -0.1, 12.0))
    assert (high.ratio_uncertainty_percent, high.phase_uncertainty_minutes) == (0.03, 1.5)
    assert [second.transformer(k) for k in range(3)] == [low, low, high]


def test_the_environment_and_the_references_coefficient_are_read(write: Write) -> None:
    text = (
        GOOD + '\n[environment]\ntemperature_sensor = "/sys/class/hwmon/hwmon*/temp1_input"\nassumed_deviation_k = 7\n'
    )
    station = load_station(
        write(text.replace("accuracy_percent = 0.05", "accuracy_percent = 0.05\ntemperature_percent_per_k = 0.003"))
    )
    assert station.environment == EnvironmentDescription("/sys/class/hwmon/hwmon*/temp1_input", 0.5, 7.0)
    assert station.reference_percent_per_k == 0.003
    assert load_station(write(GOOD)).environment == EnvironmentDescription()


# ---------------------------------------------------------------- no file, no text, no TOML


def test_a_missing_file_says_where_it_was_looked_for_and_what_else_there_is(tmp_path: Path) -> None:
    text = complaint(tmp_path / "station.toml")
    assert str(tmp_path / "station.toml") in text
    assert "--simulated" in text


def test_a_file_that_cannot_be_read_or_is_no_text_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder" in complaint(tmp_path)
    assert "is a device" in complaint(Path("/dev/zero"))
    (tmp_path / "station.toml").write_bytes(b"\xff\xfe\x00")
    assert "is no text (UTF-8): byte 0 is 0xff" in complaint(tmp_path / "station.toml")
    (tmp_path / "station.toml").write_bytes(b" " * 1_000_001)
    assert "larger than 1000 kB" in complaint(tmp_path / "station.toml")


def test_what_is_not_toml_is_told_with_its_line(write: Write) -> None:
    assert re.search(r"station\.toml: not TOML: .*line 2", complaint(write('name = "EOL"\nsource = = 3\n')))


# ---------------------------------------------------------------- single mistakes

MISTAKES = [
    # what is replaced, by what, the line it is told at, what is told
    ('name = "EOL 3"', 'name = ""', "name", "name: String should have at least 1 character"),
    ("settle = 1.5", "settle = -1.0", "settle", "source.settle: Input should be greater than or equal to 0 (got -1.0)"),
    ("settle = 1.5", "setle = 1.5", "setle", "source.setle: Extra inputs are not permitted; did you mean settle?"),
    ("settle = 1.5", 'settle = "2"', "settle", "source.settle: Input should be a valid number (got '2')"),
    ("settle = 1.5", "settle = true", "settle", "source.settle: Input should be a valid number (got True)"),
    ("settle = 1.5", "settle = inf", "settle", "source.settle: Input should be a finite number (got inf)"),
    ("settle = 1.5", "deadline = inf", "deadline", "source.deadline: Input should be a finite number (got inf)"),
    ("settle = 1.5", "phases = 4", "phases", "source.phases: Input should be less than or equal to 3 (got 4)"),
    ("settle = 1.5", 'dialect = "klingon"', "dialect", "source.dialect: Input should be"),
    ("accuracy_percent = 0.05", "accuracy_percent = 0", "accuracy_percent", "should be greater than 0 (got 0"),
    ("accuracy_percent = 0.05", "accuracy_percent = nan", "accuracy_percent", "should be a finite number (got nan)"),
    ("accuracy_percent = 0.05", "", "[standard]", "standard.accuracy_percent: Field required"),
    ("number = 2", "number = 13", "number", "position.0.number: Input should be less than or equal to 12 (got 13)"),
    ("s0_offset_ms = -0.12", "s0_offset_ms = nan", "s0_offset_ms", "position.1.s0_offset_ms: Input should be a finite"),
    ("s0_offset_ms = -0.12", "s0_offest_ms = 0.1", "s0_offest_ms", "did you mean s0_offset_ms?"),
    ("settle = 1.5", 'due = "2027-03-01"', "due", "source.due: Input should be a valid date (got '2027-03-01')"),
    ("settle = 1.5", "due = 2027-03-01T12:00:00", "due", "source.due: Input should be a valid date"),
    ("[standard]", "[standart]", "[standart]", "standart: Extra inputs are not permitted; did you mean standard?"),
]


@pytest.mark.parametrize(
    ("right", "wrong", "place", "words"), MISTAKES, ids=[wrong or right for right, wrong, *_ in MISTAKES]
)
def test_a_mistake_is_told_with_its_line_and_what_is_allowed(
    write: Write, right: str, wrong: str, place: str, words: str
) -> None:
    text = GOOD.replace(right, wrong, 1)
    path = write(text)
    told = complaint(path)
    assert words in told
    assert told.startswith(f"{path}:{line_of(text, place)}: ")


WIRED_MISTAKES = [
    (
        "current = 5.0, ratio",
        "curent = 5.0, ratio",
        1,
        "points.1.curent: Extra inputs are not permitted; did you mean current?",
    ),
    (
        "ratio_percent = -0.1,",
        "ratio_percent = 1e9,",
        1,
        "points.1.ratio_percent: Input should be less than or equal to 10",
    ),
    ("current = 0.25", "current = 0", 1, "points.0.current: Input should be greater than 0 (got 0"),
    (
        "ratio_uncertainty_percent = 0.03",
        "ratio_uncertainty_percent = -1",
        1,
        "transformer.1.ratio_uncertainty_percent",
    ),
    ("current = 100.0", "current = nan", 1, "transformer.1.points.1.current: Input should be a finite number"),
    ('["L3"]', '["L4"]', 1, "transformer.1.phases.0: Input should be 'L1', 'L2' or 'L3' (got 'L4')"),
    ("ratio_uncertainty_percent = 0.03\n", "", 0, "transformer.1.ratio_uncertainty_percent: Field required"),
]


@pytest.mark.parametrize(("right", "wrong", "told_there", "words"), WIRED_MISTAKES)
def test_a_mistake_in_a_transformers_table_is_told_with_its_own_line(
    write: Write, right: str, wrong: str, told_there: int, words: str
) -> None:
    assert WIRED.count(right) == 1
    text = WIRED.replace(right, wrong)
    path = write(text)
    told = next(each for each in complaint(path).split("; ") if words.partition("; ")[0] in each)
    if told_there:
        line = next(k for k, each in enumerate(text.splitlines(), 1) if wrong in each)
    else:
        line = line_of(text, "[[position.transformer]]", nth=2)
    assert told.startswith(f"{path}:{line}: position.0.")
    assert words in complaint(path)


def test_two_transformers_in_a_phase_and_currents_that_fall_are_told(write: Write) -> None:
    told = complaint(write(WIRED.replace('["L3"]', '["L2", "L3"]').replace("current = 5.0", "current = 0.25")))
    assert "position 2: L2 has more than one transformer" in told
    assert "position 2: transformer L1–L2: the currents must rise, 0.25 A does not" in told


def test_a_sensor_that_is_no_path_is_told(write: Write) -> None:
    text = GOOD + '\n[environment]\ntemperature_sensor = "hwmon0"\n'
    path = write(text)
    assert complaint(path).startswith(f"{path}:{line_of(text, 'temperature_sensor')}: environment.temperature_sensor: ")


def test_a_mistake_in_the_second_position_is_told_there_and_not_in_the_first(write: Write) -> None:
    text = GOOD.replace('s0_pin = "GPIO4"', "s0_pin = 4")
    path = write(text)
    assert complaint(path).startswith(f"{path}:{line_of(text, 's0_pin', nth=2)}: position.1.s0_pin: ")


def test_a_table_that_is_not_there_is_told_without_a_line(write: Write) -> None:
    path = write('name = "EOL 3"\n')
    told = complaint(path)
    assert f"{path}: source: Field required" in told
    assert f"{path}: position: Field required" in told


def test_every_mistake_is_told_at_once_each_with_its_line(write: Write) -> None:
    text = (
        GOOD.replace("settle = 1.5", "setle = 1.5")
        .replace("accuracy_percent = 0.05", "accuracy_percent = -1")
        .replace("number = 1", "number = 0")
        .replace('s0_pin = "GPIO5"\n', "")
    )
    path = write(text)
    told = complaint(path)
    assert told.count(f"{path}:") == 4
    for line in ("setle", "accuracy_percent", "[[position]]", "number = 0"):
        assert f"{path}:{line_of(text, line)}: " in told


# ---------------------------------------------------------------- mistakes of several lines together


def test_a_pin_and_a_port_used_twice_are_told_with_both_users(write: Write) -> None:
    told = complaint(write(GOOD.replace("GPIO16", "GPIO5").replace("/dev/ttyUSB1", "/dev/ttyUSB0")))
    assert "GPIO5 is used twice: position 2 s0_pin and position 1 bypass_pin" in told
    assert "/dev/ttyUSB0 is used twice: position 2 optical and position 1 optical" in told


@pytest.mark.parametrize("name", ["5", "BCM5", "J8:29", "BOARD29", "WPI21", "gpiochip0:5", "pinctrl-bcm2711:5"])
def test_a_pin_used_twice_is_told_under_whichever_names(write: Write, name: str) -> None:
    told = complaint(write(GOOD.replace("GPIO16", name)))
    assert "GPIO5 is used twice: position 2 s0_pin and position 1 bypass_pin" in told


def test_the_pin_factory_is_the_stations_else_gpiozeros_own_choice_else_gpiod(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
    assert load_station(write(GOOD)).pin_factory == "lgpio"
    assert load_station(write('pin_factory = "gpiod"\n' + GOOD)).pin_factory == "gpiod"


def test_an_output_may_sit_on_an_expander_and_s0_may_not(write: Write) -> None:
    station = load_station(write(GOOD.replace("GPIO16", "mcp23017:3")))
    assert station.positions[0].bypass_pin == "mcp23017:3"
    told = complaint(write(GOOD.replace("GPIO4", "mcp23017:3")))
    assert "position 1 s0_pin: 'mcp23017:3' is a line of an expander, whose edges are stamped late" in told


def test_contact_and_button_may_sit_on_an_expander_and_what_is_measured_may_not(write: Write) -> None:
    pins = 'diode_pin = "{0}1"\noutput_2_pin = "{0}2"\ncontact_pin = "mcp23017:4"\nbutton_pin = "mcp23017:5"\n'
    good = GOOD.replace("number = 1\n", "number = 1\n" + pins.format("GPIO2"), 1)
    first = load_station(write(good)).positions[0]
    assert (first.diode_pin, first.output_2_pin) == ("GPIO21", "GPIO22")
    assert (first.contact_pin, first.button_pin) == ("mcp23017:4", "mcp23017:5")
    told = complaint(write(GOOD.replace("number = 1\n", "number = 1\n" + pins.format("mcp23017:"), 1)))
    assert "position 1 diode_pin: 'mcp23017:1' is a line of an expander, whose edges are stamped late" in told
    assert "position 1 output_2_pin: 'mcp23017:2' is a line of an expander" in told
    assert "contact_pin" not in told


def test_the_safety_circuit_may_not_sit_on_an_expander(write: Write) -> None:
    safety = 'owner_socket = "/run/s"\n[safety]\ndoor_pin = "gpiochip1:2"\nred_pin = "gpiochip1:3"\n'
    told = complaint(write(GOOD.replace('name = "EOL 3"\n', 'name = "EOL 3"\n' + safety)))
    assert (
        "safety door_pin: 'gpiochip1:2' is a line of an expander, and the safety circuit must not depend on a bus"
        in told
    )
    assert "safety red_pin: 'gpiochip1:3' is a line of an expander" in told


def test_a_line_of_a_chip_is_refused_with_a_factory_that_knows_none(write: Write) -> None:
    text = 'pin_factory = "lgpio"\n' + GOOD.replace("GPIO4", "gpiochip0:4").replace("GPIO16", "mcp23017:3")
    told = complaint(write(text))
    assert "position 1 s0_pin: 'gpiochip0:4' is a line of a chip" in told
    assert "give GPIO4, or set pin_factory" in told
    assert "position 1 bypass_pin: 'mcp23017:3' is a line of a chip" in told


def test_numbers_with_a_gap_or_twice_are_told(write: Write) -> None:
    assert "positions are numbered [1, 3]; they must run from 1 without a gap" in complaint(
        write(GOOD.replace("number = 2", "number = 3"))
    )
    assert "positions are numbered [1, 1]" in complaint(write(GOOD.replace("number = 2", "number = 1")))


def test_a_band_of_frequencies_upside_down_is_told(write: Write) -> None:
    told = complaint(write(GOOD.replace("settle = 1.5", "frequency_min = 61.0\nfrequency_max = 49.0")))
    assert "frequency_min 61 is above frequency_max 49" in told


# ---------------------------------------------------------------- people


def test_people_have_a_badge_a_name_and_roles(write: Write) -> None:
    people = '[[people]]\nbadge = "E1"\nname = "Eva"\nroles = ["engineer", "quality"]\n'
    assert load_station(write(GOOD + people)).people == (StaffMember("E1", "Eva", (Role.ENGINEER, Role.QUALITY)),)
    assert load_station(write(GOOD)).people == ()
    assert "people: badge E1 stands twice" in complaint(write(GOOD + people + people))


def test_a_wrong_role_and_a_wrong_key_are_told_with_their_lines(write: Write) -> None:
    text = GOOD + '[[people]]\nbadge = "E1"\nname = "Eva"\nroles = ["enginer"]\nbagde = "E2"\n'
    told = complaint(write(text))
    assert (
        f"station.toml:{line_of(text, 'roles')}: people.0.roles.0: Input should be 'operator', 'engineer' or 'quality'"
        in told
    )
    assert f"station.toml:{line_of(text, 'bagde')}: people.0.bagde" in told
    assert "did you mean badge?" in told
