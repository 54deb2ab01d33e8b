// SPDX-License-Identifier: Apache-2.0
// Wrong arguments: one line that says what is wrong, exit code 2.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

TEST_CASE("no command, an unknown command and an unknown option are named") {
  const Workplace place;
  check_refused(place, {}, 2, "A subcommand is required (see systole --help)");
  check_refused(
      place, {"fly"}, 2,
      "unknown command 'fly', expected one of run, compile, quantise, asm, disasm, wave, debug, "
      "cosim, accuracy, search-precision, study, sweep, optimise, compare, report, reprice, merge, "
      "verify, serve, "
      "archs, "
      "memory, cache, doctor, completion, man (see systole --help)");
  check_refused(place, {"run", kNet, "--fast"}, 2,
                "run: unknown option '--fast' (see systole run --help)");
  check_refused(place, {"run"}, 2,
                "no network given, expected a file, --topology or --timeloop-problem");
}

TEST_CASE("the word that was meant is told") {
  const Workplace place;
  check_refused(place, {"acuracy", kNet}, 2,
                "unknown command 'acuracy', expected one of run, compile, quantise, asm, disasm, "
                "wave, debug, cosim, "
                "accuracy, search-precision, study, sweep, optimise, compare, report, reprice, "
                "merge, verify, serve, archs, memory, cache, doctor, completion, man, did you mean "
                "'accuracy'? (see systole --help)");
  check_refused(place, {"archs", "lsit"}, 2,
                "archs: unknown command 'lsit', expected one of list, show, clock, area, did you "
                "mean 'list'? (see systole archs --help)");
  check_refused(
      place, {"run", kNet, "--enigne=rtl"}, 2,
      "run: unknown option '--enigne', did you mean '--engine'? (see systole run --help)");
  // What is missing may be there, written wrong.
  check_refused(place, {"accuracy", kNet, "--dta", "test.yaml"}, 2,
                "accuracy: unknown option '--dta', did you mean '--data'? (see systole accuracy "
                "--help)");
  check_refused(place, {"archs", "show", "edge-4x4", "--st", "array.rows=8"}, 2,
                "archs show: unknown option '--st', did you mean '--set'? (see systole archs show "
                "--help)");
  check_refused(place, {"run", kNet, "again.onnx"}, 2,
                "run: unexpected argument 'again.onnx' (see systole run --help)");
  check_refused(place, {"run", kNet, "--engine", "modle"}, 2,
                "--engine: unknown value 'modle', expected one of model, rtl, both, did you mean "
                "'model'? (see systole run --help)");
}

TEST_CASE("a layer that the network has not is told with the one that was meant") {
  const Workplace place;
  const std::string layers =
      "expected one of /conv1/Conv, /MaxPool, /conv2/Conv, /MaxPool_1, /fc1/Gemm, /fc2/Gemm, "
      "/fc3/Gemm, did you mean '/conv2/Conv'?";
  check_refused(place, {"run", kNet, "--explain", "--layer", "conv2"}, 2,
                "--layer conv2: unknown, " + layers);
  check_refused(place, {"run", kNet, "--timeline", "t.json", "--timeline-window", "conv2"}, 2,
                "--timeline-window conv2: unknown layer, " + layers);
  check_refused(
      place, {"run", kNet, "--prune", "block:0.5@conv2"}, 2,
      kNet +
          ": --prune block:0.5@conv2: 'conv2' matches no convolution or gemm of the network, "
          "did you mean '/conv2/Conv'?");
  place.write("policy.yaml", "layers:\n  - {name: conv2, weights: 4}\n");
  check_refused(
      place, {"run", kNet, "--precision", "policy.yaml"}, 2,
      kNet +
          ": policy.yaml:2: name: 'conv2' matches no convolution or gemm of the network, did "
          "you mean '/conv2/Conv'?");
}

TEST_CASE("an architecture that is unknown is told with the one that was meant") {
  const Workplace place;
  const CommandResult result = place.run({"run", kNet, "--arch", "egde-16x16"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::StartsWith("systole: unknown architecture 'egde-16x16': expected "
                                           "a YAML file or one of "));
  CHECK_THAT(result.err, Catch::EndsWith(", did you mean 'edge-16x16'?\n"));
}

TEST_CASE("help and version are not errors") {
  const Workplace place;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"run", "--help"},
                                                    {"archs", "show", "--help"},
                                                    {"--version"}}) {
    const CommandResult result = place.run(arguments);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(result.out.empty());
  }
}

