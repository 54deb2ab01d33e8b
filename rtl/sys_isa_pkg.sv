// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.

package sys_isa_pkg;

  localparam int unsigned IsaVersion = 8;
  localparam int unsigned InstructionBits = 512;

  localparam int unsigned NumUnits = 6;
  typedef enum logic [2:0] {
    UnitFetch = 3'd0,
    UnitLda = 3'd1,
    UnitLdw = 3'd2,
    UnitMxu = 3'd3,
    UnitVpu = 3'd4,
    UnitSto = 3'd5
  } unit_e;

  typedef enum logic [7:0] {
    OpSyncLda = 8'h10,
    OpLoad = 8'h11,
    OpLoadWindow = 8'h12,
    OpLoadParam = 8'h13,
    OpSyncLdw = 8'h20,
    OpLoadWeights = 8'h21,
    OpLoadCodebook = 8'h22,
    OpSyncMxu = 8'h30,
    OpMatmul = 8'h31,
    OpSyncVpu = 8'h40,
    OpVector = 8'h41,
    OpVectorSet = 8'h42,
    OpSyncSto = 8'h50,
    OpStore = 8'h51
  } opcode_e;

  typedef enum logic [3:0] {
    FaultNone = 4'd0,
    FaultIllegalOpcode = 4'd1,
    FaultMalformed = 4'd2,
    FaultUbRange = 4'd3,
    FaultAccRange = 4'd4,
    FaultPbRange = 4'd5,
    FaultWbCapacity = 4'd6,
    FaultDramRange = 4'd7,
    FaultBusRead = 4'd8,
    FaultBusWrite = 4'd9
  } fault_e;

  localparam int unsigned NumCauses = 15;
  typedef enum logic [3:0] {
    CauseBusy = 4'd0,
    CauseSetup = 4'd1,
    CauseDrain = 4'd2,
    CauseSemLda = 4'd3,
    CauseSemLdw = 4'd4,
    CauseSemMxu = 4'd5,
    CauseSemVpu = 4'd6,
    CauseSemSto = 4'd7,
    CauseBank = 4'd8,
    CauseMemory = 4'd9,
    CauseWeights = 4'd10,
    CauseWeightLoad = 4'd11,
    CauseQueue = 4'd12,
    CauseFetch = 4'd13,
    CauseIdle = 4'd14
  } cause_e;

  localparam int unsigned NumEventCounters = 21;
  localparam int unsigned NumCounters = NumEventCounters + NumUnits * NumCauses;
  localparam int unsigned CounterW = $clog2(NumCounters);
  localparam int unsigned CntCycles = 0;
  localparam int unsigned CntReadBytesInstructions = 1;
  localparam int unsigned CntReadBytesActivations = 2;
  localparam int unsigned CntReadBytesParams = 3;
  localparam int unsigned CntReadBytesWeights = 4;
  localparam int unsigned CntWriteBytes = 5;
  localparam int unsigned CntReadBursts = 6;
  localparam int unsigned CntWriteBursts = 7;
  localparam int unsigned CntReadBeats = 8;
  localparam int unsigned CntWriteBeats = 9;
  localparam int unsigned CntMxuTiles = 10;
  localparam int unsigned CntMxuSkippedTiles = 11;
  localparam int unsigned CntMxuRows = 12;
  localparam int unsigned CntMxuPadRows = 13;
  localparam int unsigned CntVpuTaps = 14;
  localparam int unsigned CntVpuOutputs = 15;
  localparam int unsigned CntRetiredLda = 16;
  localparam int unsigned CntRetiredLdw = 17;
  localparam int unsigned CntRetiredMxu = 18;
  localparam int unsigned CntRetiredVpu = 19;
  localparam int unsigned CntRetiredSto = 20;

  localparam logic [11:0] CsrId = 12'h000;
  localparam logic [11:0] CsrIsaVersion = 12'h004;
  localparam logic [11:0] CsrArray = 12'h008;
  localparam logic [11:0] CsrControl = 12'h010;
  localparam logic [11:0] CsrStatus = 12'h014;
  localparam logic [11:0] CsrProgramBase = 12'h018;
  localparam logic [11:0] CsrProgramLength = 12'h01c;
  localparam logic [11:0] CsrFaultCode = 12'h020;
  localparam logic [11:0] CsrFaultPc = 12'h024;
  localparam logic [11:0] CsrCounter = 12'h100;

  // Wait and signal, nothing else.
  typedef struct packed {
    logic [447:0] rsvd0;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } sync_lda_t;
  localparam logic [511:0] UsedSyncLda = 512'h0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffff00ff;

  // Copy activations from DRAM to the unified buffer, pixel by pixel.
  typedef struct packed {
    logic [95:0] rsvd0;
    logic [15:0] ub_pixel_stride;
    logic [15:0] pixel_bytes;
    logic [15:0] pixels;
    logic [15:0] count2;
    logic [15:0] count1;
    logic [15:0] count0;
    logic [7:0] rsvd1;
    logic [23:0] ub_stride2;
    logic [7:0] rsvd2;
    logic [23:0] ub_stride1;
    logic [7:0] rsvd3;
    logic [23:0] ub_stride0;
    logic [7:0] rsvd4;
    logic [23:0] ub_addr;
    logic [31:0] dram_stride2;
    logic [31:0] dram_stride1;
    logic [31:0] dram_stride0;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd5;
    logic [7:0] opcode;
  } load_t;
  localparam logic [511:0] UsedLoad = 512'h000000000000000000000000ffffffffffffffffffffffff00ffffff00ffffff00ffffff00ffffffffffffffffffffffffffffffffffffffffffffffffff00ff;

  // Read rows once and write overlapping windows of them: packs kernel rows, kernel columns and channels of a first layer into lanes.
  typedef struct packed {
    logic [47:0] rsvd0;
    logic [7:0] lane_stride;
    logic [7:0] count2;
    logic [7:0] lane;
    logic signed [7:0] pad_byte;
    logic [15:0] pad_left;
    logic [15:0] step;
    logic [15:0] size;
    logic [15:0] windows;
    logic [15:0] row_bytes;
    logic [15:0] count1;
    logic [15:0] count0;
    logic [15:0] window_words;
    logic [15:0] ub_stride2;
    logic [7:0] rsvd1;
    logic [23:0] ub_stride1;
    logic [7:0] rsvd2;
    logic [23:0] ub_stride0;
    logic [7:0] rsvd3;
    logic [23:0] ub_addr;
    logic [31:0] dram_stride2;
    logic [31:0] dram_stride1;
    logic [31:0] dram_stride0;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd4;
    logic [7:0] opcode;
  } load_window_t;
  localparam logic [511:0] UsedLoadWindow = 512'h000000000000ffffffffffffffffffffffffffffffffffffffffffff00ffffff00ffffff00ffffffffffffffffffffffffffffffffffffffffffffffffff00ff;

  // Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.
  typedef struct packed {
    logic [175:0] rsvd0;
    logic [15:0] count;
    logic [95:0] rsvd1;
    logic [0:0] target;
    logic [14:0] rsvd2;
    logic [15:0] row;
    logic [95:0] rsvd3;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd4;
    logic [7:0] opcode;
  } load_param_t;
  localparam logic [511:0] UsedLoadParam = 512'h00000000000000000000000000000000000000000000ffff0000000000000000000000008000ffff000000000000000000000000ffffffffffffffffffff00ff;

  // Wait and signal, nothing else.
  typedef struct packed {
    logic [447:0] rsvd0;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } sync_ldw_t;
  localparam logic [511:0] UsedSyncLdw = 512'h0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffff00ff;

  // Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.
  typedef struct packed {
    logic [63:0] rsvd0;
    logic [31:0] holes7;
    logic [31:0] holes6;
    logic [7:0] first;
    logic [0:0] structured;
    logic [0:0] bitmask;
    logic [0:0] codebook;
    logic [1:0] pack;
    logic [1:0] narrow;
    logic [0:0] diagonal;
    logic [15:0] cols;
    logic [15:0] channels;
    logic [15:0] positions;
    logic [31:0] holes5;
    logic [31:0] holes4;
    logic [31:0] holes3;
    logic [31:0] holes2;
    logic [31:0] holes1;
    logic [31:0] holes0;
    logic [31:0] stream_bytes;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } load_weights_t;
  localparam logic [511:0] UsedLoadWeights = 512'h0000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00ff;

  // Load the codebook, the 16 weights that load_weights expands indices to. It starts as zeros.
  typedef struct packed {
    logic [415:0] rsvd0;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } load_codebook_t;
  localparam logic [511:0] UsedLoadCodebook = 512'h00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffffffffffff00ff;

  // Wait and signal, nothing else.
  typedef struct packed {
    logic [447:0] rsvd0;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } sync_mxu_t;
  localparam logic [511:0] UsedSyncMxu = 512'h0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffff00ff;

  // One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.
  typedef struct packed {
    logic [111:0] rsvd0;
    logic [15:0] acc_addr;
    logic [2:0] rsvd1;
    logic [1:0] expand;
    logic [0:0] structured;
    logic [1:0] narrow;
    logic signed [7:0] pad_byte;
    logic [7:0] dil_w;
    logic [7:0] dil_h;
    logic [7:0] stride_w;
    logic [7:0] stride_h;
    logic [7:0] kw;
    logic [7:0] kh;
    logic [15:0] channels;
    logic [15:0] ow;
    logic [15:0] oh;
    logic [15:0] n;
    logic [15:0] width;
    logic [15:0] height;
    logic signed [15:0] w0;
    logic signed [15:0] h0;
    logic [7:0] rsvd2;
    logic [23:0] ub_stride2;
    logic [7:0] rsvd3;
    logic [23:0] ub_stride1;
    logic [7:0] rsvd4;
    logic [23:0] ub_stride0;
    logic [5:0] rsvd5;
    logic [0:0] keep;
    logic [0:0] accumulate;
    logic [23:0] ub_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd6;
    logic [7:0] opcode;
  } matmul_t;
  localparam logic [511:0] UsedMatmul = 512'h0000000000000000000000000000ffff1fffffffffffffffffffffffffffffffffffffffffffffff00ffffff00ffffff00ffffff03ffffffffffffffffff00ff;

  // Wait and signal, nothing else.
  typedef struct packed {
    logic [447:0] rsvd0;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } sync_vpu_t;
  localparam logic [511:0] UsedSyncVpu = 512'h0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffff00ff;

  // One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.
  typedef struct packed {
    logic [7:0] stride_w;
    logic [7:0] stride_h;
    logic [7:0] kw;
    logic [7:0] kh;
    logic [1:0] dst_narrow;
    logic [13:0] param_row;
    logic [15:0] ow;
    logic [15:0] oh;
    logic [15:0] n;
    logic [15:0] width;
    logic [15:0] height;
    logic signed [15:0] w0;
    logic signed [15:0] h0;
    logic [15:0] res_stride2;
    logic [15:0] res_stride1;
    logic [7:0] lanes_m1;
    logic [23:0] res_stride0;
    logic [7:0] res_slice;
    logic [23:0] res_addr;
    logic [15:0] dst_stride2;
    logic [15:0] dst_stride1;
    logic [7:0] src_slice;
    logic [23:0] dst_stride0;
    logic [7:0] dst_slice;
    logic [23:0] dst_addr;
    logic [15:0] src_stride2;
    logic [15:0] src_stride1;
    logic signed [7:0] pad_byte;
    logic [23:0] src_stride0;
    logic [0:0] rsvd0;
    logic [1:0] res_narrow;
    logic [1:0] src_narrow;
    logic [0:0] residual;
    logic [0:0] reduce_sum;
    logic [0:0] src_ub;
    logic [23:0] src_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } vector_t;
  localparam logic [511:0] UsedVector = 512'hffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7fffffffffffffffffff00ff;

  // Set the scalars of the vector pipeline for the instructions that follow. They start undefined.
  typedef struct packed {
    logic [287:0] rsvd0;
    logic [31:0] res_scale;
    logic [31:0] mid_scale;
    logic signed [7:0] res_zero;
    logic signed [7:0] mid_hi;
    logic signed [7:0] mid_lo;
    logic signed [7:0] mid_zero;
    logic [7:0] rsvd1;
    logic signed [7:0] clamp_hi;
    logic signed [7:0] clamp_lo;
    logic signed [7:0] out_zero;
    logic [23:0] rsvd2;
    logic [1:0] byte_index;
    logic [0:0] one_byte;
    logic [0:0] multiply;
    logic [1:0] table_index;
    logic [0:0] use_table;
    logic [0:0] two_roundings;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd3;
    logic [7:0] opcode;
  } vector_set_t;
  localparam logic [511:0] UsedVectorSet = 512'h000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffff00ffffff000000ffffffffffffff00ff;

  // Wait and signal, nothing else.
  typedef struct packed {
    logic [447:0] rsvd0;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd1;
    logic [7:0] opcode;
  } sync_sto_t;
  localparam logic [511:0] UsedSyncSto = 512'h0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffff00ff;

  // Copy activations from the unified buffer to DRAM: load with source and destination exchanged.
  typedef struct packed {
    logic [95:0] rsvd0;
    logic [15:0] ub_pixel_stride;
    logic [15:0] pixel_bytes;
    logic [15:0] pixels;
    logic [15:0] count2;
    logic [15:0] count1;
    logic [15:0] count0;
    logic [7:0] rsvd1;
    logic [23:0] ub_stride2;
    logic [7:0] rsvd2;
    logic [23:0] ub_stride1;
    logic [7:0] rsvd3;
    logic [23:0] ub_stride0;
    logic [7:0] rsvd4;
    logic [23:0] ub_addr;
    logic [31:0] dram_stride2;
    logic [31:0] dram_stride1;
    logic [31:0] dram_stride0;
    logic [31:0] dram_addr;
    logic [15:0] signal_set;
    logic [15:0] wait_set;
    logic [15:0] tag;
    logic [7:0] rsvd5;
    logic [7:0] opcode;
  } store_t;
  localparam logic [511:0] UsedStore = 512'h000000000000000000000000ffffffffffffffffffffffff00ffffff00ffffff00ffffff00ffffffffffffffffffffffffffffffffffffffffffffffffff00ff;

  // Of any instruction.
  function automatic logic [7:0] opcode_of(input logic [511:0] i);
    opcode_of = i[7:0];
  endfunction

  // The unit_e that it is for.
  function automatic logic [2:0] unit_of(input logic [511:0] i);
    unit_of = i[6:4];
  endfunction

  // The units that its wait set names.
  function automatic logic [5:0] wait_set_of(input logic [511:0] i);
    wait_set_of = i[37:32];
  endfunction

  // The units that its signal set names.
  function automatic logic [5:0] signal_set_of(input logic [511:0] i);
    signal_set_of = i[53:48];
  endfunction

  // The cause of waiting for a token of a unit.
  function automatic logic [3:0] sem_cause(input logic [2:0] unit);
    sem_cause = 4'd3 + 4'(unit) - 4'd1;
  endfunction

  // The counter of the instructions that ended in a unit.
  function automatic int unsigned retired_counter(input logic [2:0] unit);
    retired_counter = 16 + 32'(unit) - 1;
  endfunction

  // The opcode is one of opcode_e.
  function automatic logic known_opcode(input logic [7:0] opcode);
    unique case (opcode)
      8'h10, 8'h11, 8'h12, 8'h13, 8'h20, 8'h21, 8'h22, 8'h30, 8'h31, 8'h40, 8'h41, 8'h42, 8'h50, 8'h51:
          known_opcode = 1'b1;
      default: known_opcode = 1'b0;
    endcase
  endfunction

  // No reserved bit is set and no field is outside its range.
  function automatic logic well_formed(input logic [511:0] i);
    unique case (i[7:0])
      8'h10: well_formed =  // sync_lda
          i[15:8] == '0 &&
          i[511:64] == '0;
      8'h11: well_formed =  // load
          i[15:8] == '0 &&
          i[223:216] == '0 &&
          i[255:248] == '0 &&
          i[287:280] == '0 &&
          i[319:312] == '0 &&
          i[511:416] == '0 &&
          i[335:320] != '0 &&
          i[351:336] != '0 &&
          i[367:352] != '0 &&
          i[383:368] != '0 &&
          i[399:384] != '0;
      8'h12: well_formed =  // load_window
          i[15:8] == '0 &&
          i[223:216] == '0 &&
          i[255:248] == '0 &&
          i[287:280] == '0 &&
          i[511:464] == '0 &&
          i[319:304] != '0 &&
          i[335:320] != '0 &&
          i[351:336] != '0 &&
          i[367:352] != '0 &&
          i[367:352] <= 16'd4096 &&
          i[383:368] != '0 &&
          i[399:384] != '0 &&
          i[399:384] <= 16'd4096 &&
          i[415:400] != '0 &&
          i[455:448] != '0;
      8'h13: well_formed =  // load_param
          i[15:8] == '0 &&
          i[191:96] == '0 &&
          i[222:208] == '0 &&
          i[319:224] == '0 &&
          i[511:336] == '0 &&
          i[335:320] != '0;
      8'h20: well_formed =  // sync_ldw
          i[15:8] == '0 &&
          i[511:64] == '0;
      8'h21: well_formed =  // load_weights
          i[15:8] == '0 &&
          i[511:448] == '0 &&
          i[335:320] != '0 &&
          i[351:336] != '0 &&
          i[367:352] != '0;
      8'h22: well_formed =  // load_codebook
          i[15:8] == '0 &&
          i[511:96] == '0;
      8'h30: well_formed =  // sync_mxu
          i[15:8] == '0 &&
          i[511:64] == '0;
      8'h31: well_formed =  // matmul
          i[15:8] == '0 &&
          i[95:90] == '0 &&
          i[127:120] == '0 &&
          i[159:152] == '0 &&
          i[191:184] == '0 &&
          i[383:381] == '0 &&
          i[511:400] == '0 &&
          i[239:224] != '0 &&
          i[255:240] != '0 &&
          i[271:256] != '0 &&
          i[287:272] != '0 &&
          i[303:288] != '0 &&
          i[319:304] != '0 &&
          i[327:320] != '0 &&
          i[335:328] != '0 &&
          i[343:336] != '0 &&
          i[351:344] != '0 &&
          i[359:352] != '0 &&
          i[367:360] != '0;
      8'h40: well_formed =  // sync_vpu
          i[15:8] == '0 &&
          i[511:64] == '0;
      8'h41: well_formed =  // vector
          i[15:8] == '0 &&
          i[95:95] == '0 &&
          i[399:384] != '0 &&
          i[415:400] != '0 &&
          i[431:416] != '0 &&
          i[447:432] != '0 &&
          i[463:448] != '0 &&
          i[487:480] != '0 &&
          i[495:488] != '0 &&
          i[503:496] != '0 &&
          i[511:504] != '0;
      8'h42: well_formed =  // vector_set
          i[15:8] == '0 &&
          i[95:72] == '0 &&
          i[127:120] == '0 &&
          i[511:224] == '0;
      8'h50: well_formed =  // sync_sto
          i[15:8] == '0 &&
          i[511:64] == '0;
      8'h51: well_formed =  // store
          i[15:8] == '0 &&
          i[223:216] == '0 &&
          i[255:248] == '0 &&
          i[287:280] == '0 &&
          i[319:312] == '0 &&
          i[511:416] == '0 &&
          i[335:320] != '0 &&
          i[351:336] != '0 &&
          i[367:352] != '0 &&
          i[383:368] != '0 &&
          i[399:384] != '0;
      default: well_formed = 1'b0;
    endcase
  endfunction

endpackage
