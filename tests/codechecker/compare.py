#!/usr/bin/env python3
"""Stores every sequence into CodeChecker's server and into stored, and compares their rows.

The sequences are stored in rounds: the first store of each, then the second, and so on. After each
round all rows of both are compared.
"""

import argparse
import collections
import concurrent.futures
import datetime
import os
import sys
import time

from differences import DIFFERENCES, Differs
from report_directory import Store, write_store
from sequences import SEQUENCES
from servers import CodeChecker, ServerError, Stored

ROWS_SHOWN = 25
# The properties of a store and its run that are compared, besides the rows.
OF_RUN = ("stored", "tag", "failed_files")
# CodeChecker's client takes most of a store's time, on one processor.
STORES_AT_A_TIME = 2


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def normalized(rows, starts, top, computed):
    """Returns comparable rows: rounds in place of times, paths below the sequence, and names for
    the hashes that each server computes in its own way."""

    def round_of(when):
        return sum(start <= when for start in starts) if when else None

    normal = []
    for row in rows:
        normal.append({**row, "file": row["file"].removeprefix(top + "/"),
                       "detected": round_of(row["detected"]), "fixed": round_of(row["fixed"])})
    if computed:
        # A bug is named after the first of its rows.
        bugs = {}
        for row in normal:
            place = (row["file"], row["line"], row["column"], row["checker"], row["message"])
            bugs[row["hash"]] = min(bugs.get(row["hash"], place), place)
        for row in normal:
            row["hash"] = bugs[row["hash"]]
    return normal


def matches(row, where):
    return all(row[field] == value for field, value in where.items())


def as_listed(theirs, ours, differences, complain):
    """Returns their rows and ours after applying the known differences; complains about those that
    do not occur."""
    for known in differences:
        if isinstance(known, Differs):
            found = [row for row in theirs
                     if matches(row, known.where) and row[known.field] == known.theirs]
            if not found:
                complain(f"CodeChecker does not differ any more: {known}")
            for row in found:
                row[known.field] = known.ours
            continue
        for rows, count, who in ((theirs, known.theirs, "CodeChecker"),
                                 (ours, known.ours, "stored")):
            found = [row for row in rows if matches(row, known.where)]
            if len(found) != count:
                complain(f"{who} has {len(found)} such rows, not {count}: {known}")
            for row in found:
                rows.remove(row)
    return theirs, ours


def unlike(theirs, ours):
    """Returns one line for each row that only one server has, and for each that differs."""
    theirs = collections.Counter(tuple(row.items()) for row in theirs)
    ours = collections.Counter(tuple(row.items()) for row in ours)
    only_theirs = [dict(row) for row in (theirs - ours).elements()]
    only_ours = [dict(row) for row in (ours - theirs).elements()]
    lines = []
    for row in only_theirs:
        other = min(only_ours, key=lambda other: len(row.items() ^ other.items()), default=None)
        if other is None or len(row.items() ^ other.items()) > len(row):
            lines.append(f"  CodeChecker only: {row}")
            continue
        only_ours.remove(other)
        fields = [field for field in row if row[field] != other[field]]
        lines.append(f"  {row['file']}:{row['line']} {row['checker']}: " + ", ".join(
            f"{field} is {row[field]!r}, with stored {other[field]!r}" for field in fields))
    return lines + [f"  stored only: {row}" for row in only_ours]


