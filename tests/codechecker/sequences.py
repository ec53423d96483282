"""Sequences of stores into one run that CodeChecker and stored must agree about.

SEQUENCES: {name: [store, ...]}. To test something new, add an entry; if the two are meant to
differ, say how and why in differences.py.
"""

from report_directory import Directory, Finding, Store, clangsa, store

DIVIDE = "core.DivideZero"
DEAD = "deadcode.DeadStores"
LEAK = "unix.Malloc"
ALL = clangsa(DIVIDE, DEAD, LEAK)

CODE = "".join(f"int line{n};\n" for n in range(1, 41))
SOURCES = {"a.c": CODE, "b.c": CODE}

SEQUENCES = {}

# A finding that is found, gone, and found again.
SEQUENCES["lifecycle"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 2), checkers=ALL),
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), Finding(LEAK, 4, file="b.c"), checkers=ALL),
    store(checkers=ALL),
    store(Finding(LEAK, 4, file="b.c"), checkers=ALL),
    store(Finding(LEAK, 4, file="b.c"), checkers=ALL),
]

# A checker that is off, and on again.
SEQUENCES["off"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 2), checkers=clangsa(DIVIDE, off=(DEAD,))),
    store(Finding(DIVIDE, 2), checkers=ALL),
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), checkers=ALL),
]
SEQUENCES["off-and-found-again"] = [
    store(Finding(DEAD, 3), checkers=ALL, sources=SOURCES),
    store(checkers=clangsa(DIVIDE, off=(DEAD,))),
    store(Finding(DEAD, 3), checkers=ALL),
    # The checker has reports, so it is on, whatever the metadata says.
    store(Finding(DEAD, 3, file="b.c"), checkers=clangsa(DIVIDE, off=(DEAD,))),
]

# A checker that the analyzer no longer has.
SEQUENCES["unavailable"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), Finding("clang-diagnostic-unused", 4),
          checkers=ALL, sources=SOURCES),
    store(checkers=clangsa(LEAK)),
    store(Finding(DIVIDE, 2), checkers=ALL),
]

# Directories that do not list their checkers.
SEQUENCES["without-metadata"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), Finding(LEAK, 4), sources=SOURCES),
    store(Finding(DIVIDE, 2)),
    store(Finding(DIVIDE, 2), Finding(DEAD, 3)),
]
# A directory with nothing at all in it: no plist, no metadata.
SEQUENCES["empty-directory"] = [
    store(Finding(DIVIDE, 2), sources=SOURCES),
    store(),
]
SEQUENCES["metadata-learnt-later"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), sources=SOURCES, analyzer=None),
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), checkers=ALL, analyzer=None),
    store(Finding(DIVIDE, 2), checkers=ALL),
]

# Several directories in one store.
SEQUENCES["two-directories"] = [
    Store((Directory((Finding(DIVIDE, 2), Finding(DEAD, 3)), checkers=clangsa(DIVIDE, DEAD)),
           Directory((Finding("misc-x", 5, file="b.c"),), analyzer="clang-tidy",
                     checkers={"clang-tidy": {"misc-x": True, "misc-y": True}})), SOURCES),
    Store((Directory((Finding(DIVIDE, 2),), checkers=clangsa(DIVIDE, DEAD)),
           Directory((), checkers={"clang-tidy": {"misc-x": False}}))),
    Store((Directory((Finding(DIVIDE, 2),), checkers=clangsa(DIVIDE)),)),
]
SEQUENCES["same-report-in-two-directories"] = [
    Store((Directory((Finding(DIVIDE, 2), Finding(DEAD, 3)), checkers=ALL),
           Directory((Finding(DIVIDE, 2), Finding(LEAK, 4)), checkers=ALL)), SOURCES),
    Store((Directory((Finding(DEAD, 3),), checkers=ALL),
           Directory((Finding(DIVIDE, 2),), checkers=ALL))),
]
SEQUENCES["on-here-and-off-there"] = [
    Store((Directory((Finding(DIVIDE, 2), Finding(DEAD, 3)), checkers=ALL),
           Directory((Finding(LEAK, 4),), checkers=ALL)), SOURCES),
    Store((Directory((Finding(DIVIDE, 2),), checkers=ALL),
           Directory((Finding(LEAK, 4),), checkers=clangsa(LEAK, off=(DIVIDE, DEAD))))),
]
SEQUENCES["directories-below"] = [
    store(Finding(DIVIDE, 2), checkers=ALL, sources=SOURCES,
          below={"more": Directory((Finding(DEAD, 3, file="b.c"),), checkers=clangsa(DEAD))}),
    store(checkers=ALL,
          below={"more": Directory((Finding(DEAD, 3, file="b.c"),), checkers=clangsa(DEAD))}),
]