TEST_CASE("what completion and man cannot print is refused") {
  const Workplace place;
  check_refused(
      place, {"completion", "fish"}, 2,
      "completion shell: unknown value 'fish', expected one of bash, zsh (see systole completion "
      "--help)");
  const CommandResult page = place.run({"man", "rnu"});
  CHECK(page.exit_code == 2);
  CHECK_THAT(page.err, Catch::StartsWith("systole: man: unknown command 'rnu', expected one of "));
  CHECK_THAT(page.err, Catch::EndsWith(", did you mean 'run'?\n"));
  check_refused(place, {"man", "run", "-o", "man1"}, 2,
                "man: -o writes the pages of all commands, expected no command");
  for (const std::string epoch : {"soon", "-1", "1e9", "253402300800"}) {
    const CommandResult result = place.shell("SOURCE_DATE_EPOCH=" + epoch + " $SYSTOLE man run");
    CHECK(result.exit_code == 2);
    CHECK(result.err ==
          "systole: SOURCE_DATE_EPOCH: '" + epoch + "' is not a whole number in 0..253402300799\n");
  }
  check_refused(place, {"man", "-o", "no/such"}, 2,
                "no/such: cannot be written: there is no directory no");
}

TEST_CASE("a manual page has the date of SOURCE_DATE_EPOCH") {
  const Workplace place;
  const CommandResult page = place.shell("SOURCE_DATE_EPOCH=1700000000 $SYSTOLE man cosim");
  CHECK(page.out.find("\n.TH SYSTOLE\\-COSIM 1 2023-11-14 ") != std::string::npos);
}

TEST_CASE("values of options are checked") {
  const Workplace place;
  check_refused(
      place, {"run", kNet, "--engine", "fpga"}, 2,
      "--engine: unknown value 'fpga', expected one of model, rtl, both (see systole run --help)");
  check_refused(place, {"run", kNet, "--batch", "0"}, 2,
                "--batch: Value 0 not in range 1 to 4096 (see systole run --help)");
  check_refused(
      place, {"run", kNet, "--cycle-limit", "soon"}, 2,
      "--cycle-limit: 'soon' is not a whole number in 0..18446744073709551615 (see systole "
      "run --help)");
}

TEST_CASE("a whole number has no sign") {
  const Workplace place;
  const std::string range = " is not a whole number in 0..18446744073709551615 (see systole ";
  check_refused(place, {"run", kNet, "--cycle-limit", "-1"}, 2,
                "--cycle-limit: '-1'" + range + "run --help)");
  check_refused(place, {"cosim", "--random", "1", "--seed", "-1"}, 2,
                "--seed: '-1'" + range + "cosim --help)");
  check_refused(place, {"reprice", "r.db", "--seed", "1e3"}, 2,
                "--seed: '1e3'" + range + "reprice --help)");
  check_refused(place, {"verify", "r.db", "--seed", "18446744073709551616"}, 2,
                "--seed: '18446744073709551616'" + range + "verify --help)");
  for (const char* command : {"accuracy", "study", "search-precision"})
    check_refused(place, {command, kNet, "--data", "d.yaml", "--calib", "c.yaml", "--limit", "-1"},
                  2, "--limit: '-1'" + range + command + " --help)");
}

TEST_CASE("an option before its command, and a value that none takes, are told") {
  const Workplace place;
  check_refused(place, {"--color=never", "archs", "list"}, 2,
                "option '--color' stands before its command, expected it behind 'archs list' (see "
                "systole archs list --help)");
  check_refused(place, {"run", kNet, "--explain=twice"}, 2,
                "--explain: 'twice' is no value of this option (see systole run --help)");
}

TEST_CASE("a value that is empty is none") {
  const Workplace place;
  check_refused(place, {"run", kNet, "-o", ""}, 2,
                "--output: is empty, expected DIR (see systole run --help)");
  check_refused(place, {"run", kNet, "--memory", ""}, 2,
                "--memory: is empty, expected KIND|NAME|FILE (see systole run --help)");
  check_refused(place, {"compile", ""}, 2,
                "compile network: is empty, expected FILE (see systole compile --help)");
  check_refused(place, {"man", "-o", ""}, 2,
                "--output: is empty, expected DIR (see systole man --help)");
}

