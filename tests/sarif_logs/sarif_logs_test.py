#!/usr/bin/env python3
"""Stores logs of real tools, exports them and compares them with the results of another reader.

usage: sarif_logs_test.py BINARY_DIRECTORY WORK_DIRECTORY [LOG...]

A result that is lost, merged or misread is printed, and the exit code is 1.
"""

import glob
import hashlib
import itertools
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "codechecker"))

import sarif_reader  # pylint: disable=wrong-import-position
from servers import ServerError, Stored  # pylint: disable=wrong-import-position

FEWEST_LOGS = 20


def steps(events):
    return [(event["filePath"], event["line"], event["column"], event["message"],
             tuple(ends(found) for found in event["ranges"][:1]))
            for event in events]


def ends(found):
    return (found["startLine"], found["startColumn"], found["endLine"], found["endColumn"])


def exported(report):
    """Converts a report of `reports -o json --bug-path` to the reader's form."""
    path = report["bugPath"]
    return {
        "checker": report["checkerName"],
        "analyzer": report["analyzerName"],
        "severity": report["severity"].removeprefix("SEVERITY_").lower(),
        "message": report["message"],
        "file": report["filePath"], "line": report["line"], "column": report["column"],
        "logical_location": report["logicalLocation"],
        "steps": steps(path["events"]),
        "further_paths": [steps(further["events"]) for further in path["furtherPaths"]],
        "positions": [(found["filePath"], *ends(found)) for found in path["positions"]],
        "notes": sorted(steps(path["notes"])),
        "review": report["reviewStatus"].removeprefix("REVIEW_STATUS_").lower(),
        "comment": report["reviewComment"],
    }


def expected(result):
    """Returns a result of the reader without the parts that only its hash needs."""
    def ranges(found):
        return [(*step[:4], (step[4],) if step[4] else ()) for step in found]

    words = {field: value for field, value in result.items() if "fingerprints" not in field}
    words["steps"] = ranges(words["steps"])
    words["further_paths"] = [ranges(path) for path in words["further_paths"]]
    words["notes"] = sorted(ranges(words["notes"]))
    return words


def told_apart_by(result):
    """Returns a key; results with the same key count as one."""
    return repr(sorted((field, value) for field, value in result.items()
                       if field not in ("severity", "review", "comment", "positions")))


def hash_of_fingerprints(checker, fingerprints):
    """Returns the report hash from a result's own fingerprints, as in identity.h."""
    for name in ("clang/issueHash/v1", "issueHash/v1", "reportHash/v1"):
        if re.fullmatch("[0-9a-f]{32}", fingerprints.get(name, "")):
            return fingerprints[name]
    if len(fingerprints) == 1 and re.fullmatch("[0-9a-f]{32}", *fingerprints.values()):
        return next(iter(fingerprints.values()))
    lines = "\n".join(f"{name}={value}" for name, value in sorted(fingerprints.items()))
    return hashlib.sha256(f"{checker}\0{lines}".encode()).hexdigest()[:32]


def usable(fingerprints):
    return {name: value for name, value in fingerprints.items()
            if isinstance(value, str) and value != "requires login"}


def check_hashes(pairs, complain):
    """Checks report hashes: those that the log gives, and which computed ones may be equal."""
    for result, report in pairs:
        given = usable(result["fingerprints"])
        if not re.fullmatch("[0-9a-f]{32}", report["reportHash"]):
            complain(f"the report hash is {report['reportHash']!r}: {result}")
        if given and report["reportHash"] != hash_of_fingerprints(result["checker"], given):
            complain(f"the report hash is {report['reportHash']}, not that of {given}: {result}")
    for (one, first), (other, second) in itertools.combinations(pairs, 2):
        if usable(one["fingerprints"]) or usable(other["fingerprints"]):
            continue
        partial = [usable(result["partial_fingerprints"]) for result in (one, other)]
        if all(partial):
            alike = (partial[0] == partial[1] and one["checker"] == other["checker"] and
                     one["file"] == other["file"])
        elif any(partial) or any(one[field] != other[field] for field in ("checker", "message")):
            alike = False
        else:
            # This reader cannot know whether the text of their lines is the same.
            continue
        if alike != (first["reportHash"] == second["reportHash"]):
            complain(f"{'two bugs' if alike else 'one bug'}: {one} and {other}")


def check_log(stored, log, complain):
    """Returns how many results were compared."""
    run = os.path.basename(log).removesuffix(".sarif")
    code, out, err = stored.storectl("upload", log, "--name", run, "-q")
    if code != 0:
        complain(f"not stored: {out}{err}")
        return 0
    results = {}
    for result in sarif_reader.read(log):
        results.setdefault(told_apart_by(result), result)
    left = [(exported(report), report) for report in stored.reports(run)]
    pairs = []
    for result in results.values():
        words = expected(result)
        if words["severity"] is None:
            # Not stated by the result or its rule: the table of checkers, or SARIF's default.
            words["severity"] = next((row["severity"] for row, _ in left
                                      if row["checker"] == words["checker"]), "medium")
        same = next((entry for entry in left if entry[0] == words), None)
        if same is not None:
            left.remove(same)
            pairs.append((result, same[1]))
            continue
        near = max(left, key=lambda entry, words=words: sum(
            entry[0][field] == value for field, value in words.items()), default=None)
        if near is None or near[0]["message"] != words["message"] and \
                near[0]["checker"] != words["checker"]:
            complain(f"lost: {words}")
            continue
        left.remove(near)
        complain("misread:" + "".join(
            f"\n    {field}: {near[0][field]!r}\n      instead of {value!r}"
            for field, value in words.items() if near[0][field] != value))
    for row, _ in left:
        complain(f"not in the log: {row}")
    check_hashes(pairs, complain)
    # Storing the log again must find no new report.
    stored.storectl("upload", log, "--name", run, "-q")
    again = {report["detectionStatus"] for report in stored.reports(run)}
    if results and again != {"DETECTION_STATUS_UNRESOLVED"}:
        complain(f"stored again, its reports are {sorted(again)}")
    return len(results)


def main(binaries, work, logs):
    logs = logs or sorted(glob.glob(os.path.join(HERE, "logs", "*.sarif")))
    begin = time.monotonic()
    faults = []
    results = 0
    stored = None
    try:
        stored = Stored(binaries, work)
        for log in logs:
            results += check_log(stored, log, lambda fault, log=log: faults.append(
                f"{os.path.basename(log)}: {fault}"))
    except ServerError as error:
        faults.append(str(error))
    finally:
        if stored is not None:
            stored.stop()
    if len(logs) < FEWEST_LOGS and len(sys.argv) < 4:
        faults.append(f"only {len(logs)} logs: some were not found")
    for fault in faults:
        print(fault)
    print(f"{len(logs)} logs, {results} results, {len(faults)} faults, "
          f"{time.monotonic() - begin:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
