// SPDX-License-Identifier: Apache-2.0
// `doctor` tells what is there and what is not, and ends so that scripts see it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

using Json = nlohmann::json;

Json part(const Json& told, const std::string& name) {
  for (const Json& one : told["parts"])
    if (one["name"] == name) return one;
  FAIL("no part " << name);
  return {};
}

TEST_CASE("doctor finds the tools that this system has, with their versions") {
  const Workplace place;
  const CommandResult result = place.run({"doctor", "--json"});
  const Json told = Json::parse(result.out);
  CHECK(told["ok"] == (result.exit_code == 0));
  CHECK(told["schema"] == "systole.doctor");
  for (const char* tool : {"verilator", "g++", "make", "node", "gtkwave"}) {
    INFO(tool);
    const std::string in_path = "command -v " + std::string(tool);
    CHECK(part(told, tool)["found"] == (place.shell(in_path).exit_code == 0));
  }
  const Json compiler = part(told, "g++");
  REQUIRE(compiler["found"] == true);  // these tests were compiled
  const std::string version = place.shell("g++ -dumpfullversion").out;
  CHECK_THAT(compiler["detail"].get<std::string>(),
             Catch::StartsWith(version.substr(0, version.find('\n')) + " "));
  const Json header = part(told, "zlib.h");
  REQUIRE(header["found"] == true);
  const std::string zlib =
      place.shell("printf '#include <zlib.h>\\nZLIB_VERSION' | g++ -E -P -x c++ - | tail -n 1").out;
  CHECK('"' + header["detail"].get<std::string>() + "\"\n" == zlib);
  CHECK(place.left_behind().empty());
}

TEST_CASE("without tools doctor says what does not work and how to get them") {
  const Workplace place;
  const CommandResult result = place.shell("PATH=/nonexistent $SYSTOLE doctor");
  CHECK(result.exit_code == 2);
  CHECK(result.err ==
        "systole: doctor: commands need what is not there: verilator, g++, make, zlib.h\n");
  CHECK(result.out.find("\nverilator    MISSING  not in PATH\n"
                        "                      without it no --engine rtl, cosim, verify and "
                        "waveforms: apt install verilator\n") != std::string::npos);
  CHECK(result.out.find("\ngtkwave      absent   not in PATH\n") != std::string::npos);
  const Json told = Json::parse(place.shell("PATH=/nonexistent $SYSTOLE doctor --json").out);
  CHECK(told["ok"] == false);
  CHECK(part(told, "data")["found"] == true);
  CHECK(part(told, "sbatch")["needed"] == false);
}

TEST_CASE("doctor sees a cache that cannot be used") {
  const Workplace place;
  const CommandResult open =
      place.shell("mkdir -m 777 cache && SYSTOLE_CACHE=$PWD/cache $SYSTOLE doctor");
  CHECK(open.exit_code == 2);
  CHECK(open.out.find("\ncache        MISSING  ") != std::string::npos);
  CHECK(open.out.find("cache: can be written by everybody") != std::string::npos);
  const CommandResult file = place.shell("touch file && SYSTOLE_CACHE=$PWD/file $SYSTOLE doctor");
  CHECK(file.err.find("commands need what is not there: ") != std::string::npos);
  CHECK(file.err.find("cache") != std::string::npos);
  if (!can_run_as_someone(place)) return;
  const CommandResult foreign = place.shell("mkdir -m 755 theirs && SYSTOLE_CACHE=$PWD/theirs " +
                                            kAsSomeone + "$SYSTOLE doctor");
  CHECK(foreign.out.find("GiB free, cannot be written\n") != std::string::npos);
}

}  // namespace
}  // namespace systole
