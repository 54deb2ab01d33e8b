// SPDX-License-Identifier: Apache-2.0
// Tables of energies: what they hold, what lies between their memories, what is wrong with a file.
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "tests/unit/energy_fixture.h"

namespace systole {
namespace {

TEST_CASE("the default table holds the figures of its source") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  CHECK(table.name == "horowitz-45nm");
  CHECK(table.node_nm == 45);
  CHECK(table.mac[0].value == 0.3);  // 8-bit multiply 0.2 + 32-bit add 0.1
  CHECK_FALSE(table.mac[0].extrapolated);
  for (size_t w = 1; w < energy::kWidths; ++w) {
    CHECK(table.mac[w].extrapolated);
    CHECK(table.mac[w].value < table.mac[w - 1].value);
  }
  CHECK(table.fp_multiply.value == 3.7);
  CHECK(table.fp_add.value == 0.9);
  CHECK(table.sram_64.size() == 3);
  CHECK(table.sram_64.at(1024).value == 100);
  CHECK(table.rowless.read_byte.value == 1300.0 / 8);
}

TEST_CASE("every stock table loads") {
  const std::vector<std::string> names = energy::list_energy_tables();
  CHECK_THAT(names,
             Catch::Matchers::Contains(std::vector<std::string>{"horowitz-45nm", "tpuv4i-7nm"}));
  for (const std::string& name : names) CHECK(energy::load_energy_table(name).node_nm > 0);
}

TEST_CASE("an access costs in proportion to its bits and a power of the capacity") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  // Published: 8 KiB 10 pJ, 32 KiB 20 pJ, 1 MiB 100 pJ.
  CHECK(energy::sram_access(table, 8, 64).value == Approx(10));
  CHECK(energy::sram_access(table, 32, 64).value == Approx(20));
  CHECK(energy::sram_access(table, 1024, 64).value == Approx(100));
  CHECK(energy::sram_access(table, 32, 128).value == Approx(40));
  CHECK(energy::sram_access(table, 16, 64).value ==
        Approx(10 * std::sqrt(2)));  // halfway on both scales
  CHECK(energy::sram_access(table, 181.0193, 64).value == Approx(std::sqrt(20.0 * 100)));
  for (const double kib : {8.0, 16.0, 32.0, 500.0, 1024.0})
    CHECK_FALSE(energy::sram_access(table, kib, 64).extrapolated);
}

TEST_CASE("a capacity beyond the published ones is extrapolated and marked") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  CHECK(energy::sram_access(table, 2, 64).value ==
        Approx(5));  // four times the capacity, twice the energy
  CHECK(energy::sram_access(table, 2, 64).extrapolated);
  // 32 times the capacity was five times the energy.
  CHECK(energy::sram_access(table, 32 * 1024, 64).value == Approx(500));
  CHECK(energy::sram_access(table, 32 * 1024, 64).extrapolated);
}

TEST_CASE("a table without gates and clock takes those of its adders and registers") {
  std::istringstream stock(stock_table_text());
  const auto file = std::filesystem::temp_directory_path() /
                    ("systole-gate-" + std::to_string(getpid()) + ".yaml");
  {
    std::ofstream older(file);
    for (std::string line; std::getline(stock, line);)
      if (line.find("nangate") == std::string::npos && line.find("  gate:") == std::string::npos &&
          line.find("clock_bit") == std::string::npos)
        older << line << '\n';
  }
  const energy::EnergyTable table = energy::load_energy_table(file.string());
  std::filesystem::remove(file);
  CHECK(table.gate_area.value == Approx(5.98 / 7.4937));  // um2 of a bit, over what it stands for
  CHECK(table.gate_area.extrapolated);
  CHECK(table.gate.value == Approx(0.1 / 171.68));  // pJ of an addition, over its gates
  CHECK(table.gate.extrapolated);
  CHECK(table.clock_bit.value == Approx(0.0009));  // a bit clocked, in one cycle of ten
  CHECK(table.clock_bit.extrapolated);
}

