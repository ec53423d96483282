#!/usr/bin/env python3
"""Stores the same inputs with the programs of two builds, and compares the databases.

    tests/compare_databases.py BIN_FOLDER BIN_FOLDER INPUT...

An INPUT is a report directory, a result file or an archive. Each is stored twice, into one run per
input: new, and again. Prints each difference, and then exits with 1. Times, tokens and names of
files in the spool differ between any two servers, so only their presence is compared.
"""

import collections
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

# Columns whose values no two servers share.
OWN = {"created_at", "stored_at", "detected_at", "fixed_at", "enqueued_at", "started_at",
       "finished_at", "since", "token", "upload_id", "payload_file"}
SECONDS = 300


def store(binaries, inputs, folder):
    """Stores the inputs and stops the server, so that all rows are in the database files."""
    address = f"unix:{folder}/socket"
    with open(folder / "stored.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen([binaries / "stored", "--data", folder / "data", "--listen", address],
                                  stdout=log, stderr=log)
    try:
        # storectl waits for a server that is just starting.
        for path in inputs * 2:
            subprocess.run([binaries / "storectl", "--server", address, "-q", "upload", path, "--name",
                            pathlib.Path(path).name], check=True, timeout=SECONDS,
                           stdout=subprocess.DEVNULL)
    finally:
        server.terminate()
        code = server.wait(SECONDS)
    if code != 0:
        sys.exit(f"{binaries}/stored ended with {code}: {(folder / 'stored.log').read_text()}")


def rows_of(database):
    """Returns the rows of each table, and how often each occurs."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    tables = [name for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    rows = {}
    for table in tables:
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in cursor.description]
        rows[table] = collections.Counter(
            tuple((value is not None) if column in OWN else value for column, value in zip(columns, row))
            for row in cursor)
    connection.close()
    return rows


def databases(folder):
    """Returns the rows of each database below the data directory."""
    return {str(path.relative_to(folder)): rows_of(path) for path in sorted(folder.rglob("*.db"))}


def main(first="", second="", *inputs):
    if not inputs:
        sys.exit(__doc__)
    stored = []
    for binaries in first, second:
        with tempfile.TemporaryDirectory(prefix="stored-compare-") as folder:
            folder = pathlib.Path(folder)
            store(pathlib.Path(binaries).resolve(), list(inputs), folder)
            stored.append(databases(folder / "data"))
    differences = 0
    if stored[0].keys() != stored[1].keys():
        print(f"the files differ: {sorted(stored[0])} and {sorted(stored[1])}")
        differences += 1
    for name in stored[0].keys() & stored[1].keys():
        if stored[0][name].keys() != stored[1][name].keys():
            print(f"{name}: the tables differ")
            differences += 1
            continue
        for table, rows in stored[0][name].items():
            for row in (rows - stored[1][name][table]) + (stored[1][name][table] - rows):
                print(f"{name}: {table}: only one has {str(row)[:300]}")
                differences += 1
    rows = sum(sum(table.values()) for tables in stored[0].values() for table in tables.values())
    if rows == 0:
        print("compare_databases: nothing was stored")
        return 1
    if differences:
        print(f"compare_databases: {differences} differences")
        return 1
    print(f"compare_databases: {len(inputs)} inputs stored twice, {rows} rows, no differences")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
