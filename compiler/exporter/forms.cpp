// SPDX-License-Identifier: Apache-2.0
// Dimensions by form.
#include "compiler/exporter/forms.h"

#include "model/base/error.h"

namespace systole::exporter {

std::optional<Form> stated_form(const graph::Value& value) {
  const std::vector<int64_t>& dims = value.onnx_shape;
  if (!value.order.empty() || dims.size() < 2 || dims.size() > 4) return std::nullopt;
  const bool last = value.channels_last;
  const Form form = dims.size() == 2   ? Form::kFeatures
                    : dims.size() == 3 ? (last ? Form::kLineLast : Form::kLine)
                                       : (last ? Form::kMapLast : Form::kMap);
  const bool as_stored = !(last && dims.size() == 2 && value.shape.h * value.shape.w > 1);
  return as_stored && dims == dims_of(value.shape, form, dims[0]) ? std::optional(form)
                                                                  : std::nullopt;
}

std::vector<int64_t> dims_of(const graph::Chw& shape, Form form, int64_t batch) {
  switch (form) {
    case Form::kMap:
      return {batch, shape.c, shape.h, shape.w};
    case Form::kFeatures:
      return {batch, shape.elements()};
    case Form::kLine:
      return {batch, shape.c, shape.w};
    case Form::kMapLast:
      return {batch, shape.h, shape.w, shape.c};
    case Form::kLineLast:
      return {batch, shape.w, shape.c};
  }
  throw internal_error("a form that has no dimensions");
}

int64_t dimension_of(graph::Axis axis, Form form) {
  const bool last = form == Form::kMapLast || form == Form::kLineLast;
  const bool line = form == Form::kLine || form == Form::kLineLast;
  switch (axis) {
    case graph::Axis::kChannel:
      return !last ? 1 : line ? 2 : 3;
    case graph::Axis::kRow:
      return last ? 1 : 2;
    case graph::Axis::kColumn:
      return last ? (line ? 1 : 2) : (line ? 2 : 3);
  }
  throw internal_error("an axis that has no dimension");
}

}  // namespace systole::exporter
