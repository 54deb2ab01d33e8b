// SPDX-License-Identifier: Apache-2.0
// Writes what compiling gives.
#include "sim/session/written.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "model/base/error.h"
#include "sim/numpy/npy_writer.h"
#include "sim/numpy/npz_writer.h"
#include "sim/session/compile.h"

namespace systole::session {

WrittenNetwork write_quantised(const NetworkRequest& request, const arch::ArchConfig& arch,
                               int64_t most_opset, bool keep_ir, const Watcher& watch) {
  WrittenNetwork result;
  with_front_options(request, arch, keep_ir ? &result.ir : nullptr, result.warnings, watch,
                     [&](const pipeline::FrontOptions& front) {
                       result.file = pipeline::write_quantised(request.network, front, most_opset);
                     });
  return result;
}

std::string masks_npz(const pipeline::QuantisedFile& file) {
  numpy::NpzWriter npz;
  for (const pipeline::LayerMask& mask : file.masks)
    npz.add("mask/" + mask.layer, numpy::to_npy_bool(mask.values, mask.dims));
  for (const pipeline::TensorRange& range : file.ranges)
    npz.add("range/" + range.tensor, numpy::to_npy(std::vector<float>{range.lo, range.hi}, {2}));
  return std::move(npz).finish();
}

void save_whole(const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path temporary = file.string() + ".unfinished";
  std::ofstream stream(temporary, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  std::error_code error;
  if (stream.good()) std::filesystem::rename(temporary, file, error);
  if (stream.good() && !error) return;
  std::filesystem::remove(temporary, error);
  throw Error(fmt::format("{}: cannot be written", file.string()));
}

}  // namespace systole::session
