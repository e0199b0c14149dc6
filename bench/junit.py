"""A run as JUnit XML: one test suite a position, one test case a step, so that any CI shows it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from bench.left_out import left_out
from bench.let_through import not_tested
from bench.measurements import limit_in_words
from bench.record import Outcome, Run
from bench.verdict import Verdict

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What a scanner may send and XML 1.0, 2.2, does not hold: the group separator of a GS1 code for instance."""


def junit_xml(run: Run) -> str:
    """The XML document. FAIL is a failure; a void step is an error: the bench could not test it; one left out is skipped."""
    root = ElementTree.Element("testsuites", name=f"{run.sequence} {run.type_number}")
    missing = left_out(run)
    for meter in run.meters:
        cases = [(s, o) for s in run.steps for o in s.outcomes if o.position == meter.position]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"position {meter.position} {meter.serial}".strip(),
            tests=str(len(cases) + len(missing)),
            failures=str(sum(o.verdict is Verdict.FAIL for _, o in cases)),
            errors=str(sum(o.void for _, o in cases)),
            skipped=str(len(missing)),
        )
        if open_to := not_tested(run):
            properties = ElementTree.SubElement(suite, "properties")
            ElementTree.SubElement(properties, "property", name="not tested by design", value=open_to)
        for step, outcome in cases:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=run.sequence,
                name=step.name,
                time=f"{step.closed - step.opened:.3f}",
            )
            if outcome.void:
                ElementTree.SubElement(case, "error", message=outcome.note)
            elif outcome.verdict is Verdict.FAIL:
                ElementTree.SubElement(case, "failure", message=_why(outcome))
        for each in missing:
            case = ElementTree.SubElement(suite, "testcase", classname=run.sequence, name=each.name, time="0.000")
            ElementTree.SubElement(case, "skipped", message=f"left out: {each}")
    ElementTree.indent(root)
    text = _NOT_XML.sub("\ufffd", ElementTree.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _why(outcome: Outcome) -> str:
    failed = [m for m in outcome.measurements if m.verdict is Verdict.FAIL]
    return "; ".join(
        [outcome.note] * bool(outcome.note) + [f"{m.name} {m.value}, limit {limit_in_words(m)}" for m in failed]
    )
