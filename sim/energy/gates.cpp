// SPDX-License-Identifier: Apache-2.0
// Adds up the gates of the units from what is built once for each element, lane, byte or bit.
#include "sim/energy/gates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/arch/fetch_slots.h"
#include "model/arch/geometry.h"

namespace systole::energy {
namespace {

constexpr int kUnitQueues = 5;  // of all units but fetch
constexpr int kPcBits = 32;
constexpr int kLineBits = 8 * kLineBytes;
constexpr int kTableBits = 8 * 1024;
constexpr int kFetchBytes = 64;  // a burst reader of whole instructions
constexpr int kSkipBits = 16;    // beside each tile of the ring
constexpr int kRouteBits = 34, kRecordBits = 65;
constexpr double kRecordReads = 1.5;  // the address and the end are read twice

/// Bits of an index into n things, at least one.
double bits_for(double n) { return n > 1 ? std::ceil(std::log2(n)) : 1; }
double pow2ceil(double n) { return std::exp2(std::ceil(std::log2(n))); }

/// Counts one core; `bits` of registers are a kind of their own.
class GateCounter {
 public:
  GateCounter(const GateTable& table, const isa::HwParams& hw) : t_(table), hw_(hw), geo_(hw) {}

  CoreGates count() const {
    CoreGates core;
    core.matrix_unit = matrix_unit();
    core.unified_buffer = other(
        hw_.ub_banks * (t_.unified_buffer.bank + t_.unified_buffer.bank_byte * geo_.word_bytes));
    core.weight_buffer = held(1.0 * hw_.wb_tiles * kSkipBits, kSkipBits, 1);
    core.weight_buffer += other(t_.ring_fixed);
    core.accumulators = kind(GateKind::kIntAdd, t_.accumulator_column * hw_.cols);
    core.tables = held(kTableBits, kByteBits, hw_.cols);
    core.tables += other(t_.lane.table * hw_.cols);
    core.dma_buffers = dma_buffers();
    core.vector_unit = vector_unit();
    core.dma_engines = dma_engines();
    core.control = control();
    return core;
  }

 private:
  static Gates kind(GateKind kind, double gates) {
    Gates result;
    result[kind] = gates;
    return result;
  }
  static Gates other(double gates) { return kind(GateKind::kOther, gates); }
  Gates registers(double bits) const { return kind(GateKind::kRegister, bits * t_.register_bit); }
  /// Flip-flops that are read in words of `width` without a clock: a tree of multiplexers a port.
  Gates held(double bits, double width, double reads) const {
    Gates result = registers(bits);
    result += other(std::max(0.0, bits - width) * reads * t_.multiplexer);
    return result;
  }

  bool narrow() const { return geo_.act_bits < kByteBits; }
  /// Lanes i of n wait i cycles.
  static double skewed(double lanes, double bits) { return lanes * (lanes - 1) / 2 * bits; }

  Gates matrix_unit() const {
    const double rows = hw_.rows, cols = hw_.cols, elements = rows * cols;
    const double cell = cell_bits(hw_), edge = hw_.structured ? 32 : kByteBits;
    const double mode = hw_.structured ? 3 : narrow() ? 2 : 0;
    Gates unit;
    // Activation and weight of an element, what it selects, and its sum.
    unit += registers(elements * (edge + cell + kSumBits + mode));
    unit += kind(GateKind::kMac8, elements * t_.element.bits8);
    if (geo_.act_bits <= 4) unit += kind(GateKind::kMac4, elements * t_.element.bits4);
    if (geo_.act_bits <= 2) unit += kind(GateKind::kMac2, elements * t_.element.bits2);
    if (geo_.act_bits <= 1) unit += kind(GateKind::kMac1, elements * t_.element.bits1);
    if (hw_.structured)
      unit += other(elements * (t_.element.structured +
                                (geo_.act_bits <= 4 ? t_.element.structured_narrow : 0)));
    unit += registers(skewed(rows, edge + mode) + skewed(cols, cell + kSumBits));
    unit += other(t_.matrix_unit.fixed + t_.matrix_unit.row * rows);
    unit +=
        other(t_.matrix_unit.byte_narrow * geo_.word_bytes * std::log2(kByteBits / geo_.act_bits));
    if (hw_.structured) unit += other(t_.matrix_unit.row_structured * rows);
    // Where a row's sums go travels beside it.
    const double tag = bits_for(hw_.acc_rows) + 2;
    unit += held((rows + cols) * tag, tag, 1);
    return unit;
  }

  Gates vector_unit() const {
    Gates unit;
    unit += kind(GateKind::kFpMultiply, hw_.cols * t_.lane.multiply);
    unit += kind(GateKind::kFpAdd, hw_.cols * t_.lane.add);
    unit += kind(GateKind::kIntAdd, hw_.cols * t_.lane.integer);
    unit += other(hw_.cols * (t_.lane.other + (narrow() ? t_.lane.narrow : 0)));
    unit += other(t_.vector_fixed);
    return unit;
  }

