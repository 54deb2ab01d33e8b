// SPDX-License-Identifier: Apache-2.0
// Prints tables of a report.
#include "sim/report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arch/geometry.h"
#include "model/isa/causes.h"
#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

constexpr size_t kOpWidth = 18;

double gb_per_s(double bytes_per_cycle, double clock_mhz) {
  return bytes_per_cycle * clock_mhz / 1e3;
}

/// The bandwidth that a layer reached; "-" where it moved its bytes in cycles of other layers.
std::string bandwidth_text(const LayerReport& layer, const Report& report) {
  if (layer.bytes_per_cycle > report.peak_bytes_per_cycle) return "-";
  return fmt::format("{:.2f}", gb_per_s(layer.bytes_per_cycle, report.clock_mhz));
}

std::string stall_text(const LayerReport& layer) {
  if (layer.stall.cycles == 0) return "none";
  return fmt::format(
      "{} {:.1f} %", layer.stall.name(),
      100.0 * static_cast<double>(layer.stall.cycles) / static_cast<double>(layer.cycles));
}

std::string by_class(const DramBytes& bytes) {
  return fmt::format(
      "weights {}, parameters {}, activations read {} and written {}, instructions {}",
      bytes_text(bytes.weights), bytes_text(bytes.params), bytes_text(bytes.activations_read),
      bytes_text(bytes.activations_written), bytes_text(bytes.instructions));
}

std::string memory_text(const arch::ArchConfig& arch) {
  const arch::MemoryConfig& memory = arch.memory;
  if (memory.kind == "ideal")
    return fmt::format("ideal memory {:.4g} B/cycle ({:.4g} GB/s) after {} cycles",
                       memory.bytes_per_cycle, gb_per_s(memory.bytes_per_cycle, arch.clock_mhz),
                       memory.latency_cycles);
  if (memory.kind == "ddr")
    return fmt::format("{} memory of {} channel{} ({:.4g} GB/s)", memory.ddr.name,
                       memory.ddr.channels, memory.ddr.channels > 1 ? "s" : "",
                       memory.ddr.peak_bytes_per_ns());
  return fmt::format("random test memory (seed {})", memory.seed);
}

std::string memory_lines(const Report& report) {
  const MemoryReport& memory = report.memory;
  std::string text =
      line("bandwidth", fmt::format("{:.4g} GB/s of {:.4g} peak ({:.1f} %)",
                                    gb_per_s(report.bytes_per_cycle, report.clock_mhz),
                                    gb_per_s(report.peak_bytes_per_cycle, report.clock_mhz),
                                    100 * memory.share_of_peak));
  std::string lost = fmt::format("{}: the matrix unit waited for DMA in {:.1f} % of the cycles",
                                 memory.name, 100 * memory.matrix_unit_wait);
  if (memory.has_rows())
    lost += fmt::format(
        "; row-hit rate {:.1f} %, data bus lost {:.1f} % (rows {:.1f}, refresh {:.1f}, turnaround "
        "{:.1f}, bank groups {:.1f})",
        100 * memory.row_hit_rate, 100 * memory.lost(), 100 * memory.lost_rows,
        100 * memory.lost_refresh, 100 * memory.lost_turnaround, 100 * memory.lost_bank_groups);
  return text + line("memory", lost);
}

std::string clock_text(const arch::ArchConfig& arch) {
  const int node = arch.clock_node_nm;
  const std::string mhz = fmt::format("{:.6g} MHz", arch.clock_mhz);
  return node == 0 ? mhz + " (given)" : fmt::format("{} (derived, {} nm, provisional)", mhz, node);
}

}  // namespace

std::string headline(const arch::ArchConfig& arch, const std::string& engine) {
  const int narrowest = arch::Geometry(arch.hw).act_bits;
  return fmt::format("{}: {}x{} array, {}, {} KiB unified buffer, {}-bit AXI, {}, {}, engine {}\n",
                     printable(arch.name), arch.hw.rows, arch.hw.cols, clock_text(arch),
                     arch.hw.ub_kib, arch.hw.axi_bits, memory_text(arch),
                     narrowest == 8 ? "built for 8-bit operands"
                                    : fmt::format("built for operands of 8 to {} bits", narrowest),
                     engine);
}

