// SPDX-License-Identifier: Apache-2.0
// Converts the parts of a program to JSON and back, with checks.
#include "model/program/program_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/arch/geometry.h"
#include "model/base/error.h"

namespace systole::program {
namespace {

using nlohmann::json;

constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();
constexpr int64_t kAddressSpace = int64_t{1} << 32;

const json& member(const json& object, const std::string& key) {
  if (!object.is_object()) throw Error("expected an object with key '" + key + "'");
  const auto it = object.find(key);
  if (it == object.end()) throw Error("key '" + key + "' is missing");
  return *it;
}

void allow_keys(const json& object, std::initializer_list<const char*> keys) {
  for (const auto& [key, value] : object.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw Error("key '" + key + "' is unknown");
}

std::vector<int64_t> shape_from(const json& object, const std::string& key) {
  const json& list = member(object, key);
  if (!list.is_array()) throw Error("key '" + key + "' is not a list");
  std::vector<int64_t> shape;
  for (const json& entry : list) {
    if (!entry.is_number_integer() || entry < 1 || entry > kAddressSpace)
      throw Error(fmt::format("key '{}': {} is not a size in 1..2^32", key, entry.dump()));
    shape.push_back(entry.get<int64_t>());
  }
  return shape;
}

}  // namespace

int64_t json_integer(const json& object, const std::string& key, int64_t min, int64_t max) {
  const json& value = member(object, key);
  if (!value.is_number_integer() || value < min || value > max)
    throw Error(
        fmt::format("key '{}': {} is not an integer in {}..{}", key, value.dump(), min, max));
  return value.get<int64_t>();
}

std::string json_string(const json& object, const std::string& key) {
  const json& value = member(object, key);
  if (!value.is_string()) throw Error(fmt::format("key '{}': {} is not a text", key, value.dump()));
  return value.get<std::string>();
}

json to_json(const isa::HwParams& hw) {
  json object = json::object();
  for (const isa::HwParamInfo& param : isa::kHwParams) object[param.key] = hw.*param.member;
  return object;
}

isa::HwParams hw_from_json(const json& object) {
  isa::HwParams hw;
  for (const isa::HwParamInfo& param : isa::kHwParams)
    hw.*param.member = static_cast<int>(json_integer(object, param.key, param.min, param.max));
  if (object.size() != isa::kHwParams.size())
    throw Error(
        fmt::format("{} hardware parameters, expected {}", object.size(), isa::kHwParams.size()));
  return hw;
}

json to_json(const TensorInfo& t) {
  json object = {{"name", t.name},   {"addr", t.addr},
                 {"shape", t.shape}, {"onnx_shape", t.onnx_shape},
                 {"scale", t.scale}, {"zero_point", t.zero_point}};
  if (t.channels_last) object["channels_last"] = true;
  if (!t.channel_scale.empty()) object["channel_scale"] = t.channel_scale;
  for (const ElementLoop& loop : t.order) object["order"].push_back({loop.count, loop.stride});
  return object;
}

/// Loops that visit every element of an item of `t` once.
std::vector<ElementLoop> order_from(const json& list, const TensorInfo& t) {
  std::vector<ElementLoop> order;
  int64_t elements = 1, last = 0, count = 1;
  for (size_t d = 1; d < t.shape.size() && elements < (kAddressSpace >> 2); ++d)
    elements *= t.shape[d];
  const auto fail = [&] {
    throw Error(fmt::format("key 'order': {} are no loops over the {} elements of an item",
                            list.dump(), elements));
  };
  if (!list.is_array() || list.empty()) fail();
  for (const json& loop : list) {
    const bool pair = loop.is_array() && loop.size() == 2 && loop[0].is_number_integer() &&
                      loop[1].is_number_integer();
    if (!pair) fail();
    order.push_back({loop[0].get<int64_t>(), loop[1].get<int64_t>()});
    const ElementLoop& l = order.back();
    if (l.count < 1 || l.count > elements / count || l.stride < 0 || l.stride > elements) fail();
    count *= l.count;
    last += (l.count - 1) * l.stride;
  }
  if (count != elements || last != elements - 1) fail();
  return order;
}

TensorInfo tensor_from_json(const json& object) {
  TensorInfo t;
  t.name = json_string(object, "name");
  t.addr = static_cast<uint32_t>(json_integer(object, "addr", 0, kAddressSpace - 1));
  t.shape = shape_from(object, "shape");
  t.onnx_shape = shape_from(object, "onnx_shape");
  const json& scale = member(object, "scale");
  if (!scale.is_number()) throw Error(fmt::format("key 'scale': {} is not a number", scale.dump()));
  t.scale = scale.get<float>();
  t.zero_point = static_cast<int>(json_integer(object, "zero_point", -128, 127));
  if (const auto last = object.find("channels_last"); last != object.end()) {
    if (!last->is_boolean())
      throw Error(fmt::format("key 'channels_last': {} is not true or false", last->dump()));
    t.channels_last = last->get<bool>();
  }
  if (const auto scales = object.find("channel_scale"); scales != object.end()) {
    const bool numbers =
        scales->is_array() && !scales->empty() &&
        std::all_of(scales->begin(), scales->end(), [](const json& s) { return s.is_number(); });
    if (!numbers)
      throw Error(fmt::format("key 'channel_scale': {} is no list of numbers", scales->dump()));
    t.channel_scale = scales->get<std::vector<float>>();
  }
  if (const auto order = object.find("order"); order != object.end())
    t.order = order_from(*order, t);
  allow_keys(object, {"name", "addr", "shape", "onnx_shape", "scale", "zero_point", "channels_last",
                      "channel_scale", "order"});
  return t;
}

json to_json(const LayerInfo& l) {
  return {{"tag", l.tag},
          {"name", l.name},
          {"op", l.op},
          {"useful_macs", l.useful_macs},
          {"dense_macs", l.dense_macs},
          {"mac_bits", l.mac_bits},
          {"mxu_bound", l.mxu_bound},
          {"vpu_bound", l.vpu_bound},
          {"mxu_reference", l.mxu_reference},
          {"vpu_reference", l.vpu_reference},
          {"weight_bytes", l.weight_bytes},
          {"input_bytes", l.input_bytes},
          {"output_bytes", l.output_bytes},
          {"least_bytes", l.least_bytes}};
}

LayerInfo layer_from_json(const json& object) {
  LayerInfo l;
  l.tag = static_cast<uint16_t>(json_integer(object, "tag", 0, 65535));
  l.name = json_string(object, "name");
  l.op = json_string(object, "op");
  l.useful_macs = json_integer(object, "useful_macs", 0, kMaxInt);
  l.dense_macs = json_integer(object, "dense_macs", 0, kMaxInt);
  if (object.contains("mac_bits"))
    l.mac_bits = static_cast<int>(json_integer(object, "mac_bits", 1, 8));
  l.mxu_bound = json_integer(object, "mxu_bound", 0, kMaxInt);
  l.vpu_bound = json_integer(object, "vpu_bound", 0, kMaxInt);
  l.mxu_reference = l.mxu_bound, l.vpu_reference = l.vpu_bound;
  if (object.contains("mxu_reference"))
    l.mxu_reference = json_integer(object, "mxu_reference", 0, kMaxInt);
  if (object.contains("vpu_reference"))
    l.vpu_reference = json_integer(object, "vpu_reference", 0, kMaxInt);
  l.weight_bytes = json_integer(object, "weight_bytes", 0, kMaxInt);
  l.input_bytes = json_integer(object, "input_bytes", 0, kMaxInt);
  l.output_bytes = json_integer(object, "output_bytes", 0, kMaxInt);
  l.least_bytes = json_integer(object, "least_bytes", 0, kMaxInt);
  allow_keys(object, {"tag", "name", "op", "useful_macs", "dense_macs", "mac_bits", "mxu_bound",
                      "vpu_bound", "mxu_reference", "vpu_reference", "weight_bytes", "input_bytes",
                      "output_bytes", "least_bytes"});
  return l;
}

json to_json(const HostStep& s) { return {{"op", s.op}, {"tensor", s.tensor}, {"axis", s.axis}}; }

HostStep host_step_from_json(const json& object) {
  HostStep s;
  s.op = json_string(object, "op");
  s.tensor = json_string(object, "tensor");
  s.axis = json_integer(object, "axis", -64, 64);
  allow_keys(object, {"op", "tensor", "axis"});
  return s;
}

namespace {

void check_tensor(const TensorInfo& tensor, const char* role, uint64_t dram_bytes) {
  uint64_t bytes = 1;
  for (const int64_t size : tensor.shape) {
    if (size < 1 || static_cast<uint64_t>(size) > dram_bytes / bytes)
      throw Error(fmt::format("{} '{}' does not fit into the {} bytes of dram", role, tensor.name,
                              dram_bytes));
    bytes *= static_cast<uint64_t>(size);
  }
  if (tensor.shape.size() != 4)
    throw Error(fmt::format("{} '{}' has {} dimensions, expected n, h, w, c", role, tensor.name,
                            tensor.shape.size()));
  if (!tensor.channel_scale.empty()) {
    if (static_cast<int64_t>(tensor.channel_scale.size()) != tensor.shape[3])
      throw Error(fmt::format("{} '{}' has {} scales for {} channels", role, tensor.name,
                              tensor.channel_scale.size(), tensor.shape[3]));
    bytes *= 4;
  }
  if (tensor.addr + bytes > dram_bytes)
    throw Error(fmt::format("{} '{}' does not fit into the {} bytes of dram", role, tensor.name,
                            dram_bytes));
  if (!std::isfinite(tensor.scale) || tensor.scale <= 0)
    throw Error(fmt::format("{} '{}' has scale {}, expected a positive number", role, tensor.name,
                            tensor.scale));
}

}  // namespace

void check_structure(const Program& program) {
  if (const std::string reason = arch::check_params(program.hw); !reason.empty())
    throw Error(reason);
  if (program.dram_bytes > uint64_t{1} << 32)
    throw Error(fmt::format("{} bytes of dram, expected at most 2^32", program.dram_bytes));
  if (program.code_addr % isa::kInstructionBytes != 0)
    throw Error(fmt::format("code at {:#x}, expected a multiple of {}", program.code_addr,
                            isa::kInstructionBytes));
  if (program.batch < 1) throw Error(fmt::format("batch {}, expected at least 1", program.batch));
  if (program.repeat < 1 || program.batch % program.repeat != 0)
    throw Error(fmt::format("{} repetitions of batches of {} items together", program.repeat,
                            program.batch));
  struct Piece {
    uint64_t begin, end;
    std::string name;
  };
  std::vector<Piece> pieces{
      {program.code_addr,
       program.code_addr + uint64_t{program.code.size()} * isa::kInstructionBytes, "the code"}};
  for (const Segment& segment : program.segments)
    pieces.push_back(
        {segment.addr, segment.addr + segment.bytes.size(), "segment '" + segment.name + "'"});
  std::erase_if(pieces, [](const Piece& piece) { return piece.begin == piece.end; });
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].end > program.dram_bytes)
      throw Error(fmt::format("{} ends at {:#x}, beyond the {} bytes of dram", pieces[i].name,
                              pieces[i].end, program.dram_bytes));
    if (i > 0 && pieces[i].begin < pieces[i - 1].end)
      throw Error(fmt::format("{} and {} overlap at {:#x}", pieces[i - 1].name, pieces[i].name,
                              pieces[i].begin));
  }
  for (const TensorInfo& tensor : program.inputs) check_tensor(tensor, "input", program.dram_bytes);
  for (const TensorInfo& tensor : program.outputs)
    check_tensor(tensor, "output", program.dram_bytes);
}

}  // namespace systole::program
