// SPDX-License-Identifier: Apache-2.0
// The command report: what its pages hold, and what is refused.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/results/schema.h"
#include "tests/errors/command.h"

namespace systole {
namespace {

using Json = nlohmann::json;

constexpr const char* kTopology = "Layer, M, N, K,\na</script>, 16, 32, 32,\nb, 64, 64, 64,\n";

/// A build without the plotting library makes no pages, and says so.
bool has_no_library(const CommandResult& run) {
  if (run.err.find("no plotting library") == std::string::npos) return false;
  CHECK(run.exit_code == 2);
  WARN("not looked at: " << run.err);
  return true;
}

/// The block of JSON of a page.
Json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const size_t from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST_CASE("a page holds the result of the run as it is, and no name in it ends a script") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "--energy", "-o", "out"});
  const CommandResult made = place.run({"report", "out", "-o", "page.html"});
  if (has_no_library(made)) return;
  CHECK(made.exit_code == 0);
  CHECK(made.err == "");
  CHECK(made.out == "");
  const std::string page = read_file(place.path() / "page.html");
  const Json data = data_of(page),
             result = Json::parse(read_file(place.path() / "out/result.json"));
  CHECK(data["kind"] == "run");
  CHECK(data["result"] == result);
  CHECK(result["layers"][0]["name"] == "a</script>");
  CHECK(page.find("a</script>") == std::string::npos);
  CHECK(page.size() < 3'000'000);
  // The same from the file, and to standard output.
  CHECK(place.run({"report", "out/result.json", "-o", "-"}).out.size() > 1'000'000);
}

TEST_CASE("what a run did over time is in its page, and that of another run is refused") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "-o", "out"});
  place.run({"run", "--topology", "t.csv", "--arch", "edge-4x4", "-o", "other"});
  const CommandResult made = place.run({"report", "out", "-o", "-"});
  if (has_no_library(made)) return;
  const Json file = Json::parse(read_file(place.path() / "out/over_time.json"));
  CHECK(data_of(made.out)["over_time"] == file["windows"]);
  CHECK(file["windows"].size() == 3);  // of the run and two layers
  std::filesystem::copy_file(place.path() / "other/over_time.json",
                             place.path() / "out/over_time.json",
                             std::filesystem::copy_options::overwrite_existing);
  const CommandResult refused = place.run({"report", "out", "-o", "x.html"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err ==
        "systole: out/over_time.json: is of another run than out/result.json, expected the same "
        "cycles\n");
  std::filesystem::remove(place.path() / "out/over_time.json");
  const CommandResult without = place.run({"report", "out", "-o", "-"});
  CHECK(!data_of(without.out).contains("over_time"));
}

TEST_CASE("every figure of every sentence is one of the result") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "--energy", "--explain", "-o", "out"});
  const CommandResult made = place.run({"report", "out", "-o", "-"});
  if (has_no_library(made)) return;
  const Json data = data_of(made.out);
  REQUIRE(data["answer"].size() >= 6);
  for (const Json& sentence : data["answer"]) {
    CHECK(!sentence["figures"].empty());
    for (const auto& [pointer, value] : sentence["figures"].items())
      CHECK(data["result"].at(Json::json_pointer(pointer)) == value);
  }
  CHECK_THAT(data["answer"][1]["text"].get<std::string>(), Catch::Contains("times as fast"));
}

TEST_CASE("the page of a study's folder is of its rows, not of the points of its database") {
  const Workplace place;
  place.run({"study", test_data_path("lenet_fmnist.onnx"), "--precisions", "int8,W4A8", "--prunes",
             "none", "--break-even", "bandwidth", "-o", "out"});
  REQUIRE(std::filesystem::exists(place.path() / "out/results.db"));
  const std::string page = place.run({"report", "out", "--markdown", "-"}).out;
  CHECK_THAT(page, Catch::Matchers::StartsWith("# out: 2 points"));
  CHECK_THAT(page, Catch::Matchers::Contains("so no cycle is saved; gains up to "));
  CHECK_THAT(page, Catch::Matchers::Contains("| inferences\\_per\\_s\\_mm2 |"));
}

TEST_CASE("a page says whether clocks are given, and which are above the derived one") {
  const Workplace place;
  place.run({"run", test_data_path("lenet_fmnist.onnx"), "--energy", "-o", "run"});
  const std::string run = place.run({"report", "run", "--markdown", "-"}).out;
  CHECK_THAT(run, Catch::Matchers::Contains("at 1000 MHz (given) for a batch of 1"));
  CHECK_THAT(run, Catch::Matchers::Contains(
                      "The clock of 1000 MHz is given, and above the 555.6 MHz that are derived at "
                      "45 nm (provisional)"));
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("s.yaml",
              "networks: [t.csv]\narchitectures: [edge-16x16]\nset: {clock_mhz: [auto, 300, "
              "1000]}\n");
  place.run({"sweep", "s.yaml", "-o", "r.db"});
  CHECK_THAT(place.run({"report", "r.db", "--markdown", "-"}).out,
             Catch::Matchers::Contains(
                 "Clocks: given for 2 of 3 points, and above the one derived at the node of the "
                 "table of energies for 1 of them."));
}