class Comparison:
    """The stores so far, and the differences found."""

    def __init__(self, codechecker, stored, work, names):
        self._codechecker = codechecker
        self._stored = stored
        self._work = work
        self._names = names
        self._starts = []
        self._outcomes = {}
        self.faults = []
        self.rows_compared = 0

    def run_round(self, number):
        self._starts.append(now())
        names = [name for name in self._names if len(SEQUENCES[name]) >= number]
        with concurrent.futures.ThreadPoolExecutor(STORES_AT_A_TIME) as threads:
            outcomes = threads.map(lambda name: self._store(name, number), names)
            self._outcomes.update(zip(((name, number) for name in names), outcomes))
        theirs = self._codechecker.rows()
        ours = self._stored.rows()
        runs = self._codechecker.runs(), self._stored.runs()
        for name in names:
            self._compare(name, number, theirs.get(name, []), ours.get(name, []),
                          [of.get(name, {}) for of in runs])

    def _store(self, name, number):
        what = SEQUENCES[name][number - 1]
        directories = write_store(what, self._top(name), number)
        return (self._codechecker.store(name, what, directories),
                self._stored.store(name, what, directories))

    def _top(self, name):
        return os.path.join(self._work, "sequences", name)

    def _compare(self, name, number, theirs, ours, runs):
        def complain(what):
            self.faults.append(f"{name}, after store {number}: {what}")

        computed = any(finding.report_hash() in (None, "", "0")
                       for what in SEQUENCES[name] for directory in what.directories
                       for finding in directory.findings)
        theirs, ours = (normalized(rows, self._starts, self._top(name), computed)
                        for rows in (theirs, ours))
        known = [entry for entry in DIFFERENCES
                 if entry.sequence == name and number in entry.after]
        of_run = [entry for entry in known if getattr(entry, "field", "") in OF_RUN]
        stored = self._outcomes[name, number]
        properties = [{**{field: None for field in OF_RUN}, **run, "stored": outcome}
                      for run, outcome in zip(runs, stored)]
        for field in OF_RUN:
            values = tuple(run[field] for run in properties)
            listed = [(entry.theirs, entry.ours) for entry in of_run if entry.field == field]
            if listed and values != listed[0]:
                complain(f"{field}: {values}, but {listed[0]} are listed")
            elif not listed and values[0] != values[1]:
                complain(f"{field}: CodeChecker has {values[0]}, stored has {values[1]}")
        if number == 1 and not theirs and not known:
            complain("CodeChecker has no rows: that proves nothing")
        theirs, ours = as_listed(theirs, ours, [entry for entry in known if entry not in of_run],
                                 complain)
        self.rows_compared += len(theirs)
        lines = unlike(theirs, ours)
        if lines:
            shown = "\n".join(lines[:ROWS_SHOWN])
            complain(f"{len(lines)} rows are not alike:\n{shown}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("codechecker", help="CodeChecker's program")
    parser.add_argument("binaries", help="where stored and storectl are")
    parser.add_argument("work", help="an empty directory")
    parser.add_argument("names", nargs="*", metavar="SEQUENCE", help="only these")
    parser.add_argument("--reports", help="a report directory to compare as well")
    return parser.parse_args()


def main(given):
    if given.reports:
        SEQUENCES["analysis-of-codechecker"] = [Store((), ready=(given.reports,))] * 2
    differing = {entry.sequence for entry in DIFFERENCES}
    unknown = sorted({*given.names, *differing} - set(SEQUENCES))
    if unknown:
        print(f"no such sequence: {', '.join(unknown)}")
        return 1
    names = given.names or list(SEQUENCES)
    begin = time.monotonic()
    peer = ours = None
    try:
        peer = CodeChecker(given.codechecker, given.work)
        ours = Stored(given.binaries, given.work)
        comparison = Comparison(peer, ours, given.work, names)
        for number in range(1, max(len(SEQUENCES[name]) for name in names) + 1):
            comparison.run_round(number)
    except ServerError as error:
        print(error)
        return 1
    finally:
        for server in (peer, ours):
            if server is not None:
                server.stop()
    for fault in comparison.faults:
        print(fault)
    stores = sum(len(SEQUENCES[name]) for name in names)
    print(f"{len(names)} sequences, {stores} stores, {comparison.rows_compared} rows compared, "
          f"{len(DIFFERENCES)} differences listed, {len(comparison.faults)} faults, "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if comparison.faults else 0


if __name__ == "__main__":
    sys.exit(main(arguments()))
