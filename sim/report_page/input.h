// SPDX-License-Identifier: Apache-2.0
// What reports are made of: the result of a run, the points of a sweep, the rows of a study, the
// layers of a network that loses accuracy.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sim/report_page/points.h"

namespace systole::report_page {

/// result.json of a run, as it stands there.
struct RunInput {
  std::string name;  ///< as it was asked for
  Json result;
  Json over_time = {};  ///< over_time.json beside it; null: there is none
};

/// What `accuracy --layers --json` writes, as it stands there.
struct LayersInput {
  std::string name;  ///< as it was asked for
  Json result;
};

using Input = std::variant<RunInput, Points, LayersInput>;

/// `name`: result.json of `run -o`, a database of `sweep -o`, study.json of `study -o`, a directory
/// with one of them, or a file of `accuracy --layers --json`. Throws Error.
Input read_input(const std::string& name);

/// Points of several sources as those of one, with a column that says of which. Those of one source
/// stay as they are.
Points together(std::vector<Points> sources);

}  // namespace systole::report_page
