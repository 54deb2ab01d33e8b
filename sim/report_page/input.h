// SPDX-License-Identifier: Apache-2.0
// What reports are made of: the result of a run.
#pragma once

#include <string>

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// result.json of a run, as it stands there.
struct RunInput {
  std::string name;  ///< as it was asked for
  Json result;
};

/// `name`: result.json of `run -o`, or the directory with it. Throws Error.
RunInput read_run(const std::string& name);

}  // namespace systole::report_page
