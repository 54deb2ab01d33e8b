// SPDX-License-Identifier: Apache-2.0
// Performance counters: events, and one cause for each unit in each running cycle.
//
// Counts of a cycle are visible in the next. A cause counter is a memory word behind a "seen" bit, so that clearing
// takes one cycle. data_o follows index_i in the same cycle.

module sys_counters (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,
  input  logic count_i,                                          // the cycle counts
  input  logic [47:0] cycle_i,
  input  logic [sys_isa_pkg::NumEventCounters-1:0][12:0] inc_i,  // [0] unused: it is cycle_i
  input  logic [sys_isa_pkg::NumUnits-1:0][3:0] cause_i,

  input  logic read_i,
  input  logic [sys_isa_pkg::CounterW-1:0] index_i,
  output logic [63:0] data_o                                     // 0 unless read_i
);

  localparam int unsigned NumEvents = sys_isa_pkg::NumEventCounters;
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits;
  localparam int unsigned NumCauses = sys_isa_pkg::NumCauses;
  localparam int unsigned EventW = $clog2(NumEvents);
  localparam int unsigned CounterW = sys_isa_pkg::CounterW;

  if (NumCauses > 1 << 4) begin : gen_check_cause
    $error("cause_i has too few bits for the causes");
  end

  logic [63:0] events [NumEvents];
  assign events[0] = 64'(cycle_i);
  for (genvar e = 1; e < int'(NumEvents); e++) begin : gen_event
    logic [63:0] count_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) count_q <= '0;
      else if (clear_i) count_q <= '0;
      else if (count_i && inc_i[e] != '0) count_q <= count_q + 64'(inc_i[e]);
    end
    assign events[e] = count_q;
  end

  logic [63:0] causes [NumUnits];
  for (genvar u = 0; u < int'(NumUnits); u++) begin : gen_unit
    logic [63:0] mem [NumCauses];
    logic [NumCauses-1:0] seen_q;
    logic [3:0] cause, place;
    logic [CounterW-1:0] offset;
    assign cause = cause_i[u];
    assign offset = index_i - CounterW'(NumEvents + u * NumCauses);
    assign place = offset[3:0];
    always_ff @(posedge clk_i) begin
      if (count_i) mem[cause] <= (seen_q[cause] ? mem[cause] : 64'd0) + 64'd1;
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) seen_q <= '0;
      else if (clear_i) seen_q <= '0;
      else if (count_i) seen_q[cause] <= 1'b1;
    end
    always_comb begin
      causes[u] = '0;
      if (read_i && offset < CounterW'(NumCauses) && seen_q[place]) causes[u] = mem[place];
    end
`ifndef SYNTHESIS
    assert property (@(posedge clk_i) disable iff (!rst_ni) count_i |-> 32'(cause) < NumCauses);
`endif
  end

  always_comb begin
    data_o = '0;
    if (read_i) begin
      if (index_i < CounterW'(NumEvents)) data_o = events[index_i[EventW-1:0]];
      for (int u = 0; u < int'(NumUnits); u++) data_o |= causes[u];
    end
  end

  logic unused;
  assign unused = ^inc_i[0];

endmodule
