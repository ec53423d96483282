"""CodeChecker's server and stored, with one interface for storing and for reading rows."""

import json
import os
import socket
import subprocess
import time

SEVERITIES = {0: "unspecified", 10: "style", 20: "low", 30: "medium", 40: "high", 50: "critical"}
DETECTION = ("new", "resolved", "unresolved", "reopened", "off", "unavailable")
REVIEW = ("unreviewed", "confirmed", "false_positive", "intentional")


class ServerError(Exception):
    """A server or client failed; the text says how."""


class Process:
    """A server that is stopped at the end of the test, whatever happens."""

    def __init__(self, command, log, env=None):
        self.log = log
        with open(log, "wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, env=env,
                                             stdin=subprocess.DEVNULL)

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_until(self, is_ready, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ready = is_ready(self.log_text())
            if ready:
                return ready
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise ServerError(f"the server does not start:\n{self.log_text()[-2000:]}")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _run(command, env=None):
    """Runs a program to its end; returns (exit code, standard output, standard error)."""
    ended = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=120, check=False)
    return (ended.returncode, ended.stdout.decode(errors="replace"),
            ended.stderr.decode(errors="replace"))


class CodeChecker:
    """CodeChecker's own server on a free port of the loopback."""

    def __init__(self, program, work):
        home = os.path.join(work, "home")
        os.makedirs(home, exist_ok=True)
        # By default its client polls every five seconds for the end of a store.
        self._env = {**os.environ, "HOME": home, "TZ": "UTC", "CC_FORCE_SYNC_STORE": "1"}
        self._program = program
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/Default"
        self._server = Process(
            [program, "server", "--workspace", os.path.join(work, "workspace"), "--host",
             "127.0.0.1", "--port", str(port), "--skip-db-cleanup"],
            os.path.join(work, "codechecker.log"), self._env)
        self._server.wait_until(lambda log: "waiting for client requests" in log)

    def stop(self):
        self._server.stop()

    def store(self, run, what, directories):
        """Returns whether it was stored."""
        command = [self._program, "store", *directories, "--name", run, "--url", self._url]
        if what.tag:
            command += ["--tag", what.tag]
        if what.force:
            command += ["--force"]
        if what.trim_path_prefixes:
            command += ["--trim-path-prefix", *what.trim_path_prefixes]
        code, _, _ = _run(command, self._env)
        return code == 0

    def rows(self):
        """Returns {run: [row]} of everything stored; a row is a dictionary."""
        found = self._ask("results", "*", "--uniqueing", "off", "--detection-status", *DETECTION,
                          "--review-status", *REVIEW)
        rows = {}
        for report in found:
            rows.setdefault(report["runName"], []).append({
                "hash": report["bugHash"],
                "checker": report["checkerId"],
                "analyzer": report["analyzerName"],
                "file": report["checkedFile"],
                "line": report["line"],
                "column": report["column"],
                "message": report["checkerMsg"],
                "severity": SEVERITIES[report["severity"]],
                "detection": DETECTION[report["detectionStatus"]],
                "review": REVIEW[report["reviewData"]["status"]],
                "comment": report["reviewData"]["comment"],
                "steps": report["bugPathLength"],
                "annotations": tuple(sorted((report["annotations"] or {}).items())),
                "detected": report["detectedAt"][:26],
                "fixed": (report["fixedAt"] or "")[:26],
            })
        return rows

    def runs(self):
        """Returns {run: its properties besides its rows}."""
        runs = {}
        for entry in self._ask("runs"):
            for name, run in entry.items():
                # Counted for each analyzer; in these sequences they are the same files.
                failed = [statistics["failed"]
                          for statistics in (run["analyzerStatistics"] or {}).values()]
                runs[name] = {"tag": run["versionTag"] or "",
                              "failed_files": max(failed, default=0)}
        return runs

    def _ask(self, *arguments):
        code, out, err = _run([self._program, "cmd", *arguments, "--url", self._url, "-o", "json"],
                              self._env)
        try:
            return json.loads(out)
        except json.JSONDecodeError:
            raise ServerError(f"CodeChecker cmd {arguments[0]} ended with {code}: {err}") from None


class Stored:
    """stored on a unix socket, used through storectl."""

    def __init__(self, binaries, work):
        self._storectl = os.path.join(binaries, "storectl")
        self._server = Process(
            [os.path.join(binaries, "stored"), "--data", os.path.join(work, "data"), "--listen",
             "unix:" + os.path.join(work, "socket")], os.path.join(work, "stored.log"))
        self._server.wait_until(lambda log: "listening on" in log)
        self._address = "unix:" + os.path.join(work, "socket")

    def stop(self):
        self._server.stop()

    def store(self, run, what, directories):
        """Returns whether it was stored."""
        command = ["upload", *directories, "--name", run]
        # Sources are read only below directories that are named.
        for directory in directories:
            command += ["--source-root", os.path.dirname(directory)]
        if what.tag:
            command += ["--tag", what.tag]
        if what.force:
            command += ["--force"]
        for prefix in what.trim_path_prefixes:
            command += ["--trim-path-prefix", prefix]
        code, out, err = self.storectl(*command)
        if code not in (0, 1, 2):
            raise ServerError(f"storectl upload ended with {code}: {out}{err}")
        return code == 0

    def storectl(self, *arguments):
        return _run([self._storectl, "--server", self._address, *arguments])

    def reports(self, run):
        """Returns the reports of a run as storectl prints them."""
        code, out, err = self.storectl("-o", "json", "reports", run, "--bug-path")
        if code != 0:
            raise ServerError(f"storectl reports {run} ended with {code}: {err}")
        return json.loads(out)["reports"]

    def rows(self):
        rows = {}
        for run in self.runs():
            rows[run] = [self._row(report) for report in self.reports(run)]
        return rows

    def runs(self):
        """Returns {run: its properties besides its rows}."""
        code, out, err = self.storectl("-o", "json", "runs")
        if code != 0:
            raise ServerError(f"storectl runs ended with {code}: {err}")
        return {run["name"]: {"tag": run["tag"], "failed_files": run.get("failedFiles", 0)}
                for run in json.loads(out)["runs"]}

    @staticmethod
    def _row(report):
        def word(field, prefix):
            return report[field].removeprefix(prefix).lower()

        return {
            "hash": report["reportHash"],
            "checker": report["checkerName"],
            "analyzer": report["analyzerName"],
            "file": report["filePath"],
            "line": report["line"],
            "column": report["column"],
            "message": report["message"],
            "severity": word("severity", "SEVERITY_"),
            "detection": word("detectionStatus", "DETECTION_STATUS_"),
            "review": word("reviewStatus", "REVIEW_STATUS_"),
            "comment": report["reviewComment"],
            "steps": report["bugPathLength"],
            "annotations": tuple(sorted((entry["key"], entry["value"])
                                        for entry in report["annotations"])),
            "detected": report["detectedAt"].replace("T", " ").rstrip("Z"),
            "fixed": report.get("fixedAt", "").replace("T", " ").rstrip("Z"),
        }
