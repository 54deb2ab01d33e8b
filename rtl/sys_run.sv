// SPDX-License-Identifier: Apache-2.0
// Run control: running, cycle number, the first fault, and when the run is over.
//
//   clk         |-1|0 |1 |...|t |t+1|
//   start_i     /--\__________________
//   running_o   ___/-------------\____   over_i or stopped_i in t
//   cycle_o     ---X0 X1 X...X t X t+1   stays at the run's length
//   finished_o  -\_______________/----

module sys_run (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic start_i,

  input  logic over_i,              // everything dispatched and done
  input  logic stopped_i,           // after a fault: nothing can go on

  // Faults of this cycle, in the order of their precedence.
  input  logic read_error_i,
  input  logic [31:0] read_pc_i,
  input  logic write_error_i,
  input  logic [31:0] write_pc_i,
  input  logic dispatch_fault_i,
  input  logic [3:0] dispatch_code_i,
  input  logic [31:0] dispatch_pc_i,

  input  logic hold_i,              // the run is cut off: nothing changes any more

  output logic running_o,
  output logic finished_o,
  output logic [47:0] cycle_o,
  output logic fault_o,             // a fault is visible
  output logic [3:0] fault_code_o,
  output logic [31:0] fault_pc_o
);

  logic running_q, finished_q, done;
  logic [47:0] cycle_q;
  logic [3:0] code_q, code;
  logic [31:0] fault_pc_q, pc;

  assign fault_o = code_q != sys_isa_pkg::FaultNone;
  assign done = running_q && (fault_o ? stopped_i : over_i);

  always_comb begin
    code = sys_isa_pkg::FaultNone;
    pc = dispatch_pc_i;
    if (read_error_i) begin
      code = sys_isa_pkg::FaultBusRead;
      pc = read_pc_i;
    end else if (write_error_i) begin
      code = sys_isa_pkg::FaultBusWrite;
      pc = write_pc_i;
    end else if (dispatch_fault_i) begin
      code = dispatch_code_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
      finished_q <= 1'b0;
      cycle_q <= '0;
      code_q <= sys_isa_pkg::FaultNone;
      fault_pc_q <= '0;
    end else if (start_i) begin
      running_q <= 1'b1;
      finished_q <= 1'b0;
      cycle_q <= '0;
      code_q <= sys_isa_pkg::FaultNone;
      fault_pc_q <= '0;
    end else if (running_q && !hold_i) begin
      cycle_q <= cycle_q + 1'b1;
      if (done) begin
        running_q <= 1'b0;
        finished_q <= 1'b1;
      end
      if (!fault_o) begin
        code_q <= code;
        if (code != sys_isa_pkg::FaultNone) fault_pc_q <= pc;
      end
    end
  end

  assign running_o = running_q;
  assign finished_o = finished_q;
  assign cycle_o = cycle_q;
  assign fault_code_o = code_q;
  assign fault_pc_o = fault_pc_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !running_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(running_q && finished_q));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      fault_o && running_q |=> $stable(code_q) && $stable(fault_pc_q));
`endif

endmodule
