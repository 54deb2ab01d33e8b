// SPDX-License-Identifier: Apache-2.0
// The burst reader: bursts, words and cycles of random transfers under random stalls.
#include <catch2/catch.hpp>
#include <deque>

#include "Vsys_reader_AXI_BITS256_BURST_BEATS2_OUTSTANDING8_WORD_BYTES4.h"
#include "Vsys_reader_AXI_BITS32_BURST_BEATS1_OUTSTANDING1_WORD_BYTES8.h"
#include "Vsys_reader_AXI_BITS64_BURST_BEATS4_OUTSTANDING3_WORD_BYTES16.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

/// dma_desc_t of rtl/sys_dma_pkg.sv.
struct Desc {
  bool sync = false;
  uint32_t addr = 0, stride[3] = {};
  uint32_t count[3] = {1, 1, 1};
  uint32_t pixels = 1, pixel_bytes = 1, word_bytes = 1;
  uint32_t dst = 0, dst_stride[3] = {}, dst_pixel_stride = 0;

  std::vector<uint8_t> packed() const {
    std::vector<uint8_t> bits(44);
    int at = 0;
    const auto put = [&](uint32_t value, int width) {
      for (int i = 0; i < width; ++i, ++at)
        bits[at / 8] = static_cast<uint8_t>(bits[at / 8] | (value >> i & 1) << (at % 8));
    };
    put(dst_pixel_stride, 16);
    for (int i = 2; i >= 0; --i) put(dst_stride[i], 24);
    put(dst, 24);
    put(word_bytes, 9);
    put(pixel_bytes, 16);
    put(pixels, 32);
    for (int i = 2; i >= 0; --i) put(count[i], 16);
    for (int i = 2; i >= 0; --i) put(stride[i], 32);
    put(addr, 32);
    put(sync, 1);
    return bits;
  }
};

struct Word {
  uint32_t dst;
  std::vector<uint8_t> bytes;
};
struct Burst {
  uint32_t addr, bytes;
};

uint8_t memory_at(uint32_t addr) { return static_cast<uint8_t>(addr * 37 + (addr >> 8) * 101 + 5); }

/// Drives random transfers through one reader and checks all it does.
template <class Dut, int kAxiBytes, int kBeats, int kOutstanding, int kWord>
class ReaderBench {
 public:
  static constexpr uint32_t kBurst = kAxiBytes * kBeats;

  explicit ReaderBench(uint64_t seed) : b(seed) {
    b->start_i = b->grant_i = b->r_valid_i = b->r_last_i = b->step_i = b->finish_i = 0;
    b->enable_i = 1;
    b->client_i = 0;
  }

  Desc random_desc() {
    Desc d;
    d.sync = b.pick(0, 9) == 0;
    d.addr = static_cast<uint32_t>(b.pick(0, 5000));
    for (int i = 0; i < 3; ++i) {
      d.count[i] = static_cast<uint32_t>(b.pick(1, 2));
      d.stride[i] = static_cast<uint32_t>(b.pick(0, 500));
      d.dst_stride[i] = static_cast<uint32_t>(b.pick(0, 900));
    }
    d.word_bytes = static_cast<uint32_t>(b.pick(1, kWord));
    d.pixels = static_cast<uint32_t>(b.pick(1, 5));
    d.pixel_bytes = static_cast<uint32_t>(b.pick(1, 3 * kWord));
    d.dst = static_cast<uint32_t>(b.pick(0, 900));
    d.dst_pixel_stride = static_cast<uint32_t>(b.pick(0, 40));
    return d;
  }

  /// Appends what `d` must give.
  void expect(const Desc& d) {
    if (d.sync) return;
    for (uint32_t i = 0; i < d.count[0]; ++i)
      for (uint32_t j = 0; j < d.count[1]; ++j)
        for (uint32_t k = 0; k < d.count[2]; ++k) {
          const uint32_t from = d.addr + i * d.stride[0] + j * d.stride[1] + k * d.stride[2];
          const uint32_t to =
              d.dst + i * d.dst_stride[0] + j * d.dst_stride[1] + k * d.dst_stride[2];
          for (uint32_t at = from, end = from + d.pixels * d.pixel_bytes; at < end;) {
            const uint32_t n = std::min(end - at, kBurst - at % kBurst);
            bursts.push_back({at, n});
            at += n;
          }
          for (uint32_t p = 0; p < d.pixels; ++p)
            for (uint32_t at = 0, w = 0; at < d.pixel_bytes; at += d.word_bytes, ++w) {
              Word word{to + p * d.dst_pixel_stride + w, {}};
              for (uint32_t x = at; x < std::min(at + d.word_bytes, d.pixel_bytes); ++x)
                word.bytes.push_back(memory_at(from + p * d.pixel_bytes + x));
              words.push_back(word);
            }
        }
  }

