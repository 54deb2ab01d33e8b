// SPDX-License-Identifier: Apache-2.0
// Every signal that a view names is in the waveform, on hardware of several shapes, and the words
// of a program tell its story there.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "model/base/data_folder.h"
#include "model/golden/random_program.h"
#include "model/isa/names.h"
#include "sim/engine/run_process.h"
#include "sim/trace/wave_view.h"
#include "sim/trace/wave_words.h"
#include "tests/cosim/fst_reader.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The signals that a view names: lines that are neither options, flags, groups nor filters.
std::vector<std::string> signals_of(const std::string& view) {
  std::istringstream lines(view);
  std::vector<std::string> signals;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || std::string("[*@-^").find(line[0]) != std::string::npos) continue;
    if (line[0] == '+') line = line.substr(line.find("} ") + 2);
    if (line[0] == '(') line = line.substr(line.find(')') + 1);
    signals.push_back(line);
  }
  return signals;
}

/// The signals of the program's story that tell something in every run.
std::vector<std::string> story_signals() {
  std::vector<std::string> names = {"story.dram.reads", "story.dram.writes"};
  for (const isa::Unit unit : isa::kEveryUnit)
    names.push_back(std::string("story.") + isa::unit_name(unit) + ".cause");
  for (const char* unit : {"lda", "mxu", "vpu", "sto"})  // ldw may have weights alone
    names.push_back(std::string("story.") + unit + ".opcode");
  return names;
}

int changes_of(const FstContents& contents, const std::string& name) {
  for (const auto& [signal, changes] : contents.signals)
    if (signal.starts_with(name + "[")) return changes;
  return -1;
}

}  // namespace

TEST_CASE("views name signals of the waveform, whatever the hardware, and its words change") {
  const char* file = GENERATE("4x4.yaml", "1x1.yaml", "3x7.yaml", "least.yaml");
  const arch::ArchConfig arch =
      arch::load_arch(std::string(SYSTOLE_SOURCE_DIR "/tests/cosim/archs/") + file);
  const bool all = std::string(file) == "4x4.yaml";
  CAPTURE(file, all);
  const fs::path folder =
      fs::temp_directory_path() / (std::string("systole-views-") + std::to_string(getpid()));
  fs::create_directories(folder);
  const program::Program program = golden::random_program(arch.hw, 3);
  const auto model = engine::make_model_engine(arch);
  platform::DramImage image = platform::make_image(program);
  const platform::RunResult timed = engine::run_in_process(*model, program, image, {});
  const trace::TracedRun traced{program, arch, timed};

  platform::RunOptions run;
  run.wave_file = folder / "waves.fst";
  run.wave_all = all;
  run.wave_words = trace::wave_words(traced, 0, timed.cycles);
  const auto rtl = engine::make_rtl_engine(arch, true);
  image = platform::make_image(program);
  engine::run_in_process(*rtl, program, image, run);

  const FstContents contents = read_fst(run.wave_file);
  const auto markers = trace::wave_markers(traced, 0, timed.cycles, 0);
  const trace::WaveView view{program.hw,           *run.wave_words,      markers, 0, timed.cycles,
                             1e6 / arch.clock_mhz, "instructions.filter"};
  int views = 0;
  for (const auto& entry : fs::directory_iterator(data_folder() / "waveforms")) {
    if (entry.path().extension() != ".gtkw") continue;
    ++views;
    const std::string text = trace::fitted_view(text_of(entry.path()), view, true);
    const std::vector<std::string> signals = signals_of(text);
    CHECK(signals.size() > 20);
    for (const std::string& signal : signals) {
      CAPTURE(entry.path().filename(), signal);
      CHECK(contents.signals.count(signal) == 1);
    }
  }
  CHECK(views == 6);
  for (const std::string& name : story_signals()) {
    CAPTURE(name);
    CHECK(changes_of(contents, name) > 0);
  }
  CHECK(contents.texts.at("story.mxu.opcode[3:0]").count("matmul") == 1);
  CHECK(contents.texts.at("story.vpu.cause[3:0]").count("sem_mxu") == 1);
  CHECK(contents.texts.at("sys_core.u_vpu.u_ctrl.state_q[2:0]").count("StDrain") == 1);
  std::set<std::string> told;
  for (const auto& [signal, texts] : contents.texts)
    if (signal.starts_with("story.")) told.insert(texts.begin(), texts.end());
  CHECK(told.count("code") == 1);
  CHECK_THAT(trace::filter_text(traced, 0, timed.cycles),
             Catch::Matchers::StartsWith("0 " + trace::instruction_text(program, 0) + "\n"));
  fs::remove_all(folder);
}

}  // namespace systole
