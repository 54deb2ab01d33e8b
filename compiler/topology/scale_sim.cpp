// SPDX-License-Identifier: Apache-2.0
// Finds the columns by the header's names and makes an operator of each line.
#include "compiler/topology/scale_sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "compiler/topology/csv_table.h"
#include "model/arch/error.h"

namespace systole {
namespace {

constexpr int64_t kMaxSize = 65535;  // sizes and kernels as far as operators have fields for them
constexpr int64_t kMaxStep = 255;

enum Column {
  kName,
  kHeight,
  kWidth,
  kFilterHeight,
  kFilterWidth,
  kChannels,
  kFilters,
  kStrides,
  kStrideHeight,
  kStrideWidth,
  kSparsity,
  kM,
  kN,
  kK,
  kColumns
};

/// The header's names, in small letters without blanks, as SCALE-Sim's files write them.
struct ColumnName {
  const char* name;
  Column column;
};
constexpr ColumnName kNames[] = {{"layername", kName},
                                 {"layer", kName},
                                 {"ifmapheight", kHeight},
                                 {"ifmapwidth", kWidth},
                                 {"filterheight", kFilterHeight},
                                 {"filterwidth", kFilterWidth},
                                 {"channels", kChannels},
                                 {"numfilter", kFilters},
                                 {"numfilters", kFilters},
                                 {"strides", kStrides},
                                 {"stride", kStrides},
                                 {"strideheight", kStrideHeight},
                                 {"stridewidth", kStrideWidth},
                                 {"sparsity", kSparsity},
                                 {"m", kM},
                                 {"n", kN},
                                 {"k", kK}};

std::string normalised(const std::string& name) {
  std::string result;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

class TopologyReader {
 public:
  TopologyReader(const std::filesystem::path& csv, int64_t batch)
      : table_(csv), file_(csv.string()) {
    graph_.name = csv.stem().string();
    graph_.batch = batch;
  }

  QGraph read() {
    find_columns();
    for (const CsvTable::Row& row : table_.rows()) {
      if (row.fields.size() > table_.header().size())
        throw Error(fmt::format("{}: the header has {} columns only",
                                table_.place(row.line, table_.header().size()),
                                table_.header().size()));
      read_sparsity(row);
      if (column_[kM])
        add_gemm(row);
      else
        add_convolution(row);
    }
    verify(graph_);
    return std::move(graph_);
  }

 private:
  void find_columns() {
    const auto& header = table_.header();
    for (size_t i = 0; i < header.size(); ++i) {
      const auto known = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& n) {
        return n.name == normalised(header[i]);
      });
      if (known == std::end(kNames))
        throw Error(fmt::format("{}: '{}' is not a column of a SCALE-Sim topology",
                                table_.header_place(i), header[i]));
      if (column_[known->column])
        throw Error(fmt::format("{}: '{}' stands there twice", table_.header_place(i), header[i]));
      column_[known->column] = i;
    }
    if (column_[kM] || column_[kN] || column_[kK]) {
      expect_columns({kName, kM, kN, kK}, "Layer, M, N, K");
    } else {
      const bool two = column_[kStrideHeight] || column_[kStrideWidth];
      const char* form =
          "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
          "Filter, Strides";
      expect_columns({kName, kHeight, kWidth, kFilterHeight, kFilterWidth, kChannels, kFilters},
                     form);
      if (two)
        expect_columns({kStrideHeight, kStrideWidth}, form);
      else
        expect_columns({kStrides}, form);
    }
  }

  void expect_columns(std::initializer_list<Column> columns, const char* form) const {
    for (const Column column : columns)
      if (!column_[column])
        throw Error(fmt::format("{}:1: the header lacks a column, expected {}", file_, form));
  }

  int64_t number(const CsvTable::Row& row, Column column, int64_t max) const {
    return table_.integer(row, *column_[column], 1, max);
  }

  std::string name(const CsvTable::Row& row) const {
    const std::string& text = row.fields.at(*column_[kName]);
    return text.empty() ? fmt::format("line {}", row.line) : text;
  }

  /// N:M of SCALE-Sim v3: of M weights N are kept.
  void read_sparsity(const CsvTable::Row& row) {
    kept_ = of_ = 1;
    if (!column_[kSparsity] || *column_[kSparsity] >= row.fields.size()) return;
    const std::string& text = row.fields[*column_[kSparsity]];
    int kept = 0, of = 0, length = 0;
    if (std::sscanf(text.c_str(), "%d:%d%n", &kept, &of, &length) != 2 ||
        static_cast<size_t>(length) != text.size() || kept < 1 || kept > of)
      throw Error(fmt::format("{}: '{}', expected a ratio N:M with 1 <= N <= M",
                              table_.place(row.line, *column_[kSparsity]), text));
    kept_ = kept;
    of_ = of;
  }

