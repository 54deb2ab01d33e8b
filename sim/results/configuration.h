// SPDX-License-Identifier: Apache-2.0
// What a point of a database was: everything that its result depends on but the program's version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systole::results {

/// A part of a configuration. `identity`: of its content, whatever it is called.
struct Part {
  std::string identity, name;
};

/// A network; `path`: of its file, where the sweep found it.
struct Network : Part {
  std::string path;
};

/// Memory of a machine; `parameters`: JSON.
struct Memory : Part {
  std::string parameters;
};

/// Hardware of which nothing but the name is known could not be made.
struct Machine : Part {
  std::string parameters;  ///< JSON, defaults and changes included
  std::optional<Memory> memory;
  double clock_mhz = 0;
  int64_t clock_node_nm = 0;  ///< of a derived clock; 0: it was given
  int64_t array_rows = 0, array_cols = 0, ub_kib = 0;
};

struct Configuration {
  std::string identity;
  Network network;
  Part energy_table;
  Machine machine;
  int weights = 8, activations = 8;
  std::string precision;  ///< name and hash of a policy that says the widths; empty: none
  std::string prune = "none";
  int64_t batch = 1, repeat = 1;
  std::string shape;  ///< "NAME=N,C,H,W" of inputs, blanks between them; empty: the network's own
  std::string calib_method = "min-max";
  bool host_fallback = false;
  std::string data, calib;  ///< files that tell its accuracy; empty: none
  std::string evaluation;   ///< identity of all that its accuracy depends on; empty: it has none
  std::string choices;      ///< of the compiler, that are off: "compile.fuse=false", blanks between
};

/// How much of a point is kept, each with what those before it have: figures, causes and events of
/// the run; layers; events of layers.
enum class Detail { kTotals, kLayers, kAll };
inline constexpr const char* kDetailNames[] = {"totals", "layers", "all"};

inline const char* name_of(Detail detail) { return kDetailNames[static_cast<int>(detail)]; }
/// Of a name that is one.
inline Detail detail_of(std::string_view name) {
  return name == "totals" ? Detail::kTotals : name == "layers" ? Detail::kLayers : Detail::kAll;
}

}  // namespace systole::results
