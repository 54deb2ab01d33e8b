// SPDX-License-Identifier: Apache-2.0
// Counts events instruction by instruction, in closed form.
#include "sim/energy/events.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arch/nests.h"
#include "model/arch/window_rows.h"
#include "model/base/error.h"
#include "model/isa/any_instruction.h"
#include "model/isa/counter_ids.h"
#include "model/isa/units.h"
#include "sim/energy/compute_widths.h"
#include "sim/energy/gates.h"
#include "sim/energy/table.h"
#include "sim/energy/weight_tiles.h"
#include "sim/report/report.h"

namespace systole::energy {
namespace {

using arch::Storage;
using isa::Counter;

/// Bits of what lanes 0, 1, ... of `lanes` hold while they wait 0, 1, ... cycles.
constexpr int64_t skew_bits(int64_t lanes, int64_t bits) { return lanes * (lanes - 1) / 2 * bits; }

/// Bits that the array clocks for each row that it takes: in each element the activations that it
/// sees and the sum, beside it those that wait for their turn.
int64_t row_bits(const isa::HwParams& hw) {
  const int64_t seen = hw.structured != 0 ? 32 : 8;
  return int64_t{hw.rows} * hw.cols * (seen + kSumBits) + skew_bits(hw.rows, seen) +
         skew_bits(hw.cols, kSumBits);
}
/// And for each row of weights: they, what they select, and those that wait.
int64_t weight_row_bits(const isa::HwParams& hw) {
  const int64_t cell = cell_bits(hw);
  return hw.cols * cell + skew_bits(hw.cols, cell);
}

/// Steps i < count for which first + i*stride lies in [0, size).
int64_t inside(int64_t first, int64_t stride, int64_t count, int64_t size) {
  const int64_t from = first < 0 ? ceil_div(-first, stride) : 0;
  const int64_t to = first < size ? ceil_div(size - first, stride) : 0;
  return std::max<int64_t>(0, std::min(count, to) - from);
}

EnergyEvent mac_event(int bits) {
  const auto width = std::find(kMacWidths.begin(), kMacWidths.end(), bits);
  return static_cast<EnergyEvent>(width - kMacWidths.begin());
}

class EventCounter {
 public:
  explicit EventCounter(const program::Program& program)
      : geo_(program.hw),
        row_bits_(row_bits(program.hw)),
        weight_row_bits_(weight_row_bits(program.hw)),
        tiles_(program) {
    for (const isa::Words& words : program.code) count(words, program.hw);
  }
  ProgramEvents take() { return std::move(result_); }

 private:
  void count(const isa::Words& words, const isa::HwParams& hw) {
    tag_ = isa::Header::decode(words).tag;
    EnergyEvents& events = result_.by_tag[tag_];
    if (const std::optional<isa::AnyInstruction> instruction = isa::decode(words)) {
      std::visit([&](const auto& op) { count(op, events); }, *instruction);
      ++counter(isa::retired_counter(unit_of(*instruction)));
    }
    ++events[EnergyEvent::kInstruction];
    count_bytes(report::instruction_bytes(words, hw), events);
  }

  void count(const isa::Load& op, EnergyEvents& events) {
    events[EnergyEvent::kUbWrite] += arch::nests_of(op, geo_).touched(Storage::kUb);
  }
  void count(const isa::LoadWindow& op, EnergyEvents& events) {
    events[EnergyEvent::kUbWrite] += arch::window_emissions(op, geo_);
    const int64_t rows = int64_t{op.count0} * op.count1 * op.count2;
    events[EnergyEvent::kLineByte] += rows * (op.row_bytes + int64_t{op.windows} * op.size);
  }
  void count(const isa::LoadParam& op, EnergyEvents& events) {
    const int64_t bytes = arch::nests_of(op, geo_).touched(Storage::kDram);
    events[EnergyEvent::kPbWrite] += bytes / geo_.pb_word_bytes;
  }
  void count(const isa::LoadWeights& op, EnergyEvents& events) {
    int64_t rows = 0;
    arch::for_each_stored_tile(op, geo_, [&](const arch::StoredTile& tile) { rows += tile.rows; });
    events[EnergyEvent::kWbWrite] += rows;
    // A diagonal is expanded once for each position.
    const int64_t bytes = (op.diagonal ? op.positions : rows) * op.cols;
    if (op.codebook)
      events[EnergyEvent::kCodebookWeight] += bytes;
    else if (op.narrow > op.pack)
      events[EnergyEvent::kExpandedWeight] += bytes;
    if (op.bitmask) events[EnergyEvent::kMaskedWeight] += bytes;
    if (op.structured) events[EnergyEvent::kStructuredWeight] += bytes;
  }
  void count(const isa::LoadCodebook&, EnergyEvents&) {}
  void count(const isa::VectorSet& op, EnergyEvents&) { set_ = op; }
  void count(const isa::Store& op, EnergyEvents& events) {
    events[EnergyEvent::kUbRead] += fill_steps(op);
  }
  void count(const isa::Sync auto&, EnergyEvents&) {}

