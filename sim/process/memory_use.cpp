// SPDX-License-Identifier: Apache-2.0
// Reads the high-water mark that Linux keeps.
#include "sim/process/memory_use.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace systole::process {
namespace {

int64_t most_of(int who) {
  rusage used = {};
  getrusage(who, &used);
  return used.ru_maxrss;
}

}  // namespace

void begin_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  int64_t own = 0;
  for (std::string key; status >> key;)
    if (key == "VmHWM:" && status >> own) break;
  if (own == 0) own = most_of(RUSAGE_SELF);
  return std::max(own, most_of(RUSAGE_CHILDREN));
}

void give_back_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace systole::process