SEQUENCES["force"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 2), checkers=ALL),
    store(Finding(DIVIDE, 2), Finding(LEAK, 4), checkers=ALL, force=True),
]
SEQUENCES["tags"] = [
    store(Finding(DIVIDE, 2), checkers=ALL, sources=SOURCES, tag="v1"),
    store(Finding(DEAD, 3), checkers=ALL, tag="v2"),
    store(Finding(DIVIDE, 2), checkers=ALL, tag="v1"),
    store(Finding(DIVIDE, 2), checkers=ALL),
]

# Every form of a source comment; each finding is on the line after its comment.
COMMENTS = """\
int f0;
// codechecker_suppress [all] for all checkers
int f3;
// codechecker_false_positive [core.DivideZero] by its name
int f5;
// codechecker_intentional [DivideZero] by part of its name
int f7;
// codechecker_confirmed [deadcode.DeadStores, core.DivideZero] one of a list
int f9;
// codechecker_intentional [deadcode.DeadStores] another checker's
int f11;
/* codechecker_suppress [all] in one line */
int f13;
/* codechecker_intentional [core.DivideZero] over
 * several
 * lines */
int f17;
// codechecker_confirmed [core.DivideZero] over
// two lines
int f20;
// codechecker_suppress [all] with a line between

int f23;
// codechecker_suppresss [all] misspelled
int f25;
// codechecker_suppress without brackets
int f27;
// codechecker_suppress [all]
int f29;
// codechecker_intentional [core.DivideZero] the one
// codechecker_confirmed [deadcode.DeadStores] and the other
int f32;
int g; // codechecker_suppress [all] behind code
int f34;
\t  //   codechecker_intentional   [ all ]   with   much   space
int f36;
//codechecker_intentional[all]with none
int f38;
// Says what comes.
// codechecker_false_positive [all] below another comment
int f41;
// codechecker_false_positive [all] above another comment
// that is not for it.
int f44;
"""
COMMENTED = (3, 5, 7, 9, 11, 13, 17, 20, 23, 25, 27, 29, 32, 34, 36, 38, 41, 44)


def commented(checker=DIVIDE, file="a.c"):
    return tuple(Finding(checker, line, bug=f"{checker}{line}", file=file) for line in COMMENTED)


SEQUENCES["source-comments"] = [
    store(*commented(), *commented(DEAD), checkers=ALL, sources={"a.c": COMMENTS}),
    store(*commented(), checkers=ALL),
    store(*commented(), *commented(DEAD), checkers=ALL),
]
SEQUENCES["source-comments-crlf"] = [
    store(*commented(), checkers=ALL, sources={"a.c": COMMENTS.replace("\n", "\r\n")}),
]
PLAIN = "int a;\n// Says nothing.\nint b;\nint c;\n"
SUPPRESSED = PLAIN.replace("Says nothing.", "codechecker_suppress [all] because")
CONFIRMED = PLAIN.replace("Says nothing.", "codechecker_confirmed [all] it is so")
SEQUENCES["source-comment-comes-and-goes"] = [
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": PLAIN}),
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": SUPPRESSED}),
    store(Finding(DIVIDE, 3), checkers=ALL),
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": CONFIRMED}),
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": PLAIN}),
]
SEQUENCES["suppressed-gone-and-back"] = [
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": SUPPRESSED}),
    store(checkers=ALL),
    store(Finding(DIVIDE, 3), checkers=ALL),
    store(Finding(DIVIDE, 3), checkers=ALL, sources={"a.c": PLAIN}),
]
SEQUENCES["contradicting-source-comments"] = [
    store(Finding(DIVIDE, 4), Finding(DEAD, 1), checkers=ALL, sources={"a.c": """int a;
// codechecker_suppress [all] one thing
// codechecker_confirmed [core.DivideZero] and another
int b;
"""}),
    store(Finding(DIVIDE, 4), Finding(DEAD, 1), checkers=ALL),
]