  uint64_t& counter(Counter counter) { return result_.counters[static_cast<size_t>(counter)]; }

  void count_bytes(const report::DramBytes& bytes, EnergyEvents& events) {
    events[EnergyEvent::kDramReadByte] += bytes.total() - bytes.activations_written;
    events[EnergyEvent::kDramWriteByte] += bytes.activations_written;
    events[EnergyEvent::kDmaBufferByte] += 2 * bytes.total();
    counter(Counter::kReadBytesWeights) += static_cast<uint64_t>(bytes.weights);
    counter(Counter::kReadBytesParams) += static_cast<uint64_t>(bytes.params);
    counter(Counter::kReadBytesActivations) += static_cast<uint64_t>(bytes.activations_read);
    counter(Counter::kReadBytesInstructions) += static_cast<uint64_t>(bytes.instructions);
    counter(Counter::kWriteBytes) += static_cast<uint64_t>(bytes.activations_written);
  }

  /// A word that two bursts share is read for each.
  int64_t fill_steps(const isa::Store& op) const {
    const int64_t run = int64_t{op.pixels} * op.pixel_bytes, burst = geo_.burst_bytes;
    int64_t steps = arch::nests_of(op, geo_).touched(Storage::kUb);
    for (int64_t i0 = 0; i0 < op.count0; ++i0)
      for (int64_t i1 = 0; i1 < op.count1; ++i1)
        for (int64_t i2 = 0; i2 < op.count2; ++i2) {
          const int64_t addr =
              op.dram_addr + i0 * op.dram_stride0 + i1 * op.dram_stride1 + i2 * op.dram_stride2;
          for (int64_t cut = burst - addr % burst; cut < run; cut += burst)
            if (cut % op.pixel_bytes % geo_.lanes != 0) ++steps;
        }
    return steps;
  }

  void count(const isa::Matmul& op, EnergyEvents& events) {
    const arch::Geometry slices = geo_.grouped(op.structured);
    const int64_t rows = int64_t{op.n} * op.oh * op.ow, groups = slices.groups(op.channels);
    const int64_t shape = int64_t{op.kh} * op.kw * groups;
    const WeightTiles::Place kept = tiles_.place();
    int64_t tiles = 0, weights = 0, real = 0, loaded = 0;  // loaded: rows of weights
    int64_t nonzero = 0;
    for (int64_t index = 0; index < shape; ++index, ++tiles) {
      const WeightTiles::Tile tile = tiles_.next();
      index = std::min(index + tile.skip, shape - 1);
      weights += tile.bytes;
      nonzero += tile.nonzero;
      loaded +=
          arch::Geometry::tile_rows(slices.group_lanes(index % groups, op.channels), op.structured);
      const int64_t y = index / groups / op.kw, x = index / groups % op.kw;
      real += inside(op.h0 + y * op.dil_h, op.stride_h, op.oh, op.height) *
              inside(op.w0 + x * op.dil_w, op.stride_w, op.ow, op.width);
    }
    if (op.keep) tiles_.rewind(kept);
    real *= op.n;
    const int64_t streamed = tiles * rows;

    const int64_t products = weights * products_of_byte(op);
    const int64_t zeros = compute_bits(op) == 1 ? 0 : products - nonzero;
    events[mac_event(compute_bits(op))] += rows * (products - zeros);
    events[EnergyEvent::kGatedMac] += rows * zeros;
    events[EnergyEvent::kArrayRegisterBit] += streamed * row_bits_ + loaded * weight_row_bits_;
    if (op.structured) events[EnergyEvent::kSelection] += streamed * geo_.rows * geo_.cols;
    if (op.expand > 0) events[EnergyEvent::kExpandedActivation] += real * geo_.word_bytes;
    events[EnergyEvent::kUbRead] += real;
    result_.array_words[tag_] += real;
    events[EnergyEvent::kWbRead] += loaded;
    events[EnergyEvent::kAccRead] += streamed;
    events[EnergyEvent::kAccWrite] += streamed;
    counter(Counter::kMxuTiles) += static_cast<uint64_t>(tiles);
    counter(Counter::kMxuSkippedTiles) += static_cast<uint64_t>(shape - tiles);
    counter(Counter::kMxuRows) += static_cast<uint64_t>(streamed);
    counter(Counter::kMxuPadRows) += static_cast<uint64_t>(streamed - real);
  }

