// SPDX-License-Identifier: Apache-2.0
// The shared library around a verilated sys_core; compiled by RtlBuilder together with Verilator's
// output.
#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "Vsys_core.h"
#include "rtl_api.h"
#include "verilated.h"
#if VM_TRACE
#include "story.h"
#include "verilated_fst_c.h"
#endif
#ifdef SYSTOLE_SAVABLE
#include "verilated_save.h"
#endif
#ifdef SYSTOLE_DEBUG
#include "verilated_sym_props.h"
#include "verilated_syms.h"
#endif

namespace {

// What the RTL has printed since the last failure. Verilator's print hook has no context to hang it
// on.
std::string printed;  // NOLINT

struct Core {
  VerilatedContext context;
  std::unique_ptr<Vsys_core> top;
#if VM_TRACE
  VerilatedFstC wave;
  systole::verilated::Story story;
  systole::verilated::RtlPins pins;
  double half_cycle_ps = 500;
#endif
  std::string failure;
};

Core* as_core(void* core) { return static_cast<Core*>(core); }

const char* eval(Core* core) {
  try {
    core->top->eval();
    return nullptr;
  } catch (const std::exception& failure) {
    core->failure = failure.what();
    return core->failure.c_str();
  }
}

template <class Port>
uint8_t* bytes(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

void fill(Vsys_core& t, systole::verilated::RtlPins& p) {
  p.clk = &t.clk_i;
  p.rst_n = &t.rst_ni;
  p.hold = &t.hold_i;
  p.s_awvalid = &t.s_awvalid_i;
  p.s_awready = &t.s_awready_o;
  p.s_awaddr = &t.s_awaddr_i;
  p.s_wvalid = &t.s_wvalid_i;
  p.s_wready = &t.s_wready_o;
  p.s_wdata = &t.s_wdata_i;
  p.s_wstrb = &t.s_wstrb_i;
  p.s_bvalid = &t.s_bvalid_o;
  p.s_bready = &t.s_bready_i;
  p.s_bresp = &t.s_bresp_o;
  p.s_arvalid = &t.s_arvalid_i;
  p.s_arready = &t.s_arready_o;
  p.s_araddr = &t.s_araddr_i;
  p.s_rvalid = &t.s_rvalid_o;
  p.s_rready = &t.s_rready_i;
  p.s_rdata = &t.s_rdata_o;
  p.s_rresp = &t.s_rresp_o;
  p.m_arvalid = &t.m_arvalid_o;
  p.m_arready = &t.m_arready_i;
  p.m_araddr = &t.m_araddr_o;
  p.m_arlen = &t.m_arlen_o;
  p.m_rvalid = &t.m_rvalid_i;
  p.m_rdata = bytes(t.m_rdata_i);
  p.m_rresp = &t.m_rresp_i;
  p.m_rlast = &t.m_rlast_i;
  p.m_awvalid = &t.m_awvalid_o;
  p.m_awready = &t.m_awready_i;
  p.m_awaddr = &t.m_awaddr_o;
  p.m_awlen = &t.m_awlen_o;
  p.m_wvalid = &t.m_wvalid_o;
  p.m_wready = &t.m_wready_i;
  p.m_wdata = bytes(t.m_wdata_o);
  p.m_wstrb = bytes(t.m_wstrb_o);
  p.m_wlast = &t.m_wlast_o;
  p.m_bvalid = &t.m_bvalid_i;
  p.m_bresp = &t.m_bresp_i;
  p.running = &t.running_o;
  p.progress = &t.progress_o;
  p.cycle = &t.cycle_o;
  p.retire_valid = &t.retire_valid_o;
  p.retire_pc = bytes(t.retire_pc_o);
  p.retire_start = bytes(t.retire_start_o);
  p.unit_cause = &t.unit_cause_o;
  p.unit_pc = bytes(t.unit_pc_o);
}

/// Asynchronous reset, then some clocks in reset. Assertions sleep while registers are still
/// random.
const char* reset(Core* core) {
  Vsys_core& top = *core->top;
  const char* failure = nullptr;
  core->context.assertOn(false);
  top.hold_i = 0;
  top.clk_i = 0;
  top.rst_ni = 1;
  failure = eval(core);
  top.rst_ni = 0;
  for (int half = 0; half < 8 && failure == nullptr; ++half) {
    failure = eval(core);
    top.clk_i = !top.clk_i;
  }
  top.clk_i = 0;
  top.rst_ni = 1;
  if (failure == nullptr) failure = eval(core);
  core->context.assertOn(true);
  return failure;
}

void* create(uint64_t seed, systole::verilated::RtlPins* pins, const char** error) {
  auto core = std::make_unique<Core>();
  core->context.randReset(2);
  core->context.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);  // 0 would mean the time of day
#if VM_TRACE
  core->context.traceEverOn(true);
#endif
  core->top = std::make_unique<Vsys_core>(&core->context, "");
#if VM_TRACE
  core->top->trace(&core->wave, 99);
  core->wave.set_time_unit("1ps");
  core->wave.set_time_resolution("1ps");
#endif
  fill(*core->top, *pins);
#if VM_TRACE
  core->pins = *pins;
#endif
  *error = reset(core.get());
  // A failure's text lives in the core, so the core stays with it.
  return *error == nullptr ? core.release() : (static_cast<void>(core.release()), nullptr);
}

const char* settle(void* handle) {
  Core* core = as_core(handle);
  core->top->clk_i = 0;
  return eval(core);
}

const char* edge(void* handle) {
  Core* core = as_core(handle);
  core->top->clk_i = 1;
  return eval(core);
}

#if VM_TRACE
/// "2 sys_core u_dma" as the trace takes it.
void select_scope(VerilatedFstC& wave, const char* levels_and_scope) {
  char* scope = nullptr;
  const long levels = std::strtol(levels_and_scope, &scope, 10);
  wave.dumpvars(static_cast<int>(levels), scope + 1);
}

bool open_wave(void* handle, const char* path, const systole::verilated::WaveOptions* options) {
  Core* core = as_core(handle);
  if (options->story != nullptr)
    core->story.attach(core->wave.spTrace(), options->story, &core->pins);
  for (uint32_t i = 0; options->scopes != nullptr && i < options->scopes->count; ++i)
    select_scope(core->wave, options->scopes->texts[i]);
  core->half_cycle_ps = options->cycle_ps / 2;
  core->wave.open(path);
  return core->wave.isOpen();
}

/// The time of the clock's edge `halves` half periods after the start.
uint64_t half_cycles(const Core* core, uint64_t halves) {
  return static_cast<uint64_t>(std::llround(static_cast<double>(halves) * core->half_cycle_ps));
}

const char* settle_traced(void* handle, uint64_t cycle) {
  // Inputs change at the rising edge in the waveform, as every output does.
  Core* core = as_core(handle);
  if (const char* failure = eval(core)) return failure;
  core->wave.dump(half_cycles(core, 2 * cycle));
  core->top->clk_i = 0;
  const char* failure = eval(core);
  core->wave.dump(half_cycles(core, 2 * cycle + 1));
  return failure;
}
#endif

#ifdef SYSTOLE_SAVABLE
/// Passes on what the model writes.
class Saved final : public VerilatedSerialize {
 public:
  Saved(systole::verilated::ByteSink sink, void* context) : sink_(sink), context_(context) {
    m_isOpen = true;
    header();
  }
  void finish() {
    trailer();
    flush();
  }
  void flush() override {
    sink_(context_, m_bufp, static_cast<size_t>(m_cp - m_bufp));
    m_cp = m_bufp;
  }

