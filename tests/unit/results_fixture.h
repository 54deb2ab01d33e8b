// SPDX-License-Identifier: Apache-2.0
// Points to put into a database, and a folder for it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

#include "model/base/error.h"
#include "sim/energy/energy.h"
#include "sim/results/store.h"

namespace systole::results {

/// Removed with this object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "results_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Configuration configuration(const std::string& identity) {
  Configuration made;
  made.identity = identity;
  made.network = {{"n1", "net.onnx"}, "/nets/net.onnx"};
  made.energy_table = {"e1", "table"};
  made.machine.identity = "m1";
  made.machine.name = "edge ub.kib=32";
  made.machine.parameters = R"({"array.rows":16})";
  made.machine.memory = Memory{{"d1", "ideal"}, R"({"kind":"ideal"})"};
  return made;
}

inline nlohmann::json events(int64_t cycles) {
  nlohmann::json made;
  for (size_t i = 0; i < energy::kEnergyEvents; ++i)
    made[energy::energy_event_info(static_cast<energy::EnergyEvent>(i)).name] = i;
  made["cycles"] = cycles;
  return made;
}

inline Outcome outcome(int64_t cycles) {
  Outcome made;
  made.finished = true;
  nlohmann::json figures = {
      {"cycles", cycles},  {"latency_ms", 0.1},          {"mac_utilisation", 1.0 / 3},
      {"bound_by", "mxu"}, {"largest_stall", "sem_lda"}, {"not_gained", ""},
      {"area_mm2", 2.5}};
  made.totals = {{"figures", figures},
                 {"causes", {{"mxu_busy", 70}, {"mxu_queue", 3}}},
                 {"events", events(2 * cycles)}};
  nlohmann::json layer = {{"name", "conv"},
                          {"operator", "Conv"},
                          {"cycles", cycles},
                          {"useful_macs", 1},
                          {"dense_macs", 1},
                          {"mac_bits", 8},
                          {"dram_weights", 2},
                          {"dram_parameters", 3},
                          {"bound_mxu", 5},
                          {"dram_activations_read", 4},
                          {"bound_vpu", 6},
                          {"dram_activations_written", 0},
                          {"bound_memory", 7},
                          {"dram_instructions", 64},
                          {"causes", {{"mxu_busy", 70}}},
                          {"events", events(cycles)}};
  made.layers = nlohmann::json::array({layer, layer});
  return made;
}

inline std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace systole::results
