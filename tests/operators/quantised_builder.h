// SPDX-License-Identifier: Apache-2.0
// What tests build quantised networks from: integers, scales with zero points, and the front half.
#pragma once

#include <string>
#include <vector>

#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {

inline constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8, kUint4 = 21,
                     kInt4 = 22;
inline const std::string kMicrosoft = "com.microsoft";

/// Adds a constant of an integer type.
inline std::string integers(OnnxBuilder& b, const std::string& name, int type, const Dims& dims,
                            const std::vector<int>& values) {
  onnx::TensorProto* t = b.graph().add_initializer();
  t->set_name(name);
  t->set_data_type(type);
  for (int64_t d : dims) t->add_dims(d);
  if (type != kInt4 && type != kUint4) {
    for (int v : values) t->add_int32_data(v);
    return name;
  }
  std::string packed((values.size() + 1) / 2, '\0');
  for (size_t i = 0; i < values.size(); ++i)
    packed[i / 2] = static_cast<char>(packed[i / 2] | (values[i] & 15) << (i % 2 * 4));
  t->set_raw_data(packed);
  return name;
}

/// A scale and a zero point: the names of both.
inline std::vector<std::string> scheme(OnnxBuilder& b, const std::string& name, float scale,
                                       int type, int zero) {
  b.floats(name + "_s", {}, {scale});
  return {name + "_s", integers(b, name + "_z", type, {}, {zero})};
}

inline void join(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

inline std::vector<std::string> with(std::string first, const std::vector<std::string>& more) {
  std::vector<std::string> all = {std::move(first)};
  join(all, more);
  return all;
}

inline void integer_input(OnnxBuilder& b, const std::string& name, const Dims& dims, int type) {
  b.input(name, dims);
  auto* info = b.graph().mutable_input(b.graph().input_size() - 1);
  info->mutable_type()->mutable_tensor_type()->set_elem_type(type);
}

inline graph::QGraph front(const OnnxBuilder& b, std::vector<std::string>* warnings = nullptr) {
  const ScratchFolder folder;
  pipeline::FrontOptions options;
  options.warnings = warnings;
  return compile_graph(folder.write("net.onnx", b.bytes()), options);
}

inline std::string refusal(const OnnxBuilder& b) {
  try {
    front(b);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace systole::test