std::string batches_text(const Report& report) {
  if (report.repeat == 1) return fmt::format("a batch of {}", report.batch);
  return fmt::format("{} batches of {}", report.repeat, report.batch);
}

std::string layer_table(const Report& report, size_t width) {
  using enum Column::Side;
  Table table({{"layer", kLeft, kNameWidth},
               {"operator", kLeft, kOpWidth, 7},
               {"cycles", kRight, 12},
               {"util", kRight, 7, 1},
               {"DRAM", kRight, 10, 5},
               {"GB/s", kRight, 7, 6},
               {"bound by", kLeft, 8, 3, 2},
               {"largest stall", kLeft, 18, 2},
               {"/bound", kRight, 7, 4}});
  for (const LayerReport& layer : report.layers)
    table.add({fit(layer.name, kNameWidth), fit(layer.op, kOpWidth), with_commas(layer.cycles),
               fmt::format("{:.1f} %", 100 * layer.mac_utilisation),
               bytes_text(layer.bytes.total()), bandwidth_text(layer, report),
               layer.bounds.largest_name(), stall_text(layer),
               fmt::format("{:.2f}", layer.cycles_per_bound)});
  return table.text(width);
}

std::string totals(const Report& report) {
  std::string text;
  text += line("latency", fmt::format("{} cycles, {:.6g} ms for {}{}", with_commas(report.cycles),
                                      report.latency_ms, batches_text(report),
                                      report.accelerator_only ? ", accelerator only" : ""));
  text += line("throughput", fmt::format("{:.6g} inferences/s", report.inferences_per_s));
  if (report.steady)
    text += line("repetitions",
                 fmt::format("the first after {:.6g} ms, then one every {:.6g} ms: {:.6g} "
                             "inferences/s in the steady state",
                             report.steady->first_latency_ms, report.steady->steady_latency_ms,
                             report.steady->inferences_per_s));
  const bool narrow = std::any_of(report.layers.begin(), report.layers.end(),
                                  [](const LayerReport& layer) { return layer.mac_bits < 8; });
  text += line(
      "arithmetic",
      fmt::format(
          "{} MACs, {:.4g} TOPS of {:.4g} peak{}, mac_utilisation {:.1f} %, mxu_busy {:.1f} %",
          with_commas(static_cast<uint64_t>(report.useful_macs)), report.tops, report.peak_tops,
          narrow ? " at 8 bits" : "", 100 * report.mac_utilisation, 100 * report.mxu_busy));
  if (report.dense_macs != report.useful_macs)
    text += line("effective", fmt::format("{:.4g} TOPS for {} dense MACs", report.effective_tops,
                                          with_commas(static_cast<uint64_t>(report.dense_macs))));
  text +=
      line("DRAM", fmt::format("{}: {}", bytes_text(report.bytes.total()), by_class(report.bytes)));
  text += memory_lines(report);
  if (!report.layers.empty()) {
    const Cycle bound = report.lower_bound.largest();
    text += line(
        "bounds",
        fmt::format(
            "lower bound {} cycles ({}), reached at {:.2f} times; layer-by-layer reference {}, at "
            "{:.2f} times",
            with_commas(bound), report.lower_bound.largest_name(),
            static_cast<double>(report.cycles) / static_cast<double>(std::max<Cycle>(bound, 1)),
            with_commas(report.layer_reference),
            static_cast<double>(report.cycles) /
                static_cast<double>(std::max<Cycle>(report.layer_reference, 1))));
  }
  for (const HostReport& step : report.host)
    text +=
        line("host",
             fmt::format("{} of {} values of '{}', not in the cycles: 0 % of the MACs, {:.2g} % of "
                         "the bytes",
                         step.op, step.values, printable(step.tensor), 100 * step.byte_share));
  return text;
}

}  // namespace systole::report