  void run(int transfers) {
    int started = 0, ended = 0;
    uint64_t pending_since = 0;
    bool issuing = false, word_due = false, end_due = false;
    int in_use = 0, arrived = 0;
    std::deque<Burst> asked;  // granted, data to come
    int beat = 0;
    Desc desc;
    while (ended < transfers) {
      REQUIRE(b.cycle < 200000);
      // Inputs.
      b->start_i = !issuing && started < transfers && started - ended < 4 && b.pick(0, 2) == 0;
      if (b->start_i) {
        desc = random_desc();
        expect(desc);
        bench::poke(b->desc_i, desc.packed());
        ++started;
      }
      b->r_valid_i = !asked.empty() && b.pick(0, 1) == 0;
      if (b->r_valid_i) {
        const uint32_t first = asked[0].addr / kAxiBytes * kAxiBytes;
        const uint32_t last = (asked[0].addr + asked[0].bytes - 1) / kAxiBytes * kAxiBytes;
        std::vector<uint8_t> data(kAxiBytes);
        for (int i = 0; i < kAxiBytes; ++i)
          data[i] = memory_at(first + static_cast<uint32_t>(beat * kAxiBytes + i));
        bench::poke(b->r_data_i, data);
        b->r_beat_i = first / kAxiBytes % kBeats + beat;
        b->r_last_i = first + beat * kAxiBytes == last;
      }
      b->step_i = b->finish_i = b->grant_i = 0;
      b.settle();

      // Registered outputs of this cycle.
      CHECK(b->word_valid_o == word_due);
      if (word_due) {
        const Word& word = words.front();
        REQUIRE(b->word_bytes_o == word.bytes.size());
        REQUIRE(b->word_dst_o == word.dst);
        REQUIRE(bench::peek<uint8_t>(b->word_data_o, word.bytes.size()) == word.bytes);
        words.pop_front();
      }
      CHECK(b->end_o == end_due);
      ended += end_due;

      // Requests: pending from start + 1 or grant + 1 on, while a slot is free.
      const bool should_ask = issuing && b.cycle > pending_since && in_use < kOutstanding;
      REQUIRE(b->req_o == should_ask);
      if (should_ask) {
        const Burst& burst = bursts.front();
        CHECK(b->req_addr_o == burst.addr / kAxiBytes * kAxiBytes);
        CHECK(b->req_bytes_o == burst.bytes);
        CHECK(b->req_len_o == (burst.addr + burst.bytes - 1) / kAxiBytes - burst.addr / kAxiBytes);
        b->grant_i = b.pick(0, 1);
      }

      // Steps: only with the burst's last beat in an earlier cycle.
      REQUIRE(b->ready_o == (b->active_o && (b->sync_o || arrived > 0)));
      b->step_i = b->ready_o && b.pick(0, 2) != 0;
      const bool last = b->sync_o || b->desc_last_o;
      b->finish_i = b->step_i && last;
      b.settle();
      word_due = b->step_i && !b->sync_o && b->word_last_o;
      end_due = b->finish_i;
      if (b->step_i && !b->sync_o) {
        stepped += step_bytes();
        if (stepped == there.front().bytes) {
          there.pop_front();
          --in_use, --arrived;
          stepped = 0;
        }
      }

      // What this cycle's handshakes change.
      if (b->start_i && !desc.sync) issuing = true, pending_since = b.cycle;
      if (b->grant_i) {
        asked.push_back(bursts.front());
        bursts.pop_front();
        ++in_use;
        pending_since = b.cycle;
        if (b->front_done_o) issuing = false;
      }
      if (b->start_i && desc.sync) CHECK(b->front_done_o);
      if (b->r_valid_i) {
        ++beat;
        if (b->r_last_i) {
          there.push_back(asked.front());
          asked.pop_front();
          beat = 0;
          ++arrived;
        }
      }
      b.tick();
    }
    CHECK(words.empty());
    CHECK(bursts.empty());
    CHECK(asked.empty());
  }

 private:
  /// Bytes of the step: what the word being assembled and the oldest burst share.
  uint32_t step_bytes() {
    const auto word_bytes = static_cast<uint32_t>(words.front().bytes.size());
    const uint32_t n = std::min(word_bytes - word_pos, there.front().bytes - stepped);
    word_pos += n;
    CHECK(b->word_last_o == (word_pos == word_bytes));
    if (word_pos == word_bytes) word_pos = 0;
    return n;
  }

  bench::Bench<Dut> b;
  std::deque<Word> words;    // still to come
  std::deque<Burst> bursts;  // still to be asked for
  std::deque<Burst> there;   // in the buffer, not all used
  uint32_t stepped = 0, word_pos = 0;
};

TEST_CASE("a reader of 8-byte beats assembles 16-byte words from 32-byte bursts") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  ReaderBench<Vsys_reader_AXI_BITS64_BURST_BEATS4_OUTSTANDING3_WORD_BYTES16, 8, 4, 3, 16>(seed).run(
      60);
}
TEST_CASE("a reader takes words smaller than a beat from it") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  ReaderBench<Vsys_reader_AXI_BITS256_BURST_BEATS2_OUTSTANDING8_WORD_BYTES4, 32, 2, 8, 4>(seed).run(
      60);
}
TEST_CASE("a reader with one slot assembles words larger than a burst") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  ReaderBench<Vsys_reader_AXI_BITS32_BURST_BEATS1_OUTSTANDING1_WORD_BYTES8, 4, 1, 1, 8>(seed).run(
      60);
}

}  // namespace
}  // namespace systole
