"""JUnit XML for build servers: a test suite for each suite, a test for each sample, threshold and gate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from eval.compare.gate import GateResult
from eval.run.log import RunLog

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(logs: Sequence[RunLog], gates: Sequence[GateResult] = ()) -> bytes:
    """Return the XML. Wrong samples are failures, failed ones errors; figures stand as properties.

    `gates` are the results of the same runs in the same order, or none.
    """
    root = ElementTree.Element("testsuites", name="kefu eval")
    results: Sequence[GateResult | None] = gates or [None] * len(logs)
    for log, result in zip(logs, results, strict=True):
        suite = ElementTree.SubElement(root, "testsuite", name=log.suite.suite, timestamp=log.started_at)
        properties = ElementTree.SubElement(suite, "properties")
        for one in log.judged:
            for figure in one.figures:
                value = "" if figure.value is None else f"{figure.value:.6g}"
                ElementTree.SubElement(properties, "property", name=figure.key, value=value)
        counts = {"tests": 0, "failures": 0, "errors": 0}
        _samples(suite, log, counts)
        for threshold in log.thresholds:
            case = _case(suite, counts, f"threshold {threshold.figure} {threshold.wanted}", log.suite.suite)
            if threshold.result == "missed":
                _fault(case, counts, "failure", f"{threshold.value} {threshold.wanted}")
        if log.leakage_fails:
            case = _case(suite, counts, "leakage", log.suite.suite)
            _fault(case, counts, "failure", "; ".join(f"{leak.kind}: {leak.text}" for leak in log.leaks[:20]))
        if result is not None:
            case = _case(suite, counts, "gate", log.suite.suite)
            if not result.passed:
                _fault(case, counts, "failure", "\n".join(result.reasons("en")))
        suite.attrib |= {name: str(count) for name, count in counts.items()}
        suite.attrib["time"] = f"{log.seconds:.3f}"
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _samples(suite: ElementTree.Element, log: RunLog, counts: dict[str, int]) -> None:
    if not log.judged:
        return
    places = {sample.id: sample.place for sample in log.samples}
    took = {(output.sample_id, output.repeat): output.latency_us for output in log.outputs}
    for verdict in log.judged[0].verdicts:
        case = _case(suite, counts, f"{verdict.sample_id}#{verdict.repeat}", log.suite.suite)
        case.attrib["time"] = f"{took.get((verdict.sample_id, verdict.repeat), 0) / 1e6:.6f}"
        case.attrib["file"] = places.get(verdict.sample_id, "")
        if verdict.failed:
            _fault(case, counts, "error", verdict.why)
        elif not verdict.right:
            _fault(case, counts, "failure", f"wanted {verdict.wanted}; said {verdict.said}; {verdict.why}")


def _case(suite: ElementTree.Element, counts: dict[str, int], name: str, group: str) -> ElementTree.Element:
    counts["tests"] += 1
    return ElementTree.SubElement(suite, "testcase", name=_clean(name), classname=group)


def _fault(case: ElementTree.Element, counts: dict[str, int], kind: str, message: str) -> None:
    counts[f"{kind}s"] += 1
    fault = ElementTree.SubElement(case, kind, message=_clean(message)[:300])
    fault.text = _clean(message)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("?", text)
