// SPDX-License-Identifier: Apache-2.0
// Walks the loops of runs and cuts each at multiples of the burst size.
#include "model/core/burst.h"

namespace systole::core {

void BurstCutter::begin(const Runs& runs) {
  runs_ = runs;
  step_ = {};
  dram_.fill(runs.dram);
  ub_.fill(runs.ub);
  offset_ = 0;
  done_ = runs.bytes == 0;
}

Burst BurstCutter::next() {
  const uint64_t addr = dram_[2] + offset_;
  const uint64_t bytes =
      std::min(burst_bytes_ - (addr & (burst_bytes_ - 1)), runs_.bytes - offset_);
  Burst burst{.addr = static_cast<uint32_t>(addr),
              .bytes = static_cast<uint32_t>(bytes),
              .offset = offset_,
              .ub = ub_[2],
              .step2 = step_[2]};
  offset_ += bytes;
  if (offset_ < runs_.bytes) return burst;

  burst.ends_run = true;
  offset_ = 0;
  int loop = 2;
  while (loop >= 0 && ++step_[loop] == runs_.count[loop]) step_[loop--] = 0;
  done_ = burst.ends_all = loop < 0;
  if (done_) return burst;
  const uint64_t dram = dram_[loop] + runs_.dram_stride[loop];
  const uint32_t ub = ub_[loop] + runs_.ub_stride[loop];
  for (; loop < 3; ++loop) {  // inner loops begin again from here
    dram_[loop] = dram;
    ub_[loop] = ub;
  }
  return burst;
}

}  // namespace systole::core
