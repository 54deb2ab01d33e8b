// SPDX-License-Identifier: Apache-2.0
// The clock that the RTL is taken to reach: from the longest paths of its units, by a table
// (docs/configuration.md, "A derived clock"). Provisional until the RTL's timing closes.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/arch/yaml_keys.h"

namespace systole::arch {

/// What a cycle must hold: levels of gates, flip-flops among them, after the read of a memory.
struct TimingPath {
  std::string name;
  double levels = 0;
  double memory_ps = 0;
  double ps = 0;  ///< both
};

struct DerivedClock {
  double mhz = 0;
  int node_nm = 0;
  std::vector<TimingPath> paths;  ///< the longest first
};

/// Whether the table has the node.
bool has_clock_node(int node_nm);

/// Of a node that the table has. Throws Error: a broken table.
DerivedClock derive_clock(const isa::HwParams& hw, int node_nm);

inline constexpr int kClockNode = 45;

bool is_auto_clock(const std::string& text);
/// The node that "auto" (45 nm) or "auto-7nm" names; throws Error for anything else.
int clock_node_of(const YamlValue& value);

}  // namespace systole::arch
