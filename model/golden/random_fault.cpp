// SPDX-License-Identifier: Apache-2.0
// Random faults: instructions that fail at dispatch, and transfers that the memory answers with an
// error.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "model/base/error.h"
#include "model/golden/random_generator.h"

namespace systole::golden {
namespace {

isa::Words illegal_opcode(SeededRandom& random) {
  isa::Words words;
  do {
    for (uint32_t& word : words) word = static_cast<uint32_t>(random.next());
  } while (isa::find_instruction(isa::Header::decode(words).opcode) != nullptr);
  return words;
}

// Weights in a format that the array does not take, or without the bytes of their stream.
isa::LoadWeights bad_format(SeededRandom& random, const isa::HwParams& hw) {
  isa::LoadWeights weights;
  weights.positions = 3;
  weights.stream_bytes = 9;
  switch (random.below(6)) {
    case 0:  // a stream that has neither holes nor prefixes
      break;
    case 1:
      weights.holes[0] = 2;
      weights.diagonal = true;
      break;
    case 2:
      weights.holes[random.chance(50) ? 0 : 7] = 2;
      weights.stream_bytes = 0;
      break;
    case 3:
      weights.bitmask = true;
      if (hw.bitmask != 0) weights.narrow = weights.pack = 1;
      break;
    case 4:
      weights.structured = true;
      if (hw.structured != 0) weights.narrow = weights.pack = 2;
      break;
    default:
      weights.bitmask = weights.structured = true;
  }
  return weights;
}

// One of the many ways to be malformed, on an instruction that is otherwise legal.
isa::Words malformed(SeededRandom& random, const isa::HwParams& hw, const arch::Geometry& g) {
  const isa::InstructionInfo& info =
      isa::kInstructions[random.below(static_cast<int64_t>(isa::kInstructions.size()))];
  isa::Words words = encode(isa::Load{});
  switch (random.below(8)) {
    case 0: {  // a reserved bit; bits 8..15 of word 0 are reserved in every instruction
      words[0] |= uint32_t{1} << random.range(8, 15);
      return words;
    }
    case 1: {  // unit sets that name fetch, the unit itself or no unit
      isa::Header header;
      header.opcode = static_cast<uint8_t>(info.opcode);
      const int bit =
          static_cast<int>(random.pick({0, static_cast<int64_t>(info.unit), random.range(6, 15)}));
      words = {};
      (random.chance(50) ? header.wait : header.signal) = static_cast<uint16_t>(1u << bit);
      header.encode(words);
      return words;
    }
    case 2: {
      isa::Load load;
      (random.chance(50) ? load.count1 : load.pixel_bytes) = 0;
      return encode(load);
    }
    case 3: {
      isa::LoadWeights weights;
      weights.diagonal = random.chance(50);
      switch (hw.weight_bits > 1 ? random.below(7) : random.pick({0, 1, 2, 3, 5, 6})) {
        case 6:
          return encode(bad_format(random, hw));
        case 3:  // packed weights that are wider in DRAM, or a packed diagonal
          weights.pack = static_cast<uint8_t>(random.range(1, 3));
          weights.narrow = weights.diagonal ? weights.pack : static_cast<uint8_t>(weights.pack - 1);
          break;
        case 5:  // indices that are not of four bits, or not taken
          if (hw.codebook == 0 && random.chance(50)) return encode(isa::LoadCodebook{});
          weights.codebook = true;
          weights.narrow = static_cast<uint8_t>(hw.codebook == 0 ? 1 : random.pick({0, 2, 3}));
          break;
        case 4:  // half as wide as the narrowest weights
          weights.narrow =
              static_cast<uint8_t>(std::bit_width(8u / static_cast<unsigned>(hw.weight_bits)));
          break;
        case 0:
          weights.cols = static_cast<uint16_t>(g.cols + random.range(1, 100));
          break;
        case 1:  // more channels than a word holds, or a channel of column 0 without a diagonal
          weights.channels = static_cast<uint16_t>(g.lanes + random.range(1, 100));
          weights.first = weights.diagonal ? 0 : static_cast<uint8_t>(random.range(1, 255));
          break;
        default:  // the last column's channel is the one after the last
          weights.channels = static_cast<uint16_t>(random.range(1, std::min(g.lanes, 255)));
          weights.first = static_cast<uint8_t>(weights.channels);
          break;
      }
      return encode(weights);
    }
    case 4: {
      isa::Vector vector;
      if (random.chance(40)) {
        vector.dst_slice = static_cast<uint8_t>(random.range(std::min(g.col_slices, 255), 255));
      } else if (random.chance(20)) {  // activations of less than one bit in UB
        isa::Matmul matmul;
        matmul.narrow = static_cast<uint8_t>(random.range(1, 3));
        matmul.expand = static_cast<uint8_t>(random.range(4 - matmul.narrow, 3));
        return encode(matmul);
      } else if (g.act_bits > 1 &&
                 random.chance(60)) {  // half as wide as the narrowest activations
        const auto narrow =
            static_cast<uint8_t>(std::bit_width(8u / static_cast<unsigned>(g.act_bits)));
        isa::Matmul matmul;  // too narrow for the array, or only in UB
        matmul.expand = static_cast<uint8_t>(random.range(0, std::min<int>(narrow, 3)));
        matmul.narrow = static_cast<uint8_t>(narrow - matmul.expand);
        switch (random.below(4)) {
          case 0:
            return encode(matmul);
          case 1:
            vector.src_narrow = narrow;
            return encode(vector);
          case 2:
            vector.res_narrow = narrow;
            return encode(vector);
          default:
            vector.dst_narrow = narrow;
            return encode(vector);
        }
      } else {
        vector.lanes_m1 = 255;
      }
      vector.kh = 0;  // malformed even where 256 lanes or slices exist
      return encode(vector);
    }
    case 5: {
      isa::VectorSet set;
      set.clamp_lo = 1;
      set.clamp_hi = 0;
      return encode(set);
    }
    case 6: {
      isa::VectorSet set;
      (random.chance(50) ? set.mid_scale : set.res_scale) = random.chance(50)   ? -1.0f
                                                            : random.chance(50) ? 0x1p64f
                                                                                : 0x1p-65f;
      return encode(set);
    }
    default: {
      isa::LoadWindow window;
      if (g.lanes <= 255 && random.chance(50))
        (random.chance(50) ? window.lane : window.lane_stride) =
            static_cast<uint8_t>(random.range(g.lanes, 255));
      else
        (random.chance(50) ? window.row_bytes : window.size) =
            static_cast<uint16_t>(random.range(4097, 65535));
      return encode(window);
    }
  }
}

isa::Words outside_ub(SeededRandom& random, const arch::Geometry& g) {
  const auto last = static_cast<uint32_t>(g.ub_words - 1);
  switch (random.below(4)) {
    case 0: {
      isa::Load load;
      load.ub_addr = last;
      load.pixel_bytes = static_cast<uint16_t>(g.lanes + 1);
      return encode(load);
    }
    case 1: {
      isa::Store store;
      store.ub_addr = last;
      store.count0 = 65535;
      store.ub_stride0 = 0xffffff;
      return encode(store);
    }
    case 2: {
      isa::Matmul matmul;
      matmul.ub_addr = last;
      matmul.width = 2;
      matmul.ub_stride2 = 1;
      return encode(matmul);
    }
    default: {
      isa::Vector vector;
      vector.dst_addr = last;
      vector.oh = 2;
      vector.dst_stride1 = static_cast<uint16_t>(random.range(1, 65535));
      return encode(vector);
    }
  }
}

}  // namespace

isa::Words RandomGenerator::faulty_instruction(isa::Fault fault) {
  switch (fault) {
    case isa::Fault::kIllegalOpcode:
      return illegal_opcode(random_);
    case isa::Fault::kMalformed:
      return malformed(random_, hw_, g_);
    case isa::Fault::kUbRange:
      return outside_ub(random_, g_);
    case isa::Fault::kAccRange: {
      isa::Matmul matmul;
      matmul.acc_addr = static_cast<uint16_t>(hw_.acc_rows - 1);
      matmul.ow = 2;
      isa::Vector vector;
      vector.src_addr = static_cast<uint32_t>(hw_.acc_rows);
      return random_.chance(50) ? encode(matmul) : encode(vector);
    }
    case isa::Fault::kPbRange: {
      isa::LoadParam param;
      param.target = random_.chance(50);
      param.row = static_cast<uint16_t>(param.target ? 3 : hw_.pb_rows - 1);
      param.count = 2;
      isa::Vector vector;
      vector.param_row = static_cast<uint16_t>(hw_.pb_rows - 1);
      return random_.chance(50) ? encode(param) : encode(vector);
    }
    case isa::Fault::kWbCapacity: {
      isa::Matmul matmul;
      matmul.keep = true;
      matmul.kh = 17;
      matmul.kw = 16;  // 272 tiles; no ring holds more than 256
      return encode(matmul);
    }
    default: {
      isa::LoadWeights weights;
      weights.dram_addr = std::numeric_limits<uint32_t>::max();
      weights.positions = 2;
      isa::Store store;
      store.dram_addr = std::numeric_limits<uint32_t>::max() - 9;
      store.pixel_bytes = 1;
      store.pixels = 11;
      return random_.chance(50) ? encode(weights) : encode(store);
    }
  }
}

void RandomGenerator::draw_fault() {
  if (random_.chance(40)) return draw_bus_error();
  const auto fault = static_cast<isa::Fault>(random_.range(1, 7));
  const isa::Words words = faulty_instruction(fault);
  if (dispatch_fault(words, hw_) != fault)
    throw Error(fmt::format("random program: the instruction made for fault {} gives {}",
                            isa::fault_name(fault), isa::fault_name(dispatch_fault(words, hw_))));
  builder_.append_raw(words);
}

// What waits for the failed transfer is never taken: the fault is visible before it ends.
void RandomGenerator::draw_bus_error() {
  const auto address = [&] {
    return static_cast<uint32_t>(options_.error_address +
                                 random_.below((0xffff0000u - options_.error_address) / 2));
  };
  const int64_t words = std::min<int64_t>(random_.range(1, 20), g_.ub_words);
  switch (random_.below(5)) {
    case 0: {
      isa::Load load;
      load.pixel_bytes = static_cast<uint16_t>(words * g_.lanes);
      load.ub_addr = static_cast<uint32_t>(place_ub(words));
      load.dram_addr = address();
      append(load);
      return;
    }
    case 1: {
      isa::LoadWindow window;
      window.row_bytes = static_cast<uint16_t>(random_.range(1, 300));
      window.ub_addr = static_cast<uint32_t>(place_ub(1));
      window.dram_addr = address();
      append(window);
      return;
    }
    case 2: {
      isa::LoadParam param;
      param.row = static_cast<uint16_t>(random_.below(hw_.pb_rows));
      param.dram_addr = address();
      append(param);
      pb_rows_[param.row] = Row::kNone;  // zeros are no scales
      return;
    }
    case 3: {
      isa::LoadWeights weights;
      weights.channels = static_cast<uint16_t>(g_.rows);
      weights.cols = static_cast<uint16_t>(random_.range(1, g_.cols));
      weights.dram_addr = address();
      append(weights);
      return;
    }
    default: {
      isa::Store store;
      store.pixels = static_cast<uint16_t>(words);
      store.pixel_bytes = static_cast<uint16_t>(random_.range(1, g_.lanes));
      store.ub_pixel_stride = 1;
      store.ub_addr = static_cast<uint32_t>(place_ub(words));
      store.dram_addr = address();
      ensure_ub(store.ub_addr, store.ub_addr + words - 1);
      append(store);
      return;
    }
  }
}

}  // namespace systole::golden