TEST_CASE("a run that was stopped has a page that says so") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "--cycle-limit", "100", "-o", "out"});
  const CommandResult made = place.run({"report", "out", "-o", "-"});
  if (has_no_library(made)) return;
  const Json data = data_of(made.out);
  REQUIRE(data["answer"].size() == 1);
  CHECK_THAT(data["answer"][0]["text"].get<std::string>(),
             Catch::StartsWith("The run did not come to its end (cycle_limit)"));
}

TEST_CASE("a page of layers begins with the most damaging one, and has all that accuracy tells") {
  const Workplace place;
  const CommandResult told =
      place.run({"accuracy", test_data_path("lenet_fmnist.onnx"), "--data",
                 test_data_path("lenet.yaml"), "--calib", test_data_path("lenet_calib.yaml"),
                 "--weights", "2", "--limit", "20", "--layers", "--json", "l.json"});
  CHECK(told.exit_code == 0);
  const Json file = Json::parse(read_file(place.path() / "l.json"));
  const CommandResult made = place.run({"report", "l.json", "-o", "page.html"});
  if (has_no_library(made)) return;
  CHECK(made.err == "");
  const Json page = data_of(read_file(place.path() / "page.html"));
  CHECK(page["kind"] == "layers");
  CHECK(page["result"] == file);
  const auto first = page["answer"][0]["text"].get<std::string>();
  CHECK_THAT(first,
             Catch::Contains("from " + file["layers"][0]["layer"].get<std::string>() + " ("));
  CHECK(page["answer"][0]["figures"]["/layers/0/output_alone/sqnr_db"] ==
        file["layers"][0]["output_alone"]["sqnr_db"]);
  CHECK_THAT(page["answer"][1]["text"].get<std::string>(), Catch::Contains("top-1"));
  const std::string csv = place.run({"report", "l.json", "--csv", "-"}).out;
  CHECK(csv.starts_with("layer,operator,weight_bits,bits,output_sqnr_db,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') ==
        static_cast<std::ptrdiff_t>(file["layers"].size() + 1));
  CHECK_THAT(place.run({"report", "l.json", "--markdown", "-"}).out,
             Catch::Contains("## Layers, the most damaging first"));
  // Alone, and with layers.
  CHECK_THAT(place.run({"report", "l.json", "l.json", "-o", "-"}).err,
             Catch::Contains("l.json tells the layers of one network, expected it alone"));
  place.write("none.json", R"({"schema": "systole.accuracy", "schema_version": 1, "forms": []})");
  CHECK_THAT(place.run({"report", "none.json", "-o", "-"}).err,
             Catch::Contains("none.json: tells no layers, expected what `systole accuracy"));
  place.write("half.json", R"({"schema": "systole.accuracy", "schema_version": 1, "network": "n",
                               "forms": [], "layers": [{"layer": "a"}]})");
  CHECK_THAT(place.run({"report", "half.json", "-o", "-"}).err,
             Catch::Contains("half.json: tells no whole layers"));
}

TEST_CASE("what is no result is refused by name, and leaves no page") {
  const Workplace place;
  const auto refused = [&](const std::string& input, const std::string& message) {
    check_refused(place, {"report", input, "-o", "page.html"}, 2, input + message);
  };
  refused("none.json", ": no such file, or it cannot be read");
  place.write("text.json", "cycles: 5\n");
  place.write("other.json", "{\"schema\": \"somebody.else\"}");
  for (const char* name : {"text.json", "other.json"})
    refused(name,
            ": is no result, expected result.json of `systole run -o`, study.json of `systole "
            "study -o`, or what `systole accuracy --layers --json` writes");
  place.write("text.db", "cycles: 5\n");
  refused("text.db",
          ": is no database, expected one that `systole sweep -o` made, or a name that is free");
  place.write("study.json", "{\"schema\": \"systole.study\", \"schema_version\": 1}");
  refused("study.json",
          ": is no whole study: [json.exception.out_of_range.403] key 'rows' not found");
  place.write("old.json", "{\"schema\": \"systole.result\", \"schema_version\": 1}");
  refused("old.json", ": has schema 1, expected 3: it was written by another release");
  place.write("cut.json", "{\"schema\": \"systole.result\", \"schema_version\": 3}");
  refused("cut.json",
          ": is no whole result: [json.exception.out_of_range.403] key 'network' not found");
  std::filesystem::create_directory(place.path() / "empty");
  const CommandResult empty = place.run({"report", "empty", "-o", "page.html"});
  CHECK(empty.exit_code == 2);
  CHECK(empty.err ==
        "systole: empty: has no results.db, no result.json and no study.json, expected one of "
        "them\n");
}

