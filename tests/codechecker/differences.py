"""The intended differences between CodeChecker and stored. docs/compare.md gives the reasons.

The comparison checks them too: it fails if one of the two no longer does what is listed here.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Differs:
    """In these rows, `field` is `theirs` in CodeChecker and `ours` in stored.

    The fields "stored" (was the store accepted?), "tag" and "failed_files" belong to the run.
    """
    sequence: str
    # The numbers of the stores after which they differ, from 1.
    after: tuple
    # {field: value} that selects the rows.
    where: dict
    field: str
    theirs: object
    ours: object
    why: str


@dataclasses.dataclass(frozen=True)
class Rows:
    """The numbers of rows with these values differ between the two."""
    sequence: str
    after: tuple
    where: dict
    theirs: int
    ours: int
    why: str


SAYS_NOTHING = ("without metadata.json it is not known which checkers without findings ran: a "
                "finding that is gone is resolved; in CodeChecker it is unavailable")
ON_SOMEWHERE = ("a checker that is on in one directory of a store ran there: a finding that is "
                "gone is resolved; CodeChecker decides by the directory where the checker is off")
NOTHING_TO_READ = ("a directory without a result file and without metadata.json is probably a "
                   "mistaken path, and must not resolve all reports of the run")
CONTRADICTION = ("one pair of comments must not fail a store; CodeChecker stores the results, but "
                 "its client fails")
NO_HASH = "for a placeholder a hash is computed; CodeChecker refuses a plist with only placeholders"
ZEROS = "beside other hashes, CodeChecker takes all placeholders for one bug, and drops reports"
NO_COLUMNS = "a computed hash does not depend on the column, so that indenting a line keeps its bug"
NUMBERED = ("bugs that differ in columns or white space alone are numbered in their order: when "
            "the first is gone, the second takes its place")
LONGEST_PREFIX = ("the longest name that is a prefix is the nearest; CodeChecker takes the first "
                  "that its table lists")
WHOLE_PARTS = "a prefix ends where a part of a name ends; CodeChecker accepts any prefix"
LATER_NAMES = ("the table of checkers is of a later version of CodeChecker's, which has this name; "
               "6.29 says gcc-analyzer-double-free")

DIFFERENCES = [
    Differs("without-metadata", (2,), {"checker": "deadcode.DeadStores"}, "detection",
            "unavailable", "resolved", SAYS_NOTHING),
    Differs("without-metadata", (3,), {"checker": "deadcode.DeadStores"}, "detection",
            "unresolved", "reopened", SAYS_NOTHING),
    Differs("without-metadata", (2, 3), {"checker": "unix.Malloc"}, "detection", "unavailable",
            "resolved", SAYS_NOTHING),
    Differs("analyzers", (3, 4), {"line": 2}, "detection", "unavailable", "resolved",
            SAYS_NOTHING),
    Differs("analyzers", (3, 4), {"line": 3}, "detection", "unavailable", "resolved",
            SAYS_NOTHING),
    Differs("analyzers", (4,), {"line": 4}, "detection", "unavailable", "resolved", SAYS_NOTHING),
    Differs("on-here-and-off-there", (2,), {"checker": "deadcode.DeadStores"}, "detection", "off",
            "resolved", ON_SOMEWHERE),
    Differs("empty-directory", (2,), {}, "stored", True, False, NOTHING_TO_READ),
    Differs("empty-directory", (2,), {}, "detection", "resolved", "new", NOTHING_TO_READ),
    Differs("empty-directory", (2,), {}, "fixed", 2, None, NOTHING_TO_READ),
    Differs("contradicting-source-comments", (1, 2), {}, "stored", False, True, CONTRADICTION),
    Differs("placeholder-hashes", (1, 2), {}, "stored", False, True, NO_HASH),
    Differs("placeholder-hashes", (1, 2), {}, "tag", None, "", NO_HASH),
    Differs("some-placeholder-hashes", (1,), {"checker": "deadcode.DeadStores"}, "hash",
            ("src/a.c", 2, 1, "core.DivideZero", "divides"),
            ("src/a.c", 3, 1, "deadcode.DeadStores", "is dead"), ZEROS),
    Rows("some-placeholder-hashes", (2,), {"checker": "deadcode.DeadStores"}, 0, 1, ZEROS),
    Differs("severities", (1,), {"checker": "clang-diagnostic-error-of-ours"}, "severity",
            "medium", "critical", LONGEST_PREFIX),
    Differs("severities", (1,), {"checker": "core.DivideZeroes"}, "severity", "high",
            "unspecified", WHOLE_PARTS),
    Differs("severities", (1,), {"checker": "gcc-double-free"}, "severity", "unspecified", "high",
            LATER_NAMES),
    Differs("severities-without-metadata", (1,), {"checker": "gcc-double-free"}, "severity",
            "unspecified", "high", LATER_NAMES),
    Differs("severities-without-metadata", (1,), {"checker": "clang-diagnostic-error-of-ours"},
            "severity", "medium", "critical", LONGEST_PREFIX),
    Differs("severities-without-metadata", (1,), {"checker": "core.DivideZeroes"}, "severity",
            "high", "unspecified", WHOLE_PARTS),
    Differs("placeholder-hashes", (1, 2), {}, "failed_files", None, 0, NO_HASH),
    Rows("placeholder-hashes", (1, 2), {}, 0, 2, NO_HASH),
    Rows("computed-hashes-of-columns", (3,), {"column": 9}, 1, 0, NUMBERED),
    Rows("computed-hashes-of-columns", (3,), {"column": 13}, 1, 2, NUMBERED),
    Rows("computed-hashes-when-indented", (2,), {}, 2, 1, NO_COLUMNS),
]
