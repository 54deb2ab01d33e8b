/* SPDX-License-Identifier: Apache-2.0 */
/* Signals in words that a waveform has beside those of the RTL: scope `story`. */
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "rtl_api.h"
#include "verilated_fst_c.h"

namespace systole::verilated {

/// Declares and writes the signals of a WaveStory; their values follow from the pins of the core.
class Story {
 public:
  /// Before the waveform is opened; `pins` are filled by then, both outlive it.
  void attach(VerilatedFst* trace, const WaveStory* story, const RtlPins* pins) {
    story_ = story;
    pins_ = pins;
    trace->addInitCb(&Story::declare, this);
    trace->addFullCb(&Story::write_all, this);
    trace->addChgCb(&Story::write_changes, this);
  }

 private:
  using Buffer = VerilatedFst::Buffer;
  enum class Kind { kCause, kOpcode, kLayer, kRead, kWrite };
  struct Signal {
    Kind kind;
    uint32_t unit, code;
    int bits;
  };

  /// A signal that is an enumeration of `texts`.
  void add(VerilatedFst* trace, const std::string& name, Kind kind, uint32_t unit,
           const WaveTexts& texts, uint32_t& code) {
    int bits = 1;
    while (texts.count > 1u << bits) ++bits;
    std::vector<std::string> values(texts.count);
    std::vector<const char*> value_texts(texts.count);
    std::vector<const char*> names(texts.texts, texts.texts + texts.count);
    for (uint32_t i = 0; i < texts.count; ++i) {
      for (int bit = bits - 1; bit >= 0; --bit) values[i] += (i >> bit & 1) != 0 ? '1' : '0';
      value_texts[i] = values[i].c_str();
    }
    constexpr int kOwnTypes = 1 << 20;  // the RTL's enumerations count from 1
    const int type = kOwnTypes + static_cast<int>(signals_.size());
    std::string type_name = "story." + name;  // a blank would end it
    std::replace(type_name.begin(), type_name.end(), ' ', '.');
    trace->declDTypeEnum(type, type_name.c_str(), texts.count, static_cast<unsigned>(bits),
                         names.data(), value_texts.data());
    trace->declBus(code, ("story " + name).c_str(), type, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, false,
                   -1, bits - 1, 0);
    signals_.push_back({kind, unit, code++, bits});
  }

  static void declare(void* self, VerilatedFst* trace, uint32_t code) {
    Story& story = *static_cast<Story*>(self);
    const WaveStory& s = *story.story_;
    story.signals_.clear();
    for (uint32_t unit = 0; unit < s.units.count; ++unit) {
      const std::string scope = s.units.texts[unit];
      story.add(trace, scope + " cause", Kind::kCause, unit, s.causes, code);
      story.add(trace, scope + " layer", Kind::kLayer, unit, s.layers, code);
      story.add(trace, scope + " opcode", Kind::kOpcode, unit, s.opcodes, code);
    }
    story.add(trace, "dram reads", Kind::kRead, 0, s.tensors, code);
    story.add(trace, "dram writes", Kind::kWrite, 0, s.tensors, code);
  }

  /// The newest instruction of a unit; null if it had none yet.
  const WaveInstruction* newest(uint32_t unit) const {
    uint32_t pc = 0;
    std::memcpy(&pc, pins_->unit_pc + 4 * unit, 4);
    if (pc >= story_->code_size) return nullptr;
    const WaveInstruction& instruction = story_->code[pc];
    return unit == 0 || instruction.unit == unit ? &instruction : nullptr;
  }

  /// The number of the range of DRAM that holds `addr`.
  uint32_t tensor_at(uint32_t addr) const {
    for (uint32_t i = 0; i < story_->ranges_count; ++i)
      if (addr >= story_->ranges[i].from && addr < story_->ranges[i].to)
        return story_->ranges[i].text;
    return 0;
  }

  uint32_t value(const Signal& signal) const {
    const WaveInstruction* instruction = newest(signal.unit);
    switch (signal.kind) {
      case Kind::kCause:
        return *pins_->unit_cause >> (4 * signal.unit) & 15;
      case Kind::kLayer:
        return instruction == nullptr ? 0 : instruction->layer;
      case Kind::kOpcode:
        return instruction == nullptr ? 0 : instruction->opcode;
      case Kind::kRead:
        return *pins_->m_arvalid == 0 ? 0 : tensor_at(*pins_->m_araddr);
      case Kind::kWrite:
        return *pins_->m_awvalid == 0 ? 0 : tensor_at(*pins_->m_awaddr);
    }
    return 0;
  }

  static void write_all(void* self, Buffer* out) {
    const Story& story = *static_cast<Story*>(self);
    for (const Signal& signal : story.signals_)
      out->fullIData(out->oldp(signal.code), story.value(signal), signal.bits);
  }
  static void write_changes(void* self, Buffer* out) {
    const Story& story = *static_cast<Story*>(self);
    for (const Signal& signal : story.signals_)
      out->chgIData(out->oldp(signal.code), story.value(signal), signal.bits);
  }

  const WaveStory* story_ = nullptr;
  const RtlPins* pins_ = nullptr;
  std::vector<Signal> signals_;
};

}  // namespace systole::verilated
