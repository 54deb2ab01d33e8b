# SPDX-License-Identifier: Apache-2.0
"""One worker process: messages to it and from it."""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import tempfile
import time
from typing import IO, Any, Callable, Dict, Mapping, Optional

from ._arena import Arena
from ._errors import VersionMismatch, WorkerDied, WorkerError, WorkerTimeout
from ._version import PROTOCOL, __version__

_START_SECONDS = 60.0
_STOP_SECONDS = 2.0
_LONGEST_ANSWER = 1 << 30

ProgressCall = Callable[[Mapping[str, Any]], None]


class Worker:
    """A process of `systole serve --stdio`. It ends with this object, and with this interpreter."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.owner = os.getpid()
        self.arena = Arena()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        self._last_id = 0
        try:
            # In a session of its own: Ctrl-C is for this interpreter, which ends the worker.
            self._process = subprocess.Popen(
                [program, "serve", "--stdio", "--arrays", str(self.arena.fd)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=0,
                pass_fds=(self.arena.fd,),
                start_new_session=True,
            )
        except OSError as error:
            self.arena.close()
            self._stderr.close()
            raise WorkerError(f"{program}: cannot be started: {error.strerror}") from error
        try:
            self._greet()
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _greet(self) -> None:
        try:
            hello = self._read(time.monotonic() + _START_SECONDS, "its start").get("hello")
        except WorkerDied as error:
            raise WorkerError(
                f"{self.program}: does not serve: {error}; expected systole {__version__}"
            ) from error
        if not isinstance(hello, dict):
            raise WorkerError(f"{self.program}: its first message is no greeting")
        if hello.get("protocol") != PROTOCOL or hello.get("program") != __version__:
            raise VersionMismatch(
                f"{self.program}: is systole {hello.get('program')} with protocol "
                f"{hello.get('protocol')}, expected {__version__} with protocol {PROTOCOL} as this "
                "package: install the wheel that came with the program",
                file=self.program,
                key="version",
                expected=__version__,
            )

    def call(
        self,
        message: Dict[str, Any],
        timeout: Optional[float],
        progress: Optional[ProgressCall],
    ) -> Dict[str, Any]:
        """Sends a message and returns the answer to it.

        Raises:
            WorkerDied: the process ended before it answered.
            WorkerTimeout: `timeout` seconds passed.
        """
        self._last_id += 1
        what = f"'{message['do']}'"
        self._write({"id": self._last_id, **message}, what)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            answer = self._read(end, what)
            if answer.get("id") not in (self._last_id, None):
                raise WorkerError(f"{self.program}: answered another message than {what}")
            if "progress" not in answer:
                return answer
            if progress is not None:
                progress(answer["progress"])

    def _write(self, message: Mapping[str, Any], what: str) -> None:
        text = json.dumps(message).encode()
        assert self._process.stdin is not None
        rest = memoryview(struct.pack("<I", len(text)) + text)
        try:
            while rest:
                rest = rest[self._process.stdin.write(rest) :]
        except OSError as error:
            raise self._died(what) from error

    def _read(self, end: Optional[float], what: str) -> Dict[str, Any]:
        (length,) = struct.unpack("<I", self._read_bytes(4, end, what))
        if length > _LONGEST_ANSWER:
            raise WorkerError(f"{self.program}: does not speak the protocol of systole serve")
        try:
            answer = json.loads(self._read_bytes(length, end, what))
        except ValueError as error:
            raise WorkerError(f"{self.program}: does not answer in JSON: {error}") from error
        if not isinstance(answer, dict):
            raise WorkerError(f"{self.program}: answers with no object")
        return answer

    def _read_bytes(self, count: int, end: Optional[float], what: str) -> bytes:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        parts = []
        while count > 0:
            if end is not None:
                poll = select.poll()
                poll.register(fd, select.POLLIN)
                if not poll.poll(max(0.0, 1e3 * (end - time.monotonic()))):
                    raise WorkerTimeout(
                        f"the worker ({self.program}, process {self.pid}) did not answer {what} in "
                        "time and was ended; the next call starts a new one"
                    )
            part = os.read(fd, min(count, 1 << 20))
            if not part:
                raise self._died(what)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _died(self, what: str) -> WorkerDied:
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if status < 0:
            try:
                how = f"was killed by signal {-status} ({signal.Signals(-status).name})"
            except ValueError:
                how = f"was killed by signal {-status}"
        else:
            how = f"ended with exit code {status}"
        said = self._said()
        return WorkerDied(
            f"the worker ({self.program}, process {self.pid}) {how} in the middle of {what}"
            + (f": {said}" if said else "")
            + "; the next call starts a new one",
            code=status,
        )

    def _said(self) -> str:
        """The end of what it printed to standard error."""
        try:
            self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(0, self._stderr.tell() - 2000))
            return self._stderr.read().decode(errors="replace").strip()
        except (OSError, ValueError):
            return ""

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass

    def kill(self) -> None:
        """Ends it now, and the simulations that it runs."""
        if os.getpid() == self.owner:
            self._process.kill()
            self._process.wait()
        self._close_pipes()
        self.arena.close()
        self._stderr.close()

    def stop(self) -> None:
        """Lets it end, for a moment; then ends it."""
        if os.getpid() == self.owner and self.is_alive():
            if self._process.stdin is not None:
                try:
                    self._process.stdin.close()
                except OSError:
                    pass
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def forget(self) -> None:
        """In a forked process, whose worker it is not: lets go of the pipes."""
        self._close_pipes()
        self.arena.close()
        self._process.returncode = 0  # nothing to wait for here
