"""Writes report directories in CodeChecker's layout, from short descriptions."""

import dataclasses
import hashlib
import json
import os
import plistlib
import re


@dataclasses.dataclass
class Finding:
    """One diagnostic of a plist. `file` is a name below the sources of the sequence."""
    checker: str
    line: int
    message: str = ""
    file: str = "a.c"
    column: int = 1
    # Identifies the bug: the report hash is computed from it. None writes no hash at all.
    bug: str | None = ""
    # Written unchanged in place of a hash computed from `bug`.
    raw_hash: str | None = None
    # (line, message) of the steps before the finding itself, in the same file.
    steps: tuple = ()
    # (line, message) of the last step, if they differ from those of the finding.
    end: tuple | None = None
    annotations: dict = dataclasses.field(default_factory=dict)
    category: str = "Logic error"

    def report_hash(self):
        if self.raw_hash is not None:
            return self.raw_hash
        if self.bug is None:
            return None
        name = self.bug or f"{self.checker}@{self.file}"
        return hashlib.md5(name.encode()).hexdigest()


@dataclasses.dataclass
class Directory:
    """One report directory of a store."""
    findings: tuple = ()
    # {analyzer: {checker: enabled}}; None writes no metadata.json.
    checkers: dict | None = None
    # Written unchanged instead, if `checkers` cannot express it.
    metadata: object = None
    # Merged into the metadata's statistics of every analyzer.
    statistics: dict = dataclasses.field(default_factory=dict)
    review_status: str | None = None
    skip_file: str | None = None
    # The analyzer that the plist itself names; None omits it.
    analyzer: str | None = "clangsa"
    # Report directories below this one, by name.
    below: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Store:
    """One store into the run of its sequence."""
    directories: tuple
    # {name: text or bytes}: files to write before the store; earlier files stay.
    sources: dict = dataclasses.field(default_factory=dict)
    tag: str | None = None
    force: bool = False
    trim_path_prefixes: tuple = ()
    # Existing report directories, stored beside those above.
    ready: tuple = ()


def store(*findings, sources=None, tag=None, force=False, trim=(), **directory):
    """Returns a store of one report directory."""
    return Store((Directory(tuple(findings), **directory),), sources or {}, tag, force, trim)


def clangsa(*on, off=()):
    """Returns checkers of the clang analyzer in the form of metadata.json."""
    return {"clangsa": {**{name: True for name in on}, **{name: False for name in off}}}


def write_store(what, top, number):
    """Writes the sources and report directories of a store below `top`; returns the latter."""
    # Sources must be older than the plists, or they count as changed since the analysis.
    for name, text in what.sources.items():
        path = os.path.join(top, "src", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        an_hour_ago = os.stat(path).st_mtime - 3600
        os.utime(path, (an_hour_ago, an_hour_ago))
    paths = []
    for index, directory in enumerate(what.directories):
        path = os.path.join(top, f"{number}-{index}" if index else str(number))
        _write_directory(directory, path, os.path.join(top, "src"))
        paths.append(path)
    return paths + list(what.ready)


def _write_directory(directory, path, source_directory):
    os.makedirs(path)
    by_file = {}
    for finding in directory.findings:
        by_file.setdefault(finding.file, []).append(finding)
    for file, findings in by_file.items():
        name = re.sub(r"\W", "_", file) + ".plist"
        with open(os.path.join(path, name), "wb") as out:
            plistlib.dump(_plist(os.path.join(source_directory, file), findings, directory), out)
    metadata = directory.metadata
    if metadata is None and directory.checkers is not None:
        metadata = _metadata(directory, path)
    if metadata is not None:
        _write(path, "metadata.json", json.dumps(metadata))
    if directory.review_status is not None:
        _write(path, "review_status.yaml", directory.review_status)
    if directory.skip_file is not None:
        _write(path, "skip_file", directory.skip_file)
    for name, below in directory.below.items():
        _write_directory(below, os.path.join(path, name), source_directory)


def _write(path, name, text):
    with open(os.path.join(path, name), "w", encoding="utf-8") as file:
        file.write(text)


def _metadata(directory, path):
    statistics = {"failed": 0, "failed_sources": [], "successful": 1,
                  "successful_sources": ["a.c"], "version": "14.0.6", **directory.statistics}
    return {"version": 2, "num_of_report_dir": 1, "tools": [{
        "name": "codechecker", "version": "6.29.1", "command": ["CodeChecker", "analyze"],
        "working_directory": "/", "output_path": path, "result_source_files": {},
        "analyzers": {name: {"checkers": checkers, "analyzer_statistics": statistics}
                      for name, checkers in directory.checkers.items()},
        "timestamps": {"begin": 1.0, "end": 2.0}}]}


def _plist(source, findings, directory):
    plist = {"files": [source], "diagnostics": [_diagnostic(finding) for finding in findings]}
    if directory.analyzer is not None:
        plist["metadata"] = {"analyzer": {"name": directory.analyzer},
                             "generated_by": {"name": "codechecker", "version": "6.29.1"}}
    return plist


def _diagnostic(finding):
    def location(line, column=1):
        return {"line": line, "col": column, "file": 0}

    def event(line, column, message):
        return {"kind": "event", "depth": 0, "location": location(line, column),
                "message": message}

    message = finding.message or finding.checker
    end_line, end_message = finding.end or (finding.line, message)
    diagnostic = {
        "check_name": finding.checker, "description": message, "category": finding.category,
        "type": finding.category, "location": location(finding.line, finding.column),
        "path": [event(line, 1, text) for line, text in finding.steps] +
                [event(end_line, 1 if finding.end else finding.column, end_message)]}
    if finding.report_hash() is not None:
        diagnostic["issue_hash_content_of_line_in_context"] = finding.report_hash()
    if finding.annotations:
        diagnostic["report-annotation"] = finding.annotations
    return diagnostic
