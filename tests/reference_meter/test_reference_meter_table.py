"""The table of docs/reference-meter.md is honest: every rule has a row, every function and test exists, every assumption is named."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from reference_meter import Assumptions

HERE = Path(__file__).parent
GUIDE = (HERE.parents[1] / "docs" / "reference-meter.md").read_text("utf-8")
BENCH_ONLY = {"R33", "R84"}
"""Rules that no code of the meter obeys; their remark says why."""


class Row(NamedTuple):
    sentence: str
    rules: str
    function: str
    test: str
    remark: str


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split("|")))
    for line in GUIDE.splitlines()
    if re.match(r"\| .*\| R\d", line)
]


def test_every_rule_has_a_row() -> None:
    wanted = [f"R{n}" for n in (*range(1, 76), *range(81, 89))]
    rules = {rule for row in ROWS for rule in row.rules.split()}
    assert [rule for rule in wanted if rule not in rules] == []
    assert rules - set(wanted) == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.rules} {row.sentence[:40]}")
def test_the_function_and_the_test_of_a_row_exist(row: Row) -> None:
    if row.function == "—":
        assert set(row.rules.split()) <= BENCH_ONLY
        assert row.remark
        return
    module, *names = row.function.strip("`").split(".")
    found: object = importlib.import_module(f"reference_meter.{module}")
    for name in names:
        found = getattr(found, name)
    file, test = row.test.strip("`").split(".")
    tree = ast.parse((HERE / f"{file}.py").read_text("utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_assumption_is_in_the_table_and_in_the_list_to_settle() -> None:
    fields = {field.name for field in dataclasses.fields(Assumptions)}
    named = {name for row in ROWS for name in re.findall(r"assumption `(\w+)`", row.remark)}
    assert named == fields
    to_settle = GUIDE.split("## To settle with a real meter")[1]
    assert {name for name in fields if f"`{name}`" not in to_settle} == set()


def test_every_assumption_says_its_rule_the_words_the_choice_and_the_alternatives() -> None:
    source = (HERE.parents[1] / "reference_meter" / "assumptions.py").read_text("utf-8")
    body = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)).body
    texts: dict[str, str] = {}
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(doc, ast.Expr)
            assert isinstance(doc.value, ast.Constant)
            texts[field.target.id] = str(doc.value.value)
    assert set(texts) == {field.name for field in dataclasses.fields(Assumptions)}
    for name, text in texts.items():
        assert re.match(r'R\d+(, R\d+)*\. "', text), name
        assert "Choice:" in text, name
        assert re.search("Alternatives?:", text), name