  /// Weights [out][kh][kw][in] that no format stores shorter than their sparsity lets it: more
  /// values than a codebook has, and zeros for what is pruned only.
  std::vector<int8_t> make_weights(int64_t filters, int64_t kernel, int64_t channels) const {
    constexpr int64_t kMagnitudes = 9;
    std::vector<int8_t> weights(static_cast<size_t>(filters * kernel));
    for (size_t i = 0; i < weights.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      if (at % channels % of_ >= kept_) continue;
      const auto magnitude = static_cast<int8_t>(1 + at % kMagnitudes);
      weights[i] = at / kMagnitudes % 2 == 0 ? magnitude : static_cast<int8_t>(-magnitude);
    }
    return weights;
  }

  void add_convolution(const CsvTable::Row& row) {
    QTensor in;
    in.h = number(row, kHeight, kMaxSize);
    in.w = number(row, kWidth, kMaxSize);
    QConv conv;
    conv.kh = number(row, kFilterHeight, kMaxStep);
    conv.kw = number(row, kFilterWidth, kMaxStep);
    in.c = number(row, kChannels, kMaxSize);
    const int64_t filters = number(row, kFilters, kMaxSize);
    conv.stride_h = number(row, column_[kStrides] ? kStrides : kStrideHeight, kMaxStep);
    conv.stride_w = number(row, column_[kStrides] ? kStrides : kStrideWidth, kMaxStep);
    expect_fits(row, kFilterHeight, conv.kh, in.h);
    expect_fits(row, kFilterWidth, conv.kw, in.w);
    // SCALE-Sim's output is rounded up: the last window may reach beyond the input.
    conv.pad_bottom = overhang(in.h, conv.kh, conv.stride_h);
    conv.pad_right = overhang(in.w, conv.kw, conv.stride_w);
    const std::string kind = fmt::format("conv {}x{}/{}", conv.kh, conv.kw, conv.stride_h);
    if (row.fields[*column_[kName]].find("DP") == std::string::npos)
      return add_op(name(row), kind, in, conv, filters);
    // Its mark of a depthwise convolution: each channel is a layer of its own.
    const int64_t channels = in.c;
    in.c = 1;
    for (int64_t c = 0; c < channels; ++c)
      add_op(fmt::format("{}Channel_{}", name(row), c), kind, in, conv, filters);
  }

  void add_gemm(const CsvTable::Row& row) {
    QTensor in;
    in.h = number(row, kM, kMaxSize);
    const int64_t filters = number(row, kN, kMaxSize);
    in.c = number(row, kK, kMaxSize);
    add_op(name(row), "gemm", in, {}, filters);
  }

  void expect_fits(const CsvTable::Row& row, Column column, int64_t kernel, int64_t size) const {
    if (kernel > size)
      throw Error(fmt::format("{}: {} is larger than the input's {}",
                              table_.place(row.line, *column_[column]), kernel, size));
  }

  static int64_t overhang(int64_t size, int64_t kernel, int64_t stride) {
    const int64_t rest = (size - kernel) % stride;
    return rest == 0 ? 0 : stride - rest;
  }

  void add_op(const std::string& layer, const std::string& kind, QTensor in, QConv conv,
              int64_t filters) {
    QTensor out;
    in.n = out.n = graph_.batch;
    out.h = (in.h + conv.pad_bottom - conv.kh) / conv.stride_h + 1;
    out.w = (in.w + conv.pad_right - conv.kw) / conv.stride_w + 1;
    out.c = filters;
    in.name = layer + ".in";
    out.name = layer + ".out";
    in.onnx_shape = {in.n, in.c, in.h, in.w};
    out.onnx_shape = {out.n, out.c, out.h, out.w};
    conv.in = static_cast<TensorId>(graph_.tensors.size());
    conv.out = conv.in + 1;
    const int64_t kernel = conv.kh * conv.kw * in.c;
    conv.weights = make_weights(filters, kernel, in.c);
    conv.post.bias.assign(static_cast<size_t>(filters), 0);
    conv.post.scale.assign(static_cast<size_t>(filters), 1.0f);
    QOp op;
    op.name = layer;
    op.kind = kind;
    op.dense_macs = out.n * out.h * out.w * out.c * kernel;
    op.conv = std::move(conv);
    graph_.inputs.push_back(op.conv.in);
    graph_.outputs.push_back(op.conv.out);
    graph_.tensors.push_back(std::move(in));
    graph_.tensors.push_back(std::move(out));
    graph_.ops.push_back(std::move(op));
  }

  const CsvTable table_;
  const std::string file_;
  int64_t kept_ = 1, of_ = 1;  ///< of the line's weights
  std::array<std::optional<size_t>, kColumns> column_;
  QGraph graph_;
};

}  // namespace

QGraph load_topology(const std::filesystem::path& csv, int64_t batch) {
  return TopologyReader(csv, batch).read();
}

}  // namespace systole
