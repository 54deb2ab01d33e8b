// SPDX-License-Identifier: Apache-2.0
// A value is there as long as nobody else has written where the instruction that made it put it.
#include "sim/debug/whereabouts.h"

#include <algorithm>

#include "model/golden/instruction.h"

namespace systole::debug {
namespace {

using golden::Storage;

/// What instructions that have not ended write.
class UnderWay {
 public:
  UnderWay(const Moment& moment, Footprints& footprints) {
    for (const core::FrontRegisters& front : moment.registers.fronts)
      for (const core::FlyingInstruction& flying : front.flying) {
        instructions.push_back(flying.pc);
        for (const golden::Access& access : footprints.of(flying.pc))
          if (access.write) accesses_.push_back(access);
      }
    std::sort(accesses_.begin(), accesses_.end(), comes_before);
  }

  /// Two of them never write the same byte.
  bool covers(Storage storage, uint64_t address) const {
    const golden::Access wanted{storage, true, address, address + 1};
    auto next = std::upper_bound(accesses_.begin(), accesses_.end(), wanted, comes_before);
    if (next == accesses_.begin()) return false;
    const golden::Access& last = *std::prev(next);
    return last.storage == storage && last.begin <= address && address < last.end;
  }

  std::vector<uint32_t> instructions;

