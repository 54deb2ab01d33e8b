#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session of `systole debug` at a terminal: completion, history, wrong commands, Ctrl-C.

  debug_terminal.py SYSTOLE
"""
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

HANG = """.dram 4096
.code 0x400
load signal=mxu dram_addr=0 ub_addr=0 pixels=4 pixel_bytes=4
matmul wait=lda,vpu ub_addr=0
"""
PROMPT = b"(systole) "


class Session:
    """The program on a pseudo-terminal."""

    def __init__(self, command):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", "NO_COLOR": "1"})
        self.said = b""

    def wait_for(self, text, seconds=300):
        """Reads until `text` has been said since the last call, and returns what was."""
        end = time.time() + seconds
        while text not in self.said:
            ready, _, _ = select.select([self.terminal], [], [], 0.2)
            if ready:
                try:
                    self.said += os.read(self.terminal, 4096)
                except OSError:
                    break
            elif time.time() > end:
                break
        if text not in self.said:
            sys.exit(f"expected {text!r}, the session said {self.said!r}")
        at = self.said.index(text) + len(text)
        before, self.said = self.said[:at], self.said[at:]
        return before

    def type(self, keys):
        os.write(self.terminal, keys)

    def end(self):
        """The exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main():
    systole = str(pathlib.Path(sys.argv[1]).resolve())
    doctor = subprocess.run([systole, "doctor"], capture_output=True, text=True, check=False).stdout
    edits = any(line.split()[0] == "libedit" and "built in" in line for line in doctor.splitlines() if line)
    with tempfile.TemporaryDirectory() as scratch:
        source, program = os.path.join(scratch, "hang.s"), os.path.join(scratch, "hang.sysb")
        pathlib.Path(source).write_text(HANG)
        subprocess.run([systole, "asm", source, "--arch", "edge-4x4", "-o", program], check=True, stdout=subprocess.DEVNULL)
        session = Session([systole, "debug", program, "--arch", "edge-4x4", "--engine", "rtl", "--rtl-build", "quick",
                           "--watchdog", "1000000000000"])
        session.wait_for(PROMPT)
        session.type(b"ste\t5\n" if edits else b"step 5\n")
        session.wait_for(b"cycle 5: ")
        session.wait_for(PROMPT)
        session.type(b"\n")  # the same again
        session.wait_for(b"cycle 10: ")
        session.wait_for(PROMPT)
        session.type(b"stepp\n")
        session.wait_for(b"did you mean 'step'?")
        session.wait_for(PROMPT)
        if edits:
            session.type(b"\x1b[A\x1b[A\n")  # the command before the wrong one
            session.wait_for(b"cycle 15: ")
            session.wait_for(PROMPT)
        session.type(b"run\n")  # it hangs
        time.sleep(1)
        session.type(b"\x03")
        session.wait_for(b"interrupted")
        session.wait_for(b"1 of 2 instructions have ended")
        session.wait_for(PROMPT)
        session.type(b"print semaphores\n")
        session.wait_for(b"lda -> mxu: 1")
        session.wait_for(PROMPT)
        session.type(b"quit\n")
        code = session.end()
    if code != 0:
        sys.exit(f"the session ended with exit code {code}")
    print("completion, history and Ctrl-C work" if edits else "Ctrl-C works; this build has no libedit")


if __name__ == "__main__":
    main()
