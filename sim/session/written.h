// SPDX-License-Identifier: Apache-2.0
// A network as it will run, as ONNX, and the masks beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/pipeline/quantised_file.h"
#include "sim/session/request.h"
#include "sim/session/watch.h"

namespace systole::session {

inline constexpr int64_t kOldestWrittenOpset = 13, kNewestWrittenOpset = 21;

struct WrittenNetwork {
  pipeline::QuantisedFile file;
  std::vector<std::string> warnings;
  std::string ir;  ///< the text of the network after each pass, if it was asked for
};

/// The front half of compile_network for `arch`, and the file that says what it gives.
/// `most_opset`: the newest that it may have. Throws Error.
WrittenNetwork write_quantised(const NetworkRequest& request, const arch::ArchConfig& arch,
                               int64_t most_opset = kNewestWrittenOpset, bool keep_ir = false,
                               const Watcher& watch = {});

/// What pruning has left, "mask/LAYER" of bools in the shape of the layer's weights, and what codes
/// stand for, "range/TENSOR" of two float32: NumPy's .npz.
std::string masks_npz(const pipeline::QuantisedFile& file);

/// Writes a file through a temporary one beside it. Throws Error naming it.
void save_whole(const std::filesystem::path& file, std::string_view bytes);

}  // namespace systole::session
