// SPDX-License-Identifier: Apache-2.0
// The checker accepts programs whose tokens order them and names what is wrong with others.
#include "model/golden/legality.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "model/program/assembler.h"

namespace systole::golden {
namespace {

// Parameters of a 4x4 array stand at 0x400 (biases) and 0x410 (scales, all 1).
std::string violation(const std::string& text, float scale = 1.0f, int queue_depth = 8) {
  program::Program program;
  program.hw.rows = program.hw.cols = 4;
  program.hw.ub_kib = 4;  // 1024 words, 4 banks of 256
  program.hw.wb_tiles = 4;
  program.hw.queue_depth = queue_depth;
  program.code = program::assemble(text, "l.s");
  program.code_addr = 0x8000;
  program.dram_bytes = 0x8000 + 64 * program.code.size();
  std::vector<uint8_t> params(32);
  for (size_t lane = 0; lane < 4; ++lane) std::memcpy(&params[16 + 4 * lane], &scale, 4);
  program.segments.push_back({0x400, "params", params});
  return check_legality(program).violation;
}

// 8 words of UB and one pair of parameter rows, known to vpu, mxu and sto.
const char* const kHead =
    "load pixels=8 pixel_bytes=4 ub_pixel_stride=1\n"
    "load_param signal=mxu,vpu,sto dram_addr=0x400 count=2\n"
    "sync_mxu wait=lda\n"
    "vector_set wait=lda clamp_lo=-128 clamp_hi=127\n"
    "sync_sto wait=lda\n";  // pc 0..4

}  // namespace

TEST_CASE("a program ordered by its tokens is legal") {
  CHECK(violation(std::string(kHead) +
                  "load_weights channels=4 cols=4\n"
                  "matmul signal=vpu ow=8 width=8 ub_stride2=1 channels=4\n"
                  "vector wait=mxu signal=sto ow=8 width=8 src_stride2=1 dst_addr=100 "
                  "dst_stride2=1 lanes_m1=3\n"
                  "store wait=vpu ub_addr=100 pixels=8 pixel_bytes=4 ub_pixel_stride=1 "
                  "dram_addr=0x1000\n") == "");
}

TEST_CASE("two units that touch the same bytes need a token between them") {
  CHECK(violation(std::string(kHead) + "load ub_addr=2 pixel_bytes=3\n"
                                       "store pixels=8 pixel_bytes=4 ub_pixel_stride=1 "
                                       "dram_addr=0x1000\n") ==
        "pc 6 (store, sto) reads UB word 0x2 lane 0, which pc 5 (load, lda) writes; no semaphore "
        "orders them");
  // Other lanes of the same word are other bytes.
  CHECK(violation(std::string(kHead) + "load ub_addr=2 pixel_bytes=3 signal=sto\n"
                                       "store ub_addr=2 pixel_bytes=3 dram_addr=0x1000\n") != "");
  CHECK(violation(std::string(kHead) +
                  "load ub_addr=2 pixel_bytes=2 signal=sto\n"
                  "store wait=lda ub_addr=2 pixel_bytes=3 dram_addr=0x1000\n") == "");
  // A store and a later load of the same DRAM bytes.
  CHECK(violation(std::string(kHead) + "store pixel_bytes=4 dram_addr=0x1000\n"
                                       "load ub_addr=50 dram_addr=0x1003\n") ==
        "pc 6 (load, lda) reads DRAM byte 0x1003, which pc 5 (store, sto) writes; no semaphore "
        "orders them");
  CHECK(violation(std::string(kHead) + "store pixel_bytes=4 dram_addr=0x1000\n"
                                       "load ub_addr=50 dram_addr=0x1004\n") == "");
}

TEST_CASE("order passes through a chain of units") {
  // lda -> vpu -> sto: the store never waits for lda itself.
  CHECK(violation("load signal=vpu pixel_bytes=4\nsync_vpu wait=lda signal=sto\n"
                  "store wait=vpu pixel_bytes=4 dram_addr=0x1000\n") == "");
  // The token that sto takes was given before the load had ended.
  CHECK(violation("sync_lda signal=sto\nload signal=vpu pixel_bytes=4\n"
                  "store wait=lda pixel_bytes=4 dram_addr=0x1000\n") != "");
}

TEST_CASE("a token is only good for the instruction that takes it and those behind it") {
  // The first store runs before the second load, although the second one waits.
  CHECK(violation("load signal=sto pixel_bytes=4\nsync_lda\n"
                  "store wait=lda pixel_bytes=4 dram_addr=0x1000\n"
                  "load pixel_bytes=4\n") ==
        "pc 3 (load, lda) writes UB word 0x0 lane 0, which pc 2 (store, sto) reads; no semaphore "
        "orders them");
}

TEST_CASE("reads of storage never written are named") {
  CHECK(violation("store ub_addr=3 dram_addr=0x1000\n") ==
        "pc 0 (store, sto) reads UB word 0x3 lane 0, which was never written");
  CHECK(violation(std::string(kHead) + "load_weights channels=5 cols=4\n"
                                       "matmul ub_addr=7 channels=5\n") ==
        "pc 6 (matmul, mxu) reads UB word 0x8 lane 0, which was never written");
  // Padding is not read: column 1 is outside the input of one column.
  CHECK(violation(std::string(kHead) +
                  "load_weights cols=4\nmatmul ub_addr=7 ow=2 width=1 ub_stride2=1\n") == "");
  CHECK(violation(std::string(kHead) + "load_weights cols=4\nmatmul accumulate=1 acc_addr=9\n") ==
        "pc 6 (matmul, mxu) reads ACC row 9, which was never written");
  CHECK(violation(std::string(kHead) + "vector src_ub=1 param_row=2\n") ==
        "pc 5 (vector, vpu) reads parameter row 2, which was never written");
  CHECK(violation("load pixel_bytes=4\nload_param signal=vpu dram_addr=0x400 count=2\n"
                  "vector wait=lda src_ub=1\n") ==
        "pc 2 (vector, vpu) runs before the first vector_set");
  CHECK(violation(std::string(kHead) +
                  "vector_set use_table=1 table_index=2 clamp_hi=3\nvector src_ub=1\n") ==
        "pc 6 (vector, vpu) reads table 2, which was never written");
  CHECK(violation(std::string(kHead) + "load_weights channels=2 cols=4\nmatmul channels=3\n") ==
        "pc 6 (matmul, mxu) uses 3 rows of its weight tile 0, of which pc 5 (load_weights, ldw) "
        "writes only 2");
}

TEST_CASE("illegal scales in the parameter buffer are named") {
  const std::string text = std::string(kHead) + "vector src_ub=1 lanes_m1=1\n";
  CHECK(violation(text, 0.5f) == "");
  CHECK(violation(text, 0.0f) ==
        "pc 5 (vector, vpu) scales lane 0 by 0 (parameter row 1), expected a float in [2^-64, "
        "2^64)");
}

TEST_CASE("a vector may work in place but not read its own results") {
  const std::string same = "vector src_ub=1 lanes_m1=3 ow=4 width=4 src_stride2=1 dst_stride2=1 ";
  CHECK(violation(std::string(kHead) + same + "dst_addr=0\n") == "");
  CHECK(violation(std::string(kHead) + same + "src_addr=1 dst_addr=0\n") == "");  // already read
  CHECK(violation(std::string(kHead) + same + "dst_addr=1\n") ==
        "pc 5 (vector, vpu) reads what an earlier output of the same instruction wrote");
}

TEST_CASE("a store into the code is illegal") {
  CHECK(violation(std::string(kHead) + "store pixel_bytes=4 dram_addr=0x7fff\n") ==
        "pc 5 (store, sto) writes DRAM byte 0x8000, which is code that fetch reads");
}

TEST_CASE("deadlocks are found") {
  CHECK(violation("sync_lda wait=vpu\n") ==
        "deadlock: pc 0 (sync_lda, lda) waits for a token from vpu");
  // Five tiles, a ring of four and a matmul that uses none of them.
  CHECK(violation("load_weights positions=5 cols=4\n") ==
        "deadlock: pc 0 (load_weights, ldw) waits for a free weight tile");
  // With one place in the queue fetch never reaches the sync_vpu that the others wait for.
  const std::string queue = "sync_lda wait=vpu\nsync_lda\nsync_vpu signal=lda\n";
  CHECK(violation(queue, 1.0f, 2) == "");
  CHECK(
      violation(queue, 1.0f, 1) ==
      "deadlock: pc 0 (sync_lda, lda) waits for a token from vpu; pc 1 (sync_lda, lda) waits for a "
      "place in its queue");
}

TEST_CASE("a matmul may not hold a port that its weights wait for") {
  // The weights wait for a store that reads the bank of UB that the matmul holds meanwhile.
  CHECK(
      violation(std::string(kHead) + "store signal=ldw pixel_bytes=4 dram_addr=0x1000\n"
                                     "load_weights wait=sto cols=4\n"
                                     "matmul\n") ==
      "pc 7 (matmul, mxu) may hold a port that pc 5 (store, sto) wants, on which its weights (pc 6 "
      "(load_weights, ldw)) depend: deadlock");
  // It may if it waits for the store as well.
  CHECK(violation(std::string(kHead) + "store signal=ldw,mxu pixel_bytes=4 dram_addr=0x1000\n"
                                       "load_weights wait=sto cols=4\n"
                                       "matmul wait=sto\n") == "");
  CHECK(violation(std::string(kHead) + "matmul\nload_weights cols=4\n") ==
        "pc 5 (matmul, mxu) uses weights that pc 6 (load_weights, ldw) loads later in the program: "
        "fetch may not get there");
}

TEST_CASE("a program too large to follow is refused at once") {
  CHECK(violation("load count0=65535 count1=65535 count2=65535\n") ==
        "pc 0 (load, lda) moves more than the checker can follow");
  CHECK(violation("load_weights positions=65535 channels=65535\n") ==
        "pc 0 (load_weights, ldw) moves more than the checker can follow");
}

TEST_CASE("a program is checked up to its fault") {
  program::Program program;
  program.code = program::assemble("sync_lda\nload ub_addr=0xffffff\nstore\n", "l.s");
  const LegalityReport report = check_legality(program);
  CHECK(report.legal());
  CHECK(report.fault == isa::Fault::kUbRange);
  CHECK(report.fault_pc == 1);
}

}  // namespace systole::golden
