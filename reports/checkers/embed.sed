# Makes the rows of checkers.tsv, a table of tab-separated columns, into C++: one line a row, each
# `Row("...", "...", ...),`. Lines that begin with '#' are left out. No cell has a quote or a backslash
# (checker_table_test.cc).
/^#/d
s/\t/", "/g
s/.*/Row("&"),/