TEST_CASE("options that contradict each other are refused") {
  const Workplace place;
  check_refused(place, {"run", kNet, "--wave", "-o", "out"}, 2,
                "--wave: waveforms come from the RTL, add --engine rtl or --engine both");
  check_refused(place, {"run", kNet, "--wave", "--engine", "rtl"}, 2,
                "--wave: add -o DIR, where waves.fst is to go");
  check_refused(place, {"run", kNet, "--engine", "rtl", "-o", "out", "--wave", "9:3"}, 2,
                "--wave 9:3: the window is empty, expected FROM < TO");
  check_refused(place, {"run", kNet, "--input", "a.npy", "--data", "b.yaml"}, 2,
                "--input: given together with --data, expected one of them");
  check_refused(place, {"run", kNet, "--json", "-", "--dump-ir"}, 2,
                "--json -: standard output cannot also take --dump-ir");
  check_refused(place, {"cosim"}, 2, "cosim: expected either a network or program, or --random N");
  check_refused(place, {"wave", kNet}, 2,
                "wave: expected one of --layer NAME, --cycles FROM:TO, --pc N and "
                "--around-divergence");
  check_refused(place, {"wave", kNet, "--pc", "3", "--layer", "x"}, 2,
                "wave: expected one of --layer NAME, --cycles FROM:TO, --pc N and "
                "--around-divergence");
  check_refused(place, {"compile", "x.sysb"}, 2,
                "x.sysb: is compiled already, expected an ONNX file");
}

TEST_CASE("a waveform of what the run has not is refused before the RTL is built") {
  const Workplace place;
  const auto refused = [&](const std::vector<std::string>& what, const std::string& words) {
    std::vector<std::string> command = {"wave", kNet, "-o", "out"};
    command.insert(command.end(), what.begin(), what.end());
    const CommandResult result = place.run(command);
    CAPTURE(result.out, result.err);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, Catch::StartsWith("systole: " + words));
    CHECK_FALSE(std::filesystem::exists(place.path() / "out"));
  };
  refused({"--layer", "/conv2/Con"}, "--layer /conv2/Con: unknown, expected one of ");
  refused({"--cycles", "9:3"}, "--cycles 9:3: the window is empty, expected FROM < TO");
  refused({"--cycles", "9"}, "--cycles 9: expected FROM:TO in cycles");
  refused({"--cycles", "99999999:"}, "--cycles 99999999:: the run has ");
  refused({"--pc", "999999"}, "--pc 999999: expected 0 to ");
  refused({"--pc", "1", "--stage", "2"}, "--stage 2: not a stage of the accelerator");
}

TEST_CASE("an unknown memory is named in the words of the option") {
  const Workplace place;
  const CommandResult result = place.run({"run", "net.onnx", "--memory", "ddr4-24000"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::StartsWith("systole: --memory: unknown memory 'ddr4-24000': "
                                           "expected a YAML file or one of ddr3-2133, "));
  CHECK_THAT(result.err, Catch::EndsWith("did you mean 'ddr4-2400'?\n"));
}

TEST_CASE("files that do not exist are named") {
  const Workplace place;
  check_refused(place, {"run", "none.onnx"}, 2, "none.onnx: no such file");
  check_refused(place, {"run", "none.sysb"}, 2, "none.sysb: no such file");
  check_refused(place, {"run", "/"}, 2, "/: not a regular file");
  check_refused(place, {"asm", "none.s"}, 2, "none.s: no such file");
  check_refused(place, {"run", kNet, "--arch", "none.yaml"}, 2, "none.yaml: no such file");
}

TEST_CASE("an output that cannot be written stops the run before it starts") {
  const Workplace place;
  check_refused(place, {"run", kNet, "-o", "no/such/dir"}, 2,
                "no/such/dir: cannot be written: there is no directory no/such");
  check_refused(place, {"run", kNet, "--json", "no/such.json"}, 2,
                "no/such.json: cannot be written: there is no directory no");
  check_refused(place, {"compile", kNet, "-o", "no/such.sysb"}, 2,
                "no/such.sysb: cannot be written: there is no directory no");
  const std::string file = place.write("file", "x");
  check_refused(place, {"run", kNet, "-o", file}, 2,
                "file: cannot be written: is a file, expected a directory");
}

TEST_CASE("broken architectures are refused with file, line and key") {
  const Workplace place;
  place.write(
      "a.yaml",
      "clock_mhz: 100\narray: {rows: -4, cols: 4}\nmemory: {kind: ideal, bytes_per_cycle: 1}\n");
  check_refused(place, {"run", kNet, "--arch", "a.yaml"}, 2,
                "a.yaml:2: array.rows: -4 is outside 1..256");
  place.write("b.yaml", "clock_mhz: [");
  check_refused(place, {"archs", "show", "b.yaml"}, 2,
                "b.yaml:1: not YAML: end of sequence flow not found");
  check_refused(place, {"run", kNet, "--set", "array.rows=seven"}, 2,
                "--set array.rows=seven: array.rows: 'seven' is not a whole number in 1..256");
  check_refused(place, {"run", kNet, "--set", "array.rowz=7"}, 2,
                "--set array.rowz=7: array.rowz: unknown key, did you mean array.rows?");
}

}  // namespace
}  // namespace systole