  /// Slots for `bursts` of an engine whose words have `word` bytes, read two words at a time.
  struct Slots {
    double bits, width;
  };
  Slots slots(double word, int bursts) const {
    const double width = std::max<double>(geo_.axi_bytes, word);
    const double words =
        std::max(2.0, pow2ceil(std::ceil(1.0 * bursts * geo_.burst_bytes / width)));
    return {kByteBits * width * words, kByteBits * width};
  }
  double weight_word() const { return pow2ceil(hw_.cols); }

  Gates dma_buffers() const {
    Gates buffers = held(kLineBits, kByteBits * geo_.word_bytes, 2);
    for (const Slots& reader :
         {slots(geo_.pb_word_bytes, hw_.outstanding), slots(weight_word(), hw_.outstanding),
          slots(kFetchBytes, arch::fetch_slots(hw_))})
      buffers += held(reader.bits, reader.width, 2);
    // Even and odd words of the store buffer, each read and merged.
    const Slots store = slots(geo_.word_bytes, hw_.outstanding);
    buffers += held(store.bits, 2 * store.width, 2);
    return buffers;
  }

  /// Multiplexers that take a word of `word` bytes out of two neighbouring words of the slots, or
  /// put it there: each of log2(width) steps of the shift has the bytes that the next one may need.
  double shifts(double word) const {
    const double width = std::max<double>(geo_.axi_bytes, word);
    return kByteBits * (word * std::log2(width) + width - 1);
  }
  /// Shift and word registers of a burst reader.
  double reader(double word) const {
    return shifts(word) * t_.shift_bit + 2 * kByteBits * word * t_.register_bit;
  }

  Gates dma_engines() const {
    const double word = geo_.word_bytes;
    double gates = t_.load.fixed + t_.load.byte * word + reader(geo_.pb_word_bytes);
    gates += weights() + reader(weight_word());
    gates += t_.store.fixed + shifts(word) * t_.store.shift_bit;
    Gates engines = other(gates);
    // Whom a burst that was asked for belongs to, and where one that is stored begins and ends.
    const double route = kRouteBits + bits_for(hw_.burst_beats);
    engines += held((2 * hw_.outstanding + arch::fetch_slots(hw_)) * route, route, 1);
    const double record = kRecordBits + bits_for(geo_.burst_bytes);
    engines += held(hw_.outstanding * record, record, kRecordReads);
    engines += other(t_.bus.slot * hw_.outstanding + t_.bus.byte * geo_.axi_bytes);
    return engines;
  }

  /// Of the weight DMA, without its reader.
  double weights() const {
    const auto& w = t_.weights;
    const double cols = hw_.cols;
    double gates = w.fixed + w.column * cols;
    if (hw_.weight_bits <= 4) gates += w.bits4 * cols;
    if (hw_.weight_bits <= 2) gates += w.bits2 * cols;
    if (hw_.weight_bits <= 1) gates += w.bits1 * cols;
    if (hw_.codebook) gates += w.codebook * cols + 128 * t_.register_bit;
    // Each column counts those before it and takes one of all.
    if (hw_.bitmask) gates += w.mask * cols + w.rank * cols * cols;
    if (hw_.structured) gates += w.structured * cols;
    return gates;
  }

  Gates control() const {
    const double locks = 2.0 * hw_.ub_banks + 2;
    const double entry = kInstructionBits + kPcBits + locks;
    Gates unit = other(t_.control + t_.fetch_fixed + t_.issue_fixed + t_.lock * locks);
    unit += other(reader(kFetchBytes));
    for (int u = 0; u < kUnitQueues; ++u) unit += held(entry * hw_.queue_depth, entry, 1);
    return unit;
  }

  const GateTable& t_;
  const isa::HwParams& hw_;
  const arch::Geometry geo_;
};

}  // namespace

Gates& Gates::operator+=(const Gates& other) {
  for (size_t k = 0; k < kGateKinds; ++k) of[k] += other.of[k];
  return *this;
}

double Gates::total() const { return std::accumulate(of.begin(), of.end(), 0.0); }

double CoreGates::total() const {
  Gates sum;
  for (const Gates* part : {&matrix_unit, &unified_buffer, &weight_buffer, &accumulators, &tables,
                            &dma_buffers, &vector_unit, &dma_engines, &control})
    sum += *part;
  return sum.total();
}

int cell_bits(const isa::HwParams& hw) {
  if (!hw.structured) return kByteBits;
  return kByteBits + (arch::Geometry(hw).act_bits <= 4 ? 4 : 2);
}

CoreGates count_gates(const GateTable& table, const isa::HwParams& hw) {
  return GateCounter(table, hw).count();
}

}  // namespace systole::energy