TEST_CASE("an entry that is missing, unknown or negative is named") {
  const ChangedTable missing("  int_add: {value: 0.1,", "  int_add: {");
  CHECK_THROWS_WITH(missing.load(), missing.file() +
                                        "energy.int_add.value: missing, a table of "
                                        "energies must state it");
  const ChangedTable unknown("  fp_add: {value: 0.9",
                             "  fp_ad: {value: 1, source: horowitz}\n  fp_add: {value: 0.9");
  CHECK_THROWS_WITH(
      unknown.load(),
      Catch::Matchers::StartsWith(
          unknown.line() + "energy.fp_ad.source: unknown key, did you mean energy.fp_add.source?"));
  const ChangedTable negative("bits8: {value: 0.3", "bits8: {value: -0.3");
  CHECK_THROWS_WITH(negative.load(),
                    negative.line() + "energy.mac.bits8.value: -0.3 is outside 0..1000000000");
  const ChangedTable word("bits8: {value: 0.3", "bits8: {value: little");
  CHECK_THROWS_WITH(word.load(), word.line() +
                                     "energy.mac.bits8.value: 'little' is not a number "
                                     "in 0..1000000000");
  const ChangedTable node("node_nm: 45\n", "");
  CHECK_THROWS_WITH(node.load(),
                    node.file() + "node_nm: missing, a table of energies must state it");
}

TEST_CASE("every entry must have a source, and every source an entry") {
  const ChangedTable none("bits8: {value: 0.3, source: horowitz,", "bits8: {value: 0.3,");
  CHECK_THROWS_WITH(none.load(), none.file() +
                                     "energy.mac.bits8.source: missing, a table of "
                                     "energies must state it");
  const ChangedTable other("bits8: {value: 0.3, source: horowitz,",
                           "bits8: {value: 0.3, source: hearsay,");
  CHECK_THROWS_WITH(other.load(), other.line() +
                                      "energy.mac.bits8.source: 'hearsay' is not among "
                                      "the sources of the file");
  const ChangedTable unused("sources:\n", "sources:\n  folklore: what everybody knows\n");
  CHECK_THROWS_WITH(unused.load(),
                    Catch::Matchers::EndsWith("sources.folklore: no entry names this source"));
  const ChangedTable flag("source: horowitz, extrapolated: true",
                          "source: horowitz, extrapolated: maybe");
  CHECK_THROWS_WITH(flag.load(), flag.line() +
                                     "energy.mac.bits4.extrapolated: 'maybe', expected "
                                     "true or false");
}

TEST_CASE("memories and DRAMs of a table are checked") {
  const ChangedTable capacity("    8_kib:", "    small:");
  CHECK_THROWS_WITH(capacity.load(), capacity.line() +
                                         "energy.sram_64.small: expected a capacity "
                                         "such as 32_kib");
  const ChangedTable none("    8_kib:", "    nan_kib:");
  CHECK_THROWS_WITH(none.load(), none.line() +
                                     "energy.sram_64.nan_kib: expected a capacity "
                                     "such as 32_kib");
  const ChangedTable zero("    8_kib: {value: 10", "    8_kib: {value: 0");
  CHECK_THROWS_WITH(zero.load(), zero.line() + "energy.sram_64.8_kib: 0 pJ, expected more");
  const ChangedTable preset(
      "    rowless:\n",
      "    hbm2:\n      activation: {value: 909, source: horowitz}\n    rowless:\n");
  CHECK_THROWS_WITH(preset.load(),
                    Catch::Matchers::Contains("energy.dram.hbm2.activation.source: unknown key"));
}

TEST_CASE("a table that does not exist is told with those that do") {
  CHECK_THROWS_WITH(
      energy::load_energy_table("3nm"),
      fmt::format("unknown table of energies '3nm': expected a YAML file or one of {}",
                  fmt::join(energy::list_energy_tables(), ", ")));
  CHECK_THROWS_WITH(energy::load_energy_table("none.yaml"), "none.yaml: no such file");
}

}  // namespace
}  // namespace systole