RULES = """\
$version: 1
rules:
  - filters:
      filepath: "*/src/lib/*"
    actions:
      review_status: false_positive
      reason: not our code
  - filters:
      checker_name: unix.Malloc
      filepath: "*/b.c"
    actions:
      review_status: confirmed
      reason: both must hold
  - filters:
      report_hash: "0123456789ab"
    actions:
      review_status: intentional
  - filters:
      checker_name: deadcode.DeadStores
    actions:
      review_status: suppress
      reason: first
  - filters:
      checker_name: deadcode.DeadStores
    actions:
      review_status: confirmed
      reason: second
  - filters:
      filepath: "*/[xy]?.c"
    actions:
      review_status: intentional
      reason: a set and a mark
"""
REVIEWED = (Finding(DIVIDE, 2), Finding(DIVIDE, 2, file="lib/a.c"), Finding(LEAK, 3),
            Finding(LEAK, 3, file="b.c"), Finding(DEAD, 5), Finding(DEAD, 5, file="lib/a.c"),
            Finding(DIVIDE, 6, raw_hash="0123456789abcdef0123456789abcdef"),
            Finding(DIVIDE, 2, file="x1.c"), Finding(DIVIDE, 2, file="z1.c"),
            Finding(DEAD, 3, bug="commented", file="c.c"))
SEQUENCES["review-status-yaml"] = [
    store(*REVIEWED, checkers=ALL, review_status=RULES,
          sources={**SOURCES, "lib/a.c": CODE, "x1.c": CODE, "z1.c": CODE, "c.c": CONFIRMED}),
    store(*REVIEWED, checkers=ALL, review_status=RULES),
    store(*REVIEWED, checkers=ALL),
]
SEQUENCES["review-status-yaml-of-each-directory"] = [
    Store((Directory((Finding(DIVIDE, 2),), checkers=ALL, review_status=RULES.replace(
        "deadcode.DeadStores", DIVIDE)),
           Directory((Finding(DEAD, 3, file="b.c"),), checkers=ALL)), SOURCES),
    Store((Directory((Finding(DIVIDE, 2),), checkers=ALL),
           Directory((Finding(DEAD, 3, file="b.c"),), checkers=ALL, review_status=RULES))),
]

# The newest store's text, if the report hash is unchanged.
SEQUENCES["content-changes"] = [
    store(Finding(DIVIDE, 7, "divides by zero", steps=((3, "x is zero"), (5, "calls f"))),
          Finding(DEAD, 9), checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 8, "divides by nil", steps=((3, "x is zero"), (5, "calls f"))),
          Finding(DEAD, 12, "is never read", category="Other"), checkers=ALL),
    store(Finding(DIVIDE, 8, "divides by nil", steps=((4, "x is null"),)),
          Finding(DEAD, 12, "is never read", category="Other", column=7), checkers=ALL),
]
# The same events, so the same report, with other texts.
SAME_END = {"end": (7, "here"), "steps": ((3, "x is zero"),)}
SEQUENCES["same-report-other-words"] = [
    store(Finding(DIVIDE, 7, "divides by zero", **SAME_END), Finding(DEAD, 9, end=(9, "dead")),
          checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 11, "divides by nil", column=4, category="Other", **SAME_END),
          Finding(DEAD, 10, end=(9, "dead")), checkers=ALL),
    store(Finding(DIVIDE, 11, "divides by nil", column=4, category="Other", **SAME_END),
          checkers=ALL),
    store(Finding(DIVIDE, 7, "divides by zero", **SAME_END), Finding(DEAD, 9, end=(9, "dead")),
          checkers=ALL),
]
# One hash, several paths.
SEQUENCES["several-paths"] = [
    store(Finding(DIVIDE, 7, bug="one", steps=((3, "from here"),)),
          Finding(DIVIDE, 7, bug="one", steps=((4, "from there"),)),
          Finding(DIVIDE, 7, bug="one", steps=((4, "from there"),)),
          Finding(DIVIDE, 7, bug="one", file="b.c"), checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 7, bug="one", steps=((3, "from here"),)), checkers=ALL),
    store(Finding(DIVIDE, 7, bug="one", steps=((2, "from elsewhere"),)),
          Finding(DIVIDE, 7, bug="one", file="b.c"), checkers=ALL),
]

