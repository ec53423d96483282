"""A reader of SARIF 2.1.0 logs, written from the specification alone.

It is slow, keeps a whole log in memory and trusts it. stored must derive the same from a log: the
tests compare the two. Section numbers are of SARIF 2.1.0 (OASIS,
27 March 2020).
"""

import json
import re
import urllib.parse

LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "style"}


def read(path):
    """Returns the results of a log that report a problem, as dictionaries."""
    with open(path, encoding="utf-8") as file:
        log = json.load(file)
    assert log["version"] == "2.1.0", path
    return [result for run in log["runs"] or [] for result in _Run(run).results()]


class _Run:
    def __init__(self, run):
        self._run = run
        self._driver = run["tool"]["driver"]
        self._components = [self._driver, *run["tool"].get("extensions", [])]

    def results(self):
        return [self._result(result) for result in self._run.get("results") or []
                if result.get("baselineState") != "absent" and
                result.get("kind", "fail") in ("fail", "open", "review")]

    def _result(self, result):
        rule, component = self._rule(result)
        locations = [self._location(entry, rule, component)
                     for entry in result.get("locations", [])]
        in_files = [entry for entry in locations if entry["file"]]
        # Section 3.27.13: the analyzed file, if the result names no file.
        main = (in_files or [self._analysis_target(result) or (locations or [_nowhere()])[0]])[0]
        message = self._text(result["message"], rule, component) or self._words_of(rule)
        here = {**main, "message": message}
        how = self._how(result, here, rule, component)
        notes = list(how["notes"])
        for entry in locations:
            # The main location repeats the message in some tools' logs.
            said = entry["message"] not in ("", message) if entry is main else True
            notes += self._notes(entry, said)
        for entry in result.get("relatedLocations", []):
            notes += self._notes(self._location(entry, rule, component), True)
        return {
            "checker": self._checker(result, rule),
            "analyzer": self._driver["name"],
            "severity": self._severity(result, rule),
            "message": message,
            "file": main["file"], "line": main["line"], "column": main["column"],
            "logical_location": self._about(result, main, locations),
            "steps": [_step(step) for step in how["steps"]],
            "further_paths": [[_step(step) for step in path] for path in how["further"]],
            "positions": how["positions"],
            "notes": sorted(_step(note) for note in notes),
            **self._review(result),
            "fingerprints": result.get("fingerprints", {}),
            "partial_fingerprints": result.get("partialFingerprints", {}),
        }

    # Rules (sections 3.27.5 to 3.27.7, 3.52).

    def _rule(self, result):
        reference = result.get("rule", {})
        component = self._driver
        named = reference.get("toolComponent", {})
        if named.get("index", -1) >= 0:
            component = self._components[1 + named["index"]]
        elif named:
            component = next((entry for entry in self._components
                              if named.get("guid", named.get("name")) in
                              (entry.get("guid"), entry["name"])), self._driver)
        index = result.get("ruleIndex", reference.get("index", -1))
        rules = component.get("rules", [])
        if index >= 0:
            return rules[index], component
        wanted = reference.get("guid", "").lower()
        for rule in rules:
            if wanted and rule.get("guid", "").lower() == wanted:
                return rule, component
        name = result.get("ruleId", reference.get("id", ""))
        # Section 3.52.4: "a/b" is a more precise "a".
        while name:
            for component in self._components:
                for rule in component.get("rules", []):
                    if rule["id"] == name:
                        return rule, component
            name = name.rpartition("/")[0]
        return {}, component

    def _checker(self, result, rule):
        return (result.get("ruleId") or result.get("rule", {}).get("id") or rule.get("id") or
                self._driver["name"])

    def _severity(self, result, rule):
        """Returns None if neither the result nor its rule states a severity."""
        for properties in (result.get("properties"), rule.get("properties")):
            score = properties.get("security-severity") if isinstance(properties, dict) else None
            try:
                score = float(score)
            except (TypeError, ValueError):
                continue
            for least, severity in ((9, "critical"), (7, "high"), (4, "medium")):
                if score >= least:
                    return severity
            if score > 0:
                return "low"
        if "level" in result:
            return LEVELS[result["level"]]
        if result.get("kind", "fail") != "fail":
            return LEVELS["none"]
        # Section 3.48.6: the only invocation, if none is named.
        invocations = self._run.get("invocations", [])
        index = result.get("provenance", {}).get("invocationIndex",
                                                 0 if len(invocations) == 1 else -1)
        if index >= 0:
            for override in invocations[index].get("ruleConfigurationOverrides", []):
                same = override["descriptor"].get("id") == rule.get("id")
                if same and "level" in override["configuration"]:
                    return LEVELS[override["configuration"]["level"]]
        level = rule.get("defaultConfiguration", {}).get("level")
        return LEVELS[level] if level else None

    # Messages (section 3.11).

    def _text(self, message, rule, component):
        arguments = message.get("arguments", [])
        text = message.get("text")
        if not text and "id" in message:
            for strings in (rule.get("messageStrings", {}),
                            component.get("globalMessageStrings", {}),
                            self._driver.get("globalMessageStrings", {})):
                if message["id"] in strings:
                    text = strings[message["id"]]["text"]
                    break
        elif not text:
            return message.get("markdown", "")
        elif not arguments:
            # Braces are placeholders and escapes only in texts that are formats.
            return text

        def filled(match):
            if match[0] in ("{{", "}}"):
                return match[0][0]
            index = int(match[1])
            return arguments[index] if index < len(arguments) else match[0]

        return re.sub(r"\{\{|\}\}|\{(\d+)\}", filled, text)

    def _words_of(self, rule):
        return (rule.get("fullDescription", {}).get("text") or
                rule.get("shortDescription", {}).get("text") or rule.get("name", ""))

    # Places (sections 3.4, 3.14.14, 3.28 to 3.30).

    def _location(self, location, rule, component):
        physical = location.get("physicalLocation", {})
        region = physical.get("region", {})
        line = max(region.get("startLine", 0), 0)
        logical = (location.get("logicalLocations") or [{}])[0]
        if "index" in logical and logical["index"] >= 0:
            logical = {**self._run["logicalLocations"][logical["index"]], **logical}
        return {
            "file": self._path(physical.get("artifactLocation", {})),
            "line": line,
            "column": max(region.get("startColumn", 1), 1) if line else 0,
            "range": _range(region),
            "message": self._text(location.get("message", {}), rule, component),
            "logical": logical.get("fullyQualifiedName") or logical.get("name", ""),
            "annotations": [
                {"line": max(entry.get("startLine", 0), 0),
                 "column": max(entry.get("startColumn", 1), 1) if entry.get("startLine") else 0,
                 "range": _range(entry),
                 "message": self._text(entry.get("message", {}), rule, component)}
                for entry in location.get("annotations", [])],
        }

    @staticmethod
    def _notes(location, itself):
        """Returns the messages about a place, beside the message of the result."""
        notes = [{**location, **annotation} for annotation in location["annotations"]]
        return notes + [location] if itself and (location["file"] or location["message"]) else notes

    def _about(self, result, main, locations):
        """Returns the entity that a finding is about, beside or instead of a file."""
        names = [entry["logical"] for entry in locations if entry["logical"]]
        if names or main["file"]:
            return "; ".join(dict.fromkeys(names))
        artifacts = [entry.get("physicalLocation", {}).get("artifactLocation", {})
                     for entry in result.get("locations", [])] + [result.get("analysisTarget", {})]
        for artifact in artifacts:
            name = artifact.get("description", {}).get("text") or artifact.get("uriBaseId")
            if name:
                return name
        return self._driver["name"]

    def _analysis_target(self, result):
        path = self._path(result.get("analysisTarget", {}))
        return {**_nowhere(), "file": path} if path else None

    def _path(self, artifact):
        index = artifact.get("index", -1)
        if "uri" not in artifact and index >= 0:
            artifact = self._run["artifacts"][index]["location"]
        uri = artifact.get("uri", "")
        base = artifact.get("uriBaseId")
        while base and not _is_absolute(uri):
            known = self._run.get("originalUriBaseIds", {}).get(base, {})
            if not known.get("uri"):
                break
            uri = known["uri"].rstrip("/") + "/" + uri
            base = known.get("uriBaseId")
        return _path_of_uri(uri)

    # How the finding came about (sections 3.36 to 3.38, 3.44 to 3.45).

    def _how(self, result, here, rule, component):
        """The first code flow with messages, else the first stack, is the path to the finding; the
        others are further paths. A step without a message shows only where control went."""
        flows = [flow for flow in (self._flow(entry, rule, component)
                                   for entry in result.get("codeFlows", [])) if flow["steps"]]
        stacks = [stack for stack in (self._stack(entry, rule, component)
                                      for entry in result.get("stacks", [])) if stack["steps"]]
        own = next((flow for flow in flows if any(step["message"] for step in flow["steps"])),
                   flows[0] if flows else {"steps": [], "said": []})
        steps = [step for step in own["steps"] if step["message"]]
        positions = [(step["file"], *(step["range"] or
                                      (step["line"], step["column"], step["line"], step["column"])))
                     for step in own["steps"] if not step["message"] and step["file"]]
        notes = own["said"]
        own_stack = None
        if not steps:
            steps = [here]
            if stacks:
                own_stack = stacks[0]
                *outer, innermost = own_stack["steps"]
                steps = [*outer, here]
                notes = notes + own_stack["said"]
                place = ("file", "line", "column")
                if innermost["message"] or any(innermost[part] != here[part] for part in place):
                    notes = [*notes, innermost]
        further = [way["said"] + way["steps"] for way in flows + stacks
                   if way is not own and way is not own_stack]
        return {"steps": steps, "positions": positions, "notes": notes, "further": further}

    def _flow(self, flow, rule, component):
        entries = [entry for thread in flow["threadFlows"] for entry in thread["locations"]]
        if len(flow["threadFlows"]) > 1 and all("executionOrder" in entry for entry in entries):
            entries.sort(key=lambda entry: entry["executionOrder"])
        return {"said": self._said([flow, *flow["threadFlows"]], rule, component),
                "steps": [self._location(entry.get("location", {}), rule, component)
                          for entry in entries]}

    def _stack(self, stack, rule, component):
        """Returns the calls, outermost first."""
        frames = [self._location(frame.get("location", {}), rule, component)
                  for frame in reversed(stack["frames"])]
        return {"said": self._said([stack], rule, component),
                "steps": [{**frame, "message": frame["message"] or frame["logical"]}
                          for frame in frames]}

    def _said(self, objects, rule, component):
        """Returns the messages of these, as steps without a file."""
        texts = [self._text(entry.get("message", {}), rule, component) for entry in objects]
        return [{**_nowhere(), "message": text} for text in texts if text]

    # Suppressions (sections 3.27.23, 3.35): in force if all of them are accepted. CodeChecker
    # writes "confirmed" as one in the source that is rejected.

    @staticmethod
    def _review(result):
        suppressions = result.get("suppressions") or []
        states = {entry.get("status", "accepted") for entry in suppressions}
        if states == {"accepted"}:
            review = "false_positive"
        elif states == {"rejected"} and all(entry["kind"] == "inSource" for entry in suppressions):
            review = "confirmed"
        else:
            return {"review": "unreviewed", "comment": ""}
        return {"review": review,
                "comment": next((entry["justification"] for entry in suppressions
                                 if entry.get("justification")), "")}