 private:
  const systole::verilated::ByteSink sink_;
  void* const context_;
};

/// Hands out what was passed on.
class Restored final : public VerilatedDeserialize {
 public:
  Restored(const uint8_t* bytes, size_t size) : next_(bytes), end_(bytes + size) {
    m_isOpen = true;
    m_endp = m_bufp;
    header();
  }
  void finish() { trailer(); }

 protected:
  void fill() override {
    const size_t kept = static_cast<size_t>(m_endp - m_cp);
    std::memmove(m_bufp, m_cp, kept);
    const size_t more = std::min(bufferSize() - kept, static_cast<size_t>(end_ - next_));
    std::memcpy(m_bufp + kept, next_, more);
    next_ += more;
    m_cp = m_bufp;
    m_endp = m_bufp + kept + more;
  }

 private:
  const uint8_t *next_, *const end_;
};

void save(void* handle, systole::verilated::ByteSink sink, void* context) {
  Saved state(sink, context);
  state << *as_core(handle)->top;
  state.finish();
}

const char* restore(void* handle, const uint8_t* bytes, size_t size) {
  Core* core = as_core(handle);
  try {
    Restored state(bytes, size);
    state >> *core->top;
    state.finish();
    return nullptr;
  } catch (const std::exception& failure) {
    core->failure = failure.what();
    return core->failure.c_str();
  }
}
#endif

#ifdef SYSTOLE_DEBUG
systole::verilated::RtlVariable variable(void* handle, const char* scope, const char* name) {
  const VerilatedScope* found = as_core(handle)->context.scopeFind(scope);
  const VerilatedVar* var = found != nullptr ? found->varFind(name) : nullptr;
  if (var == nullptr) return {};
  // Verilator keeps an array's elements one behind the other; the left dimension is the array's.
  return {static_cast<const uint8_t*>(var->datap()), var->entSize(),
          var->udims() > 0 ? static_cast<uint32_t>(var->elements(1)) : 1};
}
#endif

void destroy(void* handle) {
  std::unique_ptr<Core> core(as_core(handle));
#if VM_TRACE
  core->wave.close();
#endif
  core->top->final();
}

const systole::verilated::RtlApi kApi = {
    create,    settle,        edge,
#if VM_TRACE
    open_wave, settle_traced,
#else
    nullptr, nullptr,
#endif
#ifdef SYSTOLE_SAVABLE
    save,      restore,
#else
    nullptr, nullptr,
#endif
#ifdef SYSTOLE_DEBUG
    variable,
#else
    nullptr,
#endif
    destroy,
};

std::string failure_text(const char* what, const char* file, int line) {
  std::string text = printed.empty() ? std::string(what) : printed;
  printed.clear();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (file != nullptr && file[0] != '\0' && text.find(".sv:") == std::string::npos)
    text += " (" + std::string(file) + ":" + std::to_string(line) + ")";
  return text;
}

}  // namespace

extern "C" const systole::verilated::RtlApi* systole_rtl_api() { return &kApi; }

extern "C" int systole_rtl_print(const char* format, ...) {
  char buffer[1024];
  va_list args;
  va_start(args, format);
  const int length = std::vsnprintf(buffer, sizeof buffer, format, args);
  va_end(args);
  printed += buffer;
  return length;
}

// Verilator's hooks: a failed assertion ($error, $stop, $fatal) unwinds to eval above.
void vl_finish(const char*, int, const char*) {}
void vl_stop(const char* file, int line, const char*) {
  throw std::runtime_error(failure_text("assertion failed", file, line));
}
void vl_fatal(const char* file, int line, const char*, const char* message) {
  throw std::runtime_error(failure_text(message, file, line));
}