  void count(const isa::Vector& op, EnergyEvents& events) {
    const int64_t outputs = int64_t{op.n} * op.oh * op.ow, taps = outputs * op.kh * op.kw;
    const int64_t lanes = op.lanes_m1 + 1;
    int64_t rows = 0, columns = 0;  // taps inside the source
    for (int64_t y = 0; y < op.kh; ++y) rows += inside(op.h0 + y, op.stride_h, op.oh, op.height);
    for (int64_t x = 0; x < op.kw; ++x) columns += inside(op.w0 + x, op.stride_w, op.ow, op.width);
    events[op.src_ub ? EnergyEvent::kUbRead : EnergyEvent::kAccRead] += op.n * rows * columns;
    if (op.residual) events[EnergyEvent::kUbRead] += outputs;
    events[EnergyEvent::kUbWrite] += outputs;
    events[EnergyEvent::kPbRead] += 2;
    if (set_.use_table) events[EnergyEvent::kTableLookup] += outputs * lanes;

    // Each output: taps less one reductions and the bias; conversion, scale, rounding.
    events[EnergyEvent::kVpuIntAdd] += taps * lanes;
    int64_t adds = 2, multiplies = 1;
    if (op.residual) {
      ++multiplies;                              // the residual's scale
      ++(set_.multiply ? multiplies : adds);     // how it enters
      adds += set_.two_roundings ? 1 : 0;        // the first rounding
      multiplies += set_.two_roundings ? 1 : 0;  // back to a scale
    }
    events[EnergyEvent::kVpuFpAdd] += adds * outputs * lanes;
    events[EnergyEvent::kVpuFpMultiply] += multiplies * outputs * lanes;
    counter(Counter::kVpuTaps) += static_cast<uint64_t>(taps);
    counter(Counter::kVpuOutputs) += static_cast<uint64_t>(outputs);
  }

  const arch::Geometry geo_;
  const int64_t row_bits_, weight_row_bits_;
  WeightTiles tiles_;
  isa::VectorSet set_;
  uint16_t tag_ = 0;  ///< of the instruction that is counted
  ProgramEvents result_;
};

}  // namespace

ProgramEvents program_events(const program::Program& program) {
  return EventCounter(program).take();
}

void gate_activations(const core::MacsByTag& switching, ProgramEvents& events) {
  for (auto& [tag, part] : events.by_tag) {
    const auto counted = switching.find(tag);
    int64_t left = counted == switching.end() ? 0 : counted->second;
    // A tag has products of one width, a layer's; those of one bit are never gated.
    for (const EnergyEvent width : {EnergyEvent::kMac8, EnergyEvent::kMac4, EnergyEvent::kMac2}) {
      if (part[width] == 0) continue;
      const int64_t kept = std::min(left, part[width]);
      part[EnergyEvent::kGatedMac] += part[width] - kept;
      part[width] = kept;
      left -= kept;
    }
  }
}

void add_cycles(int64_t cycles, int64_t registers, EnergyEvents& events) {
  events[EnergyEvent::kCycle] += cycles;
  events[EnergyEvent::kRegisterCycle] += cycles * registers;
}

EnergyEvents run_events(const ProgramEvents& events, const platform::RunResult& result,
                        int64_t registers) {
  const auto check = [&](Counter counter) {
    const auto index = static_cast<size_t>(counter);
    if (events.counters[index] == result.counters[index]) return;
    throw Error(
        fmt::format("energy: the instructions make {} {}, the run counted {}",
                    events.counters[index], isa::kCounterInfo[index].name, result.counters[index]),
        ExitCode::kDifference);
  };
  for (const Counter counter :
       {Counter::kReadBytesInstructions, Counter::kReadBytesActivations, Counter::kReadBytesParams,
        Counter::kReadBytesWeights, Counter::kWriteBytes, Counter::kMxuTiles,
        Counter::kMxuSkippedTiles, Counter::kMxuRows, Counter::kMxuPadRows, Counter::kVpuTaps,
        Counter::kVpuOutputs})
    check(counter);
  for (const isa::Unit unit : isa::kEveryUnit)
    if (unit != isa::Unit::kFetch) check(isa::retired_counter(unit));
  EnergyEvents sum;
  for (const auto& [tag, part] : events.by_tag) sum += part;
  add_cycles(static_cast<int64_t>(result.cycles), registers, sum);
  sum[EnergyEvent::kDramActivation] =
      static_cast<int64_t>(result.memory.row_misses + result.memory.row_conflicts);
  return sum;
}

}  // namespace systole::energy