def _nowhere():
    return {"file": "", "line": 0, "column": 0, "range": None, "message": "", "logical": "",
            "annotations": []}


def _step(step):
    return (step["file"], step["line"], step["column"], step["message"], step["range"] or ())


def _range(region):
    """Returns (line, column, line, column), both included; None if the region has no end."""
    line = region.get("startLine", 0)
    if line <= 0 or ("endLine" not in region and "endColumn" not in region):
        return None
    column = max(region.get("startColumn", 1), 1)
    end_line = region.get("endLine", line)
    if end_line < line:
        return None
    # Section 3.30.8: the column after the last character; if missing, the end of the line.
    end_column = region.get("endColumn", 0)
    if end_column <= 0:
        return (line, column, end_line, 0)
    if end_line == line:
        return (line, column, line, max(end_column - 1, column))
    return (line, column, end_line, end_column - 1) if end_column > 1 else (
        line, column, end_line - 1, 0)


def _is_absolute(uri):
    return uri.startswith("/") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri) is not None


def _path_of_uri(uri):
    uri = re.sub(r"^file:(//(localhost)?(?=/))?", "", uri)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", uri):
        return uri
    path = urllib.parse.unquote(uri)
    if path in (".", "./"):
        return "."
    names = []
    for name in path.split("/"):
        if name == ".." and names and names[-1] != "..":
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return ("/" if path.startswith("/") else "") + "/".join(names)