TEST_CASE("a database of another schema is refused, and results of two kinds together") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  CHECK(place.run({"sweep", "s.yaml", "-o", "a.db"}).exit_code == 0);
  CHECK(place.run({"run", "--topology", "t.csv", "-o", "out"}).exit_code == 0);
  const CommandResult both = place.run({"report", "out", "a.db", "-o", "-"});
  CHECK(both.exit_code == 2);
  CHECK(both.err ==
        "systole: out is the result of a run, a.db has many points, expected one kind\n");
  place.shell("sqlite3 a.db 'PRAGMA user_version = 99'");
  const CommandResult old = place.run({"report", "a.db", "-o", "-"});
  CHECK(old.exit_code == 2);
  CHECK(old.err == "systole: a.db: has schema 99, expected " +
                       std::to_string(results::kSchemaVersion) +
                       ": it was written by another release\n");
}

TEST_CASE("points of databases, what they share and who fails a limit stand in a page") {
  const Workplace place;
  place.write("t.csv", kTopology);
  const auto sweep = [&](const std::string& batches, const std::string& database) {
    place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\nbatch: [" + batches +
                              "]\nset: {ub.kib: [64, 128]}\nrequire: [cycles <= 36000]\n");
    place.run({"sweep", "s.yaml", "-o", database, "-j", "1"});
  };
  sweep("1", "a.db");
  sweep("1, 2", "b.db");
  const auto column = [](const Json& data, const std::string& key) {
    for (const Json& one : data["columns"])
      if (one["key"] == key) return one;
    return Json();
  };
  const CommandResult one = place.run({"report", "a.db", "-o", "-"});
  if (has_no_library(one)) return;
  const Json points = data_of(one.out);
  CHECK(points["rows"] == 2);
  CHECK(points["constants"]["network"] == "t.csv");
  CHECK(points["constants"]["batch"] == 1);
  CHECK(column(points, "ub.kib")["values"] == Json({64, 128}));
  CHECK(column(points, "source").is_null());
  const Json two = data_of(place.run({"report", "a.db", "b.db", "-o", "-"}).out);
  CHECK(two["rows"] == 6);
  CHECK(column(two, "limits")["words"] == Json({"cycles <= 36000"}));
  CHECK_THAT(two["answer"].back()["text"].get<std::string>(),
             Catch::Equals("Of 6 points 0 failed and 2 fail a limit; the table says why."));
  CHECK(column(two, "source")["words"] == Json({"a.db", "b.db"}));
  CHECK(two["cases"].size() == 2);
}

TEST_CASE("two runs are compared layer by layer, with figures of both") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "-o", "a"});
  place.run({"run", "--topology", "t.csv", "--set", "memory.gb_per_s=2", "-o", "b"});
  const CommandResult made = place.run({"report", "a", "b", "-o", "-"});
  if (has_no_library(made)) return;
  const Json data = data_of(made.out);
  CHECK(data["kind"] == "comparison");
  const Json a = Json::parse(read_file(place.path() / "a/result.json"));
  const Json b = Json::parse(read_file(place.path() / "b/result.json"));
  CHECK(data["runs"][0]["result"] == a);
  CHECK(data["runs"][1]["result"] == b);
  CHECK(data["layers"].size() == 2);
  CHECK(data["layers"][1]["at"] == Json({1, 1}));
  REQUIRE(data["configuration"].size() == 1);
  CHECK(data["configuration"][0]["key"] == "memory.bytes_per_cycle");
  for (const Json& sentence : data["answer"])
    for (const auto& [pointer, value] : sentence["figures"].items())
      CHECK(data.at(Json::json_pointer(pointer)) == value);
  CHECK_THAT(data["answer"][0]["text"].get<std::string>(),
             Catch::StartsWith("b is slower than a: ") && Catch::EndsWith(" is bandwidth."));
  place.run({"run", "--topology", "t.csv", "--cycle-limit", "100", "-o", "c"});
  const CommandResult stopped = place.run({"report", "a", "c", "-o", "-"});
  CHECK(stopped.exit_code == 2);
  CHECK(stopped.err ==
        "systole: c: did not come to its end, expected a run that can be compared\n");
}

