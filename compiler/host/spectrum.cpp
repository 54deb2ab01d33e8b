// SPDX-License-Identifier: Apache-2.0
// Fourier transforms and determinants on the host.
#include <Eigen/Core>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

using Spectrum = std::vector<std::complex<double>>;

/// The first `count` bins of the transform of `signal`.
Spectrum transformed(const Spectrum& signal, int64_t count, bool inverse) {
  const auto size = static_cast<double>(signal.size());
  const double turn = (inverse ? 2 : -2) * std::numbers::pi / size;
  Spectrum bins(static_cast<size_t>(count));
  for (size_t k = 0; k < bins.size(); ++k) {
    for (size_t i = 0; i < signal.size(); ++i)
      bins[k] += signal[i] * std::polar(1.0, turn * static_cast<double>(k * i % signal.size()));
    if (inverse) bins[k] /= size;
  }
  return bins;
}

HostResults dft(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const int64_t rank = call.rank(0);
  if (rank < 2) throw Error("expected a signal of real or complex numbers");
  const std::vector<int64_t> axis_given = call.context.opset < 20
                                              ? std::vector{call.attribute("axis", 1)}
                                          : call.has(2) ? call.ints(2, "axis", {})
                                                        : std::vector<int64_t>{-2};
  if (axis_given.size() != 1) throw Error("axis is not one integer");
  const auto axis = static_cast<size_t>(values::normalise_axis(axis_given[0], rank));
  const int64_t parts = in.dims.back(), size = in.dims[axis];
  if (parts < 1 || parts > 2 || axis + 1 == in.dims.size())
    throw Error("expected a signal of real or complex numbers");
  const std::vector<int64_t> length =
      call.has(1) ? call.ints(1, "dft_length", {}) : values::Dims{size};
  if (length.size() != 1 || length[0] < 1) throw Error("dft_length is not one positive integer");
  const bool inverse = call.attribute("inverse", 0) != 0;
  const int64_t bins = call.attribute("onesided", 0) != 0 ? length[0] / 2 + 1 : length[0];
  values::Dims dims = in.dims;
  dims[axis] = bins;
  dims.back() = 2;
  values::Literal result = zeros(dims, true);
  values::Dims lines = in.dims;
  lines[axis] = lines.back() = 1;
  const values::Dims from = dense_strides(in.dims), to = dense_strides(dims);
  walk<2>(lines, {from, to}, {0, 0}, [&](const auto& p) {
    Spectrum signal(static_cast<size_t>(length[0]));
    for (int64_t i = 0; i < std::min(size, length[0]); ++i) {
      const auto at = static_cast<size_t>(p[0] + i * from[axis]);
      signal[static_cast<size_t>(i)] = {in.floats[at], parts == 2 ? in.floats[at + 1] : 0.0f};
    }
    const Spectrum made = transformed(signal, bins, inverse);
    for (int64_t k = 0; k < bins; ++k) {
      const auto at = static_cast<size_t>(p[1] + k * to[axis]);
      result.floats[at] = static_cast<float>(made[static_cast<size_t>(k)].real());
      result.floats[at + 1] = static_cast<float>(made[static_cast<size_t>(k)].imag());
    }
  });
  return {std::move(result)};
}

/// Transforms of windows that slide over [batch, length, 1 or 2].
HostResults stft(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const std::vector<int64_t> step = call.ints(1, "frame_step", {});
  if (in.dims.size() < 2 || step.size() != 1 || step[0] < 1) throw Error("frames do not fit");
  const int64_t parts = in.dims.size() == 3 ? in.dims[2] : 1, length = in.dims[1];
  int64_t frame = call.has(2) ? call.at(2).size() : length;
  if (call.has(3)) frame = call.ints(3, "frame_length", {}).at(0);
  if (frame < 1 || frame > length || (call.has(2) && call.floats(2).size() != frame))
    throw Error("frames do not fit");
  const int64_t frames = (length - frame) / step[0] + 1;
  const int64_t bins = call.attribute("onesided", 1) != 0 ? frame / 2 + 1 : frame;
  values::Literal result = zeros({in.dims[0], frames, bins, 2}, true);
  size_t to = 0;
  for (int64_t b = 0; b < in.dims[0]; ++b) {
    for (int64_t f = 0; f < frames; ++f) {
      Spectrum signal(static_cast<size_t>(frame));
      for (int64_t i = 0; i < frame; ++i) {
        const auto at = static_cast<size_t>((b * length + f * step[0] + i) * parts);
        const double window = call.has(2) ? call.at(2).floats[static_cast<size_t>(i)] : 1.0;
        signal[static_cast<size_t>(i)] = {in.floats[at] * window,
                                          parts == 2 ? in.floats[at + 1] * window : 0.0};
      }
      for (const auto& bin : transformed(signal, bins, false)) {
        result.floats[to++] = static_cast<float>(bin.real());
        result.floats[to++] = static_cast<float>(bin.imag());
      }
    }
  }
  return {std::move(result)};
}

HostResults determinant(const HostCall& call) {
  using Square = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const values::Literal& in = call.floats(0);
  const size_t rank = in.dims.size();
  if (rank < 2 || in.dims[rank - 1] != in.dims[rank - 2]) throw Error("expected square matrices");
  const int64_t n = in.dims.back();
  values::Literal result = zeros({in.dims.begin(), in.dims.end() - 2}, true);
  for (size_t i = 0; i < result.floats.size(); ++i)
    result.floats[i] = static_cast<float>(
        Eigen::Map<const Square>(in.floats.data() + static_cast<int64_t>(i) * n * n, n, n)
            .cast<double>()
            .eval()
            .determinant());
  return {std::move(result)};
}

}  // namespace

void add_spectrum_host_operators(HostOperators& table) {
  table["DFT"] = dft;
  table["STFT"] = stft;
  table["Det"] = determinant;
}

}  // namespace systole::host
