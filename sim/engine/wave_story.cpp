// SPDX-License-Identifier: Apache-2.0
// Copies words into plain tables.
#include "sim/engine/wave_story.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "model/isa/causes.h"
#include "model/isa/names.h"

namespace systole::engine {
namespace {

const std::vector<std::string>& unit_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const isa::Unit unit : isa::kEveryUnit) names.emplace_back(isa::unit_name(unit));
    return names;
  }();
  return kNames;
}

const std::vector<std::string>& cause_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (int i = 0; i < isa::kCauses; ++i)
      names.emplace_back(isa::cause_name(static_cast<isa::Cause>(i)));
    return names;
  }();
  return kNames;
}

// The signals of waveforms/*.gtkw below the top, whose name is empty; "@" marks a struct, as
// Verilator marks its scope. A traced cycle takes half as long as with all signals of the modules.
constexpr const char* kCoreSignals =
    "acc_addr acc_req all_dispatched clk_i cycle_o dispatch_fault fault_code fault_pc "
    "fetch_pc front_done lda_busy lda_ub_addr lda_ub_we ldw_busy ldw_no_credit m_araddr_o "
    "m_arlen_o m_arready_i m_arvalid_o m_awaddr_o m_awlen_o m_awready_i m_awvalid_o m_bresp_i "
    "m_bvalid_i m_rlast_i m_rresp_i m_rvalid_i m_wlast_o m_wready_i m_wvalid_o mxu_busy "
    "mxu_pad mxu_tile mxu_ub_addr mxu_ub_req mxu_waiting mxu_weight_load param_row "
    "param_table param_we push queue_full retire_valid_o running_o s_araddr_i s_arvalid_i "
    "s_awaddr_i s_awvalid_i s_rdata_o s_rvalid_o s_wdata_i s_wvalid_i sto_busy sto_ub_addr "
    "sto_ub_req unit_end unit_pc_o[0] unit_pc_o[1] unit_pc_o[2] unit_pc_o[3] unit_pc_o[4] "
    "unit_pc_o[5] unit_start vpu_busy vpu_drain vpu_output vpu_setup vpu_tap vpu_ub_raddr "
    "vpu_ub_req vpu_ub_waddr vpu_ub_we wb_credit wb_last wb_ready wb_release wb_ren wb_rrow "
    "wb_slot wb_take wb_we ";
constexpr const char* kDeepSignals =
    "u_dma.aw_enter u_dma.grant u_dma.r_valid u_dma.req u_dma.u_lda.ld@.tag "
    "u_dma.u_lda.u_reader.active_q u_dma.u_lda.u_reader.u_issue.pending_q "
    "u_dma.u_ldw.u_reader.active_q u_dma.u_ldw.u_reader.u_issue.pending_q u_dma.u_ldw.wt@.tag "
    "u_dma.u_sto.st@.tag u_fetch.dr_valid_q u_fetch.ir_move u_fetch.ir_valid u_fetch.push "
    "u_mxu.instr@ u_mxu.row_addr u_mxu.row_end u_mxu.row_overwrite u_mxu.u_edge.edge_lanes "
    "u_mxu.u_edge.pad1_q u_mxu.u_edge.pad_byte1_q u_mxu.u_edge.row1_i u_vpu.instr@ "
    "u_vpu.u_ctrl.state_q ";
constexpr const char* kFrontSignals =
    "acquire_i end_i front_done_i lock_req_o q_valid signal_o start_o state_q take "
    "take_tokens_o tokens_i ";

void add_signals(const std::string& scope, const char* signals, std::vector<std::string>& names) {
  constexpr char kStruct = '\x86';
  std::istringstream words(signals);
  for (std::string word; words >> word;) {
    std::replace(word.begin(), word.end(), '@', kStruct);
    names.push_back("2 " + scope + word);
  }
}

std::vector<std::string> view_signals() {
  std::vector<std::string> names = {"9 story"};
  add_signals(".sys_core.", kCoreSignals, names);
  add_signals(".sys_core.", kDeepSignals, names);
  for (int unit = 1; unit < isa::kUnits; ++unit)
    add_signals(".sys_core.u_issue.gen_front[" + std::to_string(unit) + "].u_front.", kFrontSignals,
                names);
  return names;
}

}  // namespace

verilated::WaveTexts WaveStoryTables::list(const std::vector<std::string>& texts) {
  std::vector<const char*>& pointers = lists_.emplace_back();
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return {pointers.data(), static_cast<uint32_t>(pointers.size())};
}

const verilated::WaveStory& WaveStoryTables::fill(const platform::WaveWords& words) {
  story_.units = list(unit_names());
  story_.causes = list(cause_names());
  story_.opcodes = list(words.opcodes);
  story_.layers = list(words.layers);
  story_.tensors = list(words.tensors);
  for (const auto& [unit, opcode, layer] : words.code)
    code_.push_back({static_cast<uint32_t>(unit), opcode, layer});
  story_.code = code_.data();
  story_.code_size = static_cast<uint32_t>(code_.size());
  for (const auto& [from, to, text] : words.ranges) ranges_.push_back({from, to, text});
  story_.ranges = ranges_.data();
  story_.ranges_count = static_cast<uint32_t>(ranges_.size());
  return story_;
}

const verilated::WaveTexts& view_scopes() {
  static const std::vector<std::string> kNames = view_signals();
  static const std::vector<const char*> kPointers = [] {
    std::vector<const char*> pointers;
    for (const std::string& name : kNames) pointers.push_back(name.c_str());
    return pointers;
  }();
  static const verilated::WaveTexts kTexts = {kPointers.data(),
                                              static_cast<uint32_t>(kPointers.size())};
  return kTexts;
}

}  // namespace systole::engine