TEST_CASE("layers and points are exported as CSV and Markdown, without a plotting library too") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "-o", "a"});
  const Json a = Json::parse(read_file(place.path() / "a/result.json"));
  const auto cycles = [&](size_t layer) { return a["layers"][layer]["cycles"].get<int64_t>(); };
  const CommandResult csv = place.run({"report", "a", "--csv", "-"});
  CHECK(csv.exit_code == 0);
  CHECK_THAT(csv.out, Catch::StartsWith("layer,operator,cycles,useful_macs,") &&
                          Catch::Contains("\na</script>,gemm," + std::to_string(cycles(0)) + ",") &&
                          Catch::Contains("\nb,gemm," + std::to_string(cycles(1)) + ","));
  const CommandResult both = place.run({"report", "a", "a", "--csv", "-"});
  const std::string twice = std::to_string(cycles(1)) + "," + std::to_string(cycles(1)) + ",";
  CHECK_THAT(both.out, Catch::StartsWith("layer,a cycles,a cycles,a dram_bytes,a dram_bytes\n") &&
                           Catch::Contains("\nb," + twice));
  CHECK(place.run({"report", "a", "--markdown", "a.md"}).exit_code == 0);
  const std::string text = read_file(place.path() / "a.md");
  CHECK_THAT(text, Catch::StartsWith("# t on edge-16x16\n\nThe ") && Catch::Contains(" bound") &&
                       Catch::Contains("\n| a\\</script\\> | gemm |") &&
                       Catch::Contains("`systole run --explain`"));
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\nbatch: [1, 2]\n");
  place.run({"sweep", "s.yaml", "-o", "a.db", "-j", "1"});
  const CommandResult points = place.run({"report", "a.db", "--csv", "-"});
  CHECK_THAT(points.out, Catch::StartsWith("point,batch,cycles,latency_ms,") &&
                             Catch::Contains("\n1,1,18523,0.03704") &&
                             Catch::Contains("\n2,2,36441,"));
}

TEST_CASE("a report that goes nowhere, or twice to standard output, is refused") {
  const Workplace place;
  check_refused(place, {"report", "a"}, 2,
                "report: writes nothing, expected -o, --csv, --markdown, --svg or --png");
  check_refused(place, {"report", "a", "--csv", "-", "--markdown", "-"}, 2,
                "report: expected one output to be '-', standard output");
}

TEST_CASE(
    "a choice that cannot be understood or made is refused, with what could have been meant") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.write("s.yaml", "networks: [t.csv]\narchitectures: [edge-4x4]\n");
  place.run({"sweep", "s.yaml", "-o", "a.db", "-j", "1"});
  place.run({"run", "--topology", "t.csv", "-o", "out"});
  const auto refused = [&](const std::vector<std::string>& words, const std::string& message) {
    std::vector<std::string> arguments = {"report", "a.db", "--csv", "-"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const CommandResult made = place.run(arguments);
    CHECK(made.exit_code == 2);
    CHECK(made.out == "");
    CHECK_THAT(made.err, Catch::StartsWith("systole: " + message));
  };
  refused({"--choose", "best"},
          "--choose 'best': expected 'min FIGURE' or 'max FIGURE', then perhaps 'where CONDITION'");
  refused({"--choose", "min latency"}, "--choose 'min latency': has no figure 'latency', expected");
  refused({"--choose", "min cycles where arae_mm2 < 3"},
          "--choose 'min cycles where arae_mm2 < 3': found 'arae_mm2', expected a key, did you "
          "mean 'area_mm2'?");
  refused({"--choose", "min cycles where area_mm2 < 0"},
          "--choose 'min cycles where area_mm2 < 0': no point keeps it, of 1");
  refused({"--choose", "min cycles", "--baseline", "7"},
          "--baseline '7': is no point and no machine of a.db");
  refused({"--baseline", "1"}, "--baseline requires --choose");
  const CommandResult run = place.run({"report", "out", "--csv", "-", "--choose", "min cycles"});
  CHECK(run.err ==
        "systole: --choose: expected points of a sweep or a study, not the result of a run\n");
  CHECK(
      place.run({"report", "a.db", "--markdown", "-", "--choose", "min cycles", "--baseline", "1"})
          .exit_code == 0);
}

TEST_CASE("a page that cannot be written is refused before it is made") {
  const Workplace place;
  place.write("t.csv", kTopology);
  place.run({"run", "--topology", "t.csv", "-o", "out"});
  const CommandResult made = place.run({"report", "out", "-o", "no/such/page.html"});
  if (has_no_library(made)) return;
  CHECK(made.exit_code == 2);
  CHECK_THAT(made.err, Catch::StartsWith("systole: no/such/page.html: "));
}

}  // namespace
}  // namespace systole