 private:
  static bool comes_before(const golden::Access& a, const golden::Access& b) {
    return a.storage != b.storage ? a.storage < b.storage : a.begin < b.begin;
  }
  std::vector<golden::Access> accesses_;
};

}  // namespace

Whereabouts::Whereabouts(const program::Program& program, const Tensors& tensors,
                         Footprints& footprints)
    : program_(program), tensors_(tensors), footprints_(footprints), geometry_(program.hw) {}

std::vector<uint32_t>* Whereabouts::writers_in(Storage storage) {
  return storage == Storage::kUb ? &ub_ : storage == Storage::kDram ? &dram_ : nullptr;
}

void Whereabouts::catch_up(const Target& target) {
  const auto& retired = target.retired();
  if (ub_.empty() || followed_ > retired.size()) {
    followed_ = 0;
    ub_.assign(static_cast<size_t>(geometry_.ub_words * geometry_.word_bytes), kNobody);
    size_t end = 0;
    for (const program::MappedTensor& t : tensors_.map().tensors)
      if (t.in_dram)
        end = std::max(end, t.info.addr + static_cast<size_t>(t.repetition_bytes()) *
                                              static_cast<size_t>(t.apart ? t.repetitions : 1));
    dram_.assign(end, kNobody);
  }
  for (; followed_ < retired.size(); ++followed_) {
    const uint32_t pc = retired[followed_].pc;
    for (const golden::Access& access : footprints_.of(pc)) {
      std::vector<uint32_t>* writers = access.write ? writers_in(access.storage) : nullptr;
      if (writers == nullptr) continue;
      const uint64_t end = std::min<uint64_t>(access.end, writers->size());
      for (uint64_t at = access.begin; at < end; ++at) (*writers)[at] = pc;
    }
  }
}

uint32_t Whereabouts::last_writer(Storage storage, uint64_t address) const {
  const std::vector<uint32_t>& writers = storage == Storage::kUb ? ub_ : dram_;
  return address < writers.size() ? writers[address] : kNobody;
}

/// The vector unit's results, pixel by pixel.
void Whereabouts::vector_made(uint32_t pc, const SeeByte& f) const {
  const program::MadeValues& made = tensors_.map().made[pc];
  const auto op = isa::Vector::decode(program_.code[pc]);
  const int64_t each = int64_t{1} << op.dst_narrow;
  const int64_t bytes = (int64_t{op.lanes_m1} + each) / each;
  const int64_t lane = int64_t{op.dst_slice} * geometry_.cols / each;
  for (int64_t b = 0; b < op.n; ++b)
    for (int64_t i = 0; i < op.oh; ++i)
      for (int64_t j = 0; j < op.ow; ++j) {
        const int64_t word =
            op.dst_addr + b * op.dst_stride0 + i * op.dst_stride1 + j * op.dst_stride2;
        const int64_t first = tensors_.map().storage_byte(
            static_cast<size_t>(made.tensor), made.n + b, made.h + i, made.w + j, made.byte);
        for (int64_t k = 0; k < bytes; ++k)
          f(first + k, Storage::kUb, static_cast<uint64_t>(word * geometry_.word_bytes + lane + k));
      }
}

void Whereabouts::for_each_made(uint32_t pc, const SeeByte& f) {
  if (!tensors_.knows_makers() || pc >= program_.code.size()) return;
  const program::MadeValues& made = tensors_.map().made[pc];
  if (made.tensor < 0) return;
  const auto opcode = static_cast<isa::Opcode>(isa::Header::decode(program_.code[pc]).opcode);
  if (opcode == isa::Opcode::kVector) return vector_made(pc, f);
  const program::MappedTensor& t = tensors_.at(static_cast<size_t>(made.tensor));
  for (const golden::Access& access : footprints_.of(pc)) {
    if (!access.write || access.storage != Storage::kDram) continue;
    for (uint64_t at = access.begin; at < access.end; ++at)
      if (const auto byte = tensors_.map().byte_at(t.storage, at, made.n / t.bytes[0]))
        f(*byte, Storage::kDram, at);
  }
}

std::vector<Standing> Whereabouts::bytes_of(size_t storage, const Target& target) {
  const program::MappedTensor& tensor = tensors_.at(storage);
  const auto size = static_cast<size_t>(tensor.repetition_bytes() * tensor.repetitions);
  std::vector<Standing> stored(size);
  if (tensor.role == program::MappedTensor::Role::kInput || !tensors_.knows_makers()) {
    for (size_t byte = 0; byte < size; ++byte)
      stored[byte] = {Presence::kThere, Storage::kDram,
                      tensors_.map().dram_address(storage, static_cast<int64_t>(byte)), kNobody};
    return stored;
  }
  catch_up(target);
  const UnderWay under_way(target.now(), footprints_);
  std::vector<Standing> held(size);
  const auto is_of_storage = [&](uint32_t pc) {
    if (pc >= program_.code.size()) return false;
    const int32_t made = tensors_.map().made[pc].tensor;
    return made >= 0 && tensors_.at(static_cast<size_t>(made)).storage == storage;
  };
  for (const core::RetireEvent& event : target.retired())
    if (is_of_storage(event.pc))
      for_each_made(event.pc, [&](int64_t byte, Storage to, uint64_t address) {
        (to == Storage::kDram ? stored : held)[static_cast<size_t>(byte)] = {Presence::kGone, to,
                                                                             address, event.pc};
      });
  const auto settle = [&](Standing& one) {
    if (one.presence == Presence::kGone && last_writer(one.storage, one.address) == one.pc &&
        !under_way.covers(one.storage, one.address))
      one.presence = Presence::kThere;
  };
  for (size_t byte = 0; byte < size; ++byte) {
    settle(stored[byte]);
    settle(held[byte]);
    const bool prefers_held =
        stored[byte].presence != Presence::kThere && held[byte].presence != Presence::kNotYet;
    if (prefers_held) stored[byte] = held[byte];
  }
  for (const uint32_t pc : under_way.instructions)
    if (is_of_storage(pc))
      for_each_made(pc, [&](int64_t byte, Storage to, uint64_t address) {
        Standing& one = stored[static_cast<size_t>(byte)];
        if (one.presence != Presence::kThere) one = {Presence::kUnderWay, to, address, pc};
      });
  return stored;
}

Standing Whereabouts::of_value(size_t tensor, int64_t index,
                               const std::vector<Standing>& bytes) const {
  const int64_t first = tensors_.byte_of(tensor, index);
  for (int64_t part = 1; part < tensors_.parts(tensor); ++part) {
    const Standing& one = bytes[static_cast<size_t>(tensors_.byte_of(tensor, index, part))];
    if (one.presence != Presence::kThere) return one;
  }
  return bytes[static_cast<size_t>(first)];
}

std::vector<uint32_t> Whereabouts::makers(size_t storage, const std::vector<int64_t>& bytes) {
  const program::TensorMap& map = tensors_.map();
  const Storage home = tensors_.at(storage).in_dram ? Storage::kDram : Storage::kUb;
  std::vector<uint32_t> found;
  for (uint32_t pc = 0; pc < map.made.size(); ++pc) {
    const int32_t made = map.made[pc].tensor;
    if (made < 0 || map.tensors[static_cast<size_t>(made)].storage != storage) continue;
    bool makes = false;
    for_each_made(pc, [&](int64_t byte, Storage to, uint64_t) {
      makes = makes || (to == home && std::binary_search(bytes.begin(), bytes.end(), byte));
    });
    if (makes) found.push_back(pc);
  }
  return found;
}

}  // namespace systole::debug