# Findings without a report hash: which of them are the same bug, and their status.
REPEATED = "int x;\nint y = x / 0;\nint z;\nint y = x / 0;\n"
SEQUENCES["computed-hashes"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None), Finding(DEAD, 3, "is dead", bug=None),
          Finding(DEAD, 3, "is not read", bug=None), checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None), Finding(DEAD, 3, "is dead", bug=None),
          checkers=ALL),
    # A line is added above: all bugs remain the same.
    store(Finding(DIVIDE, 3, "divides", bug=None), Finding(DEAD, 4, "is dead", bug=None),
          checkers=ALL, sources={"a.c": "int more;\n" + REPEATED}),
    # Another checker, another text, and none of the earlier findings.
    store(Finding(LEAK, 3, "divides", bug=None), checkers=ALL),
]
SEQUENCES["computed-hashes-of-a-repeated-line"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None), Finding(DIVIDE, 4, "divides", bug=None),
          checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None), checkers=ALL),
]
SEQUENCES["computed-hashes-of-columns"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None, column=9),
          Finding(DIVIDE, 2, "divides", bug=None, column=13), checkers=ALL,
          sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None, column=9), checkers=ALL),
    store(Finding(DIVIDE, 2, "divides", bug=None, column=13), checkers=ALL),
]
SEQUENCES["computed-hashes-of-a-line-repeated-deeper"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None), Finding(DIVIDE, 4, "divides", bug=None),
          checkers=ALL, sources={"a.c": "int x;\nint y = x / 0;\nint z;\n    int y = x / 0;\n"}),
    store(Finding(DIVIDE, 2, "divides", bug=None), Finding(DIVIDE, 4, "divides", bug=None),
          checkers=ALL),
    store(Finding(DIVIDE, 2, "divides", bug=None), checkers=ALL),
]
SEQUENCES["computed-hashes-when-indented"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None, column=9), checkers=ALL,
          sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None, column=11), checkers=ALL,
          sources={"a.c": REPEATED.replace("int y", "  int y")}),
]
SEQUENCES["computed-hashes-when-the-text-changes"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None), checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None), checkers=ALL,
          sources={"a.c": REPEATED.replace("x / 0", "x / nil")}),
]
SEQUENCES["computed-hashes-when-renamed"] = [
    store(Finding(DIVIDE, 2, "divides", bug=None), checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None, file="other/a.c"), checkers=ALL,
          sources={"other/a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", bug=None, file="other/b.c"), checkers=ALL,
          sources={"other/b.c": REPEATED}),
]
SEQUENCES["placeholder-hashes"] = [
    store(Finding(DIVIDE, 2, "divides", raw_hash="0"), Finding(DEAD, 3, "is dead", raw_hash="0"),
          checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", raw_hash="0"), checkers=ALL),
]
SEQUENCES["some-placeholder-hashes"] = [
    store(Finding(DIVIDE, 2, "divides", raw_hash="0"), Finding(DEAD, 3, "is dead", raw_hash="0"),
          Finding(LEAK, 1, "leaks"), checkers=ALL, sources={"a.c": REPEATED}),
    store(Finding(DIVIDE, 2, "divides", raw_hash="0"), Finding(LEAK, 1, "leaks"), checkers=ALL),
]

SEQUENCES["skip-file"] = [
    store(Finding(DIVIDE, 2), Finding(DIVIDE, 2, file="lib/a.c"),
          Finding(DIVIDE, 2, file="lib/kept.c"), Finding(DIVIDE, 2, file="x1.c"),
          Finding(DIVIDE, 2, file="xy.c"), Finding(DIVIDE, 2, file="\u00e9.c"), checkers=ALL,
          skip_file="# Of others.\n+*/lib/kept.c\n-*/lib\nneither plus nor minus\n\n"
                    "-*/x[0-9].c\n-*/src/\u00e9.c\n",
          sources={name: CODE for name in ("a.c", "lib/a.c", "lib/kept.c", "x1.c", "xy.c",
                                           "\u00e9.c")}),
    store(Finding(DIVIDE, 2), Finding(DIVIDE, 2, file="lib/a.c"), checkers=ALL,
          skip_file="-*/?.c\n"),
]

TOOL = {"version": 2, "num_of_report_dir": 1, "tools": [{
    "name": "cppcheck", "version": "2.10", "command": ["cppcheck", "a.c"],
    "checkers": {"nullPointer": True, "zerodiv": True},
    "analyzer_statistics": {"failed": 1, "failed_sources": ["b.c"], "successful": 2,
                            "successful_sources": ["a.c", "c.c"], "version": "2.10"},
    "timestamps": {"begin": 1.0, "end": 2.0}}]}
TOOL_WITHOUT = {**TOOL, "tools": [{**TOOL["tools"][0],
                                   "checkers": {"nullPointer": True, "zerodiv": False}}]}
SEQUENCES["checkers-at-the-tool"] = [
    store(Finding("nullPointer", 2), Finding("zerodiv", 3), metadata=TOOL, sources=SOURCES,
          analyzer="cppcheck"),
    store(Finding("nullPointer", 2), metadata=TOOL_WITHOUT, analyzer="cppcheck"),
    store(Finding("zerodiv", 3), metadata=TOOL, analyzer="cppcheck"),
]
OLD = {"versions": {"codechecker": "6.10"}, "command": ["CodeChecker", "analyze"],
       "checkers": {"clangsa": [DIVIDE, DEAD]}, "timestamps": {"begin": 1.0, "end": 2.0}}
SEQUENCES["metadata-of-version-1"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3), metadata=OLD, sources=SOURCES),
    store(Finding(DIVIDE, 2), metadata={**OLD, "checkers": {"clangsa": {DIVIDE: True,
                                                                        DEAD: False}}}),
    store(Finding(DIVIDE, 2), metadata={**OLD, "checkers": {"clangsa": [DIVIDE]}}),
]
SEQUENCES["failed-translation-units"] = [
    store(Finding(DIVIDE, 2), checkers=ALL, sources=SOURCES,
          statistics={"failed": 2, "failed_sources": ["/x/b.c", "/x/c.c"]}),
    store(Finding(DIVIDE, 2), checkers={**ALL, "clang-tidy": {"misc-x": True}},
          statistics={"failed": 1, "failed_sources": ["/x/b.c"]}),
    store(Finding(DIVIDE, 2), checkers=ALL),
]
SEQUENCES["analyzers"] = [
    store(Finding(DIVIDE, 2), Finding("nullPointer", 3), analyzer="cppcheck", sources=SOURCES),
    store(Finding(DIVIDE, 2), Finding("nullPointer", 3), analyzer="cppcheck",
          checkers={**ALL, "cppcheck": {"nullPointer": True}}),
    store(Finding("readability-x", 4, file="b.c"), analyzer="clang-tidy"),
    store(Finding("made.Up", 5), analyzer=None),
]

