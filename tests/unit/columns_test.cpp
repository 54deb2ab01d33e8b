// SPDX-License-Identifier: Apache-2.0
// Tables with all their columns, and with those that fit.
#include "sim/report/columns.h"

#include <catch2/catch.hpp>

namespace systole {
namespace {

using report::Table;
using enum report::Column::Side;

Table table() {
  Table table({{"layer", kLeft, 6},
               {"cycles", kRight, 7},
               {"util", kRight, 6, 1},
               {"GB/s", kRight, 5, 2},
               {"stall", kLeft, 8, 3, 2}});
  table.add({"conv1", "1,234", "50.0 %", "1.25", "sem_lda"});
  table.add({"fc", "12", "1.0 %", "10.00", ""});
  return table;
}

TEST_CASE("without a width a table has all its columns") {
  CHECK(table().text() ==
        "layer   cycles   util  GB/s  stall\n"
        "conv1    1,234 50.0 %  1.25  sem_lda\n"
        "fc          12  1.0 % 10.00  \n");
  CHECK(table().text(37) == table().text());
}

TEST_CASE("the least important columns are left out, one by one, and named") {
  CHECK(table().text(36) ==
        "layer   cycles   util  GB/s\n"
        "conv1    1,234 50.0 %  1.25\n"
        "fc          12  1.0 % 10.00\n"
        "(not shown: stall; --wide shows all)\n");
  CHECK(table().text(26) ==
        "layer   cycles   util\n"
        "conv1    1,234 50.0 %\n"
        "fc          12  1.0 %\n"
        "(not shown: GB/s, stall; --wide shows all)\n");
  const std::string least =
      "layer   cycles\n"
      "conv1    1,234\n"
      "fc          12\n"
      "(not shown: util, GB/s, stall; --wide shows all)\n";
  CHECK(table().text(14) == least);
  CHECK(table().text(3) == least);  // what stays, stays
}

TEST_CASE("a column that may be cut is cut before others go, and marked") {
  Table table({{"name", kLeft, 4}, {"size", kRight, 4, 1}, {"what", kLeft, 0, 0, 2, 5}});
  table.add({"a", "10", "a long sentence"});
  CHECK(table.text(20) == "name size  what\na      10  a long s~\n");
  CHECK(table.text(16) == "name size  what\na      10  a lo~\n");
  CHECK(table.text(15) == "name  what\na     a long s~\n(not shown: size; --wide shows all)\n");
}

TEST_CASE("where nothing may go any more, all columns that may be cut are") {
  Table table({{"network", kLeft, 7, 0, 1, 4}, {"machine", kLeft, 7, 0, 1, 5}, {"ms", kRight, 3}});
  table.add({"a network", "a machine", "1.5"});
  CHECK(table.text(20) == "netwo~ machine    ms\na net~ a machine 1.5\n");
  CHECK(table.text(15) == "net~ machi~  ms\na n~ a mac~ 1.5\n");
  CHECK(table.text(9) == "net~ mach~  ms\na n~ a ma~ 1.5\n");  // the least
}

TEST_CASE("columns are as wide as their cells, in columns of a terminal") {
  Table table({{"name", kLeft, 4}, {"n", kRight, 1}});
  table.add({"層層層", "12345"});
  CHECK(table.text() == "name       n\n層層層 12345\n");
}

TEST_CASE("rows that come one by one have the columns of the head") {
  const Table head({{"point", kRight, 5}, {"ms", kRight, 6}, {"util", kRight, 6, 1}});
  CHECK(head.text(12) == "point     ms\n(not shown: util; --wide shows all)\n");
  CHECK(head.row({"1", "2.5", "90 %"}, 12) == "    1    2.5\n");
  CHECK(head.row({"1", "2.5", "90 %"}, 0) == "    1    2.5   90 %\n");
  CHECK(head.row({"1"}, 0) == "    1\n");
}

}  // namespace
}  // namespace systole
