# Writes the rows of INPUT, a table of tab-separated columns, to OUTPUT as C++: one line a row, each
# `Row("...", "...", ...),`. Lines that begin with '#' are left out. No cell has a quote or a backslash
# (checker_table_test.cc).
file(READ "${INPUT}" table)
string(REGEX REPLACE "(^|\n)(#[^\n]*\n)+" "\\1" table "${table}")
string(REPLACE "\t" "\", \"" table "${table}")
string(REGEX REPLACE "([^\n]+)\n" "Row(\"\\1\"),\n" table "${table}")
file(WRITE "${OUTPUT}" "${table}")
