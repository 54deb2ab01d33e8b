/* SPDX-License-Identifier: Apache-2.0 */
/* Included before everything in a verilated library: what the RTL prints is kept, not printed. */
#pragma once

#ifdef __cplusplus
extern "C"
#endif
    int
    systole_rtl_print(const char* format, ...);

#define VL_PRINTF systole_rtl_print