SEQUENCES["trim-path-prefix"] = [
    store(Finding(DIVIDE, 2), Finding(DEAD, 3, file="lib/deep/a.c"),
          Finding(LEAK, 4, file="lib/b.c"), checkers=ALL, trim=("*/src", "*/src/lib"),
          sources={"a.c": CODE, "lib/deep/a.c": CODE, "lib/b.c": CODE}),
    store(Finding(DIVIDE, 2), Finding(DEAD, 3, file="lib/deep/a.c"), checkers=ALL,
          trim=("*/src/lib/d*p",)),
]

SEQUENCES["annotations"] = [
    store(Finding(DIVIDE, 2, bug="one", annotations={"testcase": "first"}),
          Finding(DIVIDE, 2, bug="one", annotations={"testcase": "second"}),
          Finding(DIVIDE, 2, bug="one"),
          Finding(DEAD, 3, annotations={"testcase": "x", "chronological_order": "7",
                                        "timestamp": "2020-01-02 03:04:05"}),
          checkers=ALL, sources=SOURCES),
    store(Finding(DIVIDE, 2, bug="one", annotations={"testcase": "second"}), checkers=ALL),
]

CHECKERS = (
    ("core.DivideZero", "clangsa"), ("alpha.core.CastSize", "clangsa"),
    ("security.insecureAPI.gets", "clangsa"), ("made.up.Checker", "clangsa"),
    ("bugprone-sizeof-expression", "clang-tidy"), ("bugprone-no-such-check", "clang-tidy"),
    ("clang-diagnostic-error", "clang-tidy"), ("clang-diagnostic-unused-variable", "clang-tidy"),
    ("clang-analyzer-core.NullDereference", "clang-tidy"),
    ("readability-else-after-return", "clang-tidy"), ("cert-err33-c", "clang-tidy"),
    ("modernize-use-nullptr", "clang-tidy"), ("nullPointer", "cppcheck"),
    ("cppcheck-nullPointer", "cppcheck"), ("cppcheck-uninitvar", "cppcheck"),
    # Not in the table, but they begin like two names that are, and like a part of one.
    ("clang-diagnostic-error-of-ours", "clang-tidy"), ("core.DivideZeroes", "clangsa"),
    ("gcc-double-free", "gcc"), ("AddressSanitizer", "asan"), ("no-member", "pylint"))
SEQUENCES["severities"] = [
    Store(tuple(Directory((Finding(checker, line),), analyzer=analyzer,
                          checkers={analyzer: {checker: True}})
                for line, (checker, analyzer) in enumerate(CHECKERS, 1)), SOURCES),
]
SEQUENCES["severities-without-metadata"] = [
    Store(tuple(Directory((Finding(checker, line),), analyzer=None)
                for line, (checker, analyzer) in enumerate(CHECKERS, 1)), SOURCES),
]
