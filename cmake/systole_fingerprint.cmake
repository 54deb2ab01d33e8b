# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT from sim/results/sources_fingerprint.cpp.in of SOURCE, if it is not as it should be already.
execute_process(COMMAND ${SOURCE}/tools/fingerprint.sh OUTPUT_VARIABLE FINGERPRINT OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
configure_file(${SOURCE}/sim/results/sources_fingerprint.cpp.in ${OUTPUT} @ONLY)
