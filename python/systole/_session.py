# SPDX-License-Identifier: Apache-2.0
"""A session: the worker that calls go to, started when it is needed and again when it has died."""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import weakref
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._arena import Float32Array
from ._errors import WorkerError, error_of
from ._program import find_program
from ._progress import ProgressCallback, Reporter
from ._worker import Worker

_MOST_STARTS = 3
_numbers = itertools.count(1)
Arrays = Mapping[str, Mapping[str, Float32Array]]


class _Slot:
    """What outlives a session for a moment: its worker, to be ended."""

    def __init__(self) -> None:
        self.worker: Optional[Worker] = None

    def stop(self) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.stop()


_slots: "weakref.WeakSet[_Slot]" = weakref.WeakSet()


def _stop_all() -> None:
    for slot in list(_slots):
        slot.stop()


def _forget_all() -> None:
    for slot in list(_slots):
        worker, slot.worker = slot.worker, None
        if worker is not None:
            worker.forget()


atexit.register(_stop_all)
os.register_at_fork(after_in_child=_forget_all)


class Session:
    """A worker of its own. Calls of several threads wait for each other.

    The functions of the package use one that they share; a session of your own is for another
    program, or for work side by side: every `session=` takes one.

    Args:
        program: path of the program; default: SYSTOLE_PROGRAM, beside the package, PATH.
        timeout: seconds that a call may take; default: any time.
        progress: True or False: show progress or not; a callable gets it (keys "task", "unit",
            "done", and "total" or "fraction"); default: in a terminal and in a notebook.
    """

    def __init__(
        self,
        program: Optional[str] = None,
        *,
        timeout: Optional[float] = None,
        progress: Union[bool, None, ProgressCallback] = None,
    ) -> None:
        self.program = program
        self.timeout = timeout
        self.progress = progress
        self.number = next(_numbers)
        self._lock = threading.RLock()
        self._slot = _Slot()
        _slots.add(self._slot)
        self._generation = 0
        self._drops: List[Tuple[int, int]] = []  # generation and handle
        weakref.finalize(self, self._slot.stop)

    @property
    def pid(self) -> Optional[int]:
        """The process id of the worker; None: none runs."""
        worker = self._slot.worker
        return worker.pid if worker is not None and worker.is_alive() else None

    def close(self) -> None:
        """Ends the worker. A later call starts another one."""
        with self._lock:
            self._slot.stop()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> int:
        """Starts the worker if none runs. Returns a number that changes with each one started."""
        with self._lock:
            worker = self._slot.worker
            if worker is not None and not worker.is_alive():
                self._slot.stop()
                worker = None
            if worker is None:
                self._slot.worker = Worker(find_program(self.program))
                self._generation += 1
            return self._generation

    def drop(self, generation: int, handle: int) -> None:
        """Says that nobody uses a handle any more. The worker hears it with the next call."""
        self._drops.append((generation, handle))

    def call(
        self,
        do: str,
        fields: Optional[Mapping[str, Any]] = None,
        arrays: Optional[Arrays] = None,
        room: bool = False,
        reporter: Optional[Reporter] = None,
    ) -> Tuple[Dict[str, Any], Dict[str, Float32Array]]:
        """One task of the worker (docs/serve.md): its result, and the arrays of it.

        Args:
            do: the task.
            fields: what it is told; a Remote stands for its handle.
            arrays: float32 arrays by field and name, which the worker finds in shared memory.
            room: the answer has arrays.
            reporter: of a task that takes several calls; default: one of its own.
        """
        with self._lock:
            resolved = self._resolve(fields or {})
            worker = self._slot.worker
            assert worker is not None
            shown = reporter or Reporter(self.progress)
            try:
                told, free = worker.arena.put(arrays or {})
                message: Dict[str, Any] = {"do": do, **resolved, **told}
                if room:
                    message["room"] = free
                drops = [handle for made, handle in self._take_drops() if made == self._generation]
                if drops:
                    message["drop"] = drops
                answer = worker.call(message, self.timeout, shown)
                result = answer.get("result", {})
                outputs = worker.arena.take(result.get("outputs", [])) if room else {}
                worker.arena.trim()
            except BaseException:
                # Whatever it was at, the next answer would not be of the next call.
                self._slot.worker = None
                worker.kill()
                raise
            finally:
                if reporter is None:
                    shown.close()
        if "error" in answer:
            raise error_of(answer["error"])
        if "result" not in answer:
            raise WorkerError(f"{worker.program}: gave neither a result nor an error")
        return result, outputs

    def _resolve(self, fields: Mapping[str, Any]) -> Dict[str, Any]:
        """The fields with handles of one worker in place of what they are handles of."""
        for _ in range(_MOST_STARTS):
            generation = self.start()
            resolved = {
                key: value.handle() if isinstance(value, Remote) else value
                for key, value in fields.items()
            }
            if generation == self._generation:
                return resolved
        raise WorkerError("the worker ends again and again before it has answered")

    def _take_drops(self) -> List[Tuple[int, int]]:
        drops, self._drops = self._drops, []
        return drops

    def command(
        self, arguments: Sequence[str], accepted: Sequence[int] = (0,)
    ) -> Tuple[int, str, str]:
        """A command line of the program: its exit code, standard output and standard error.

        Raises:
            SystoleError: the exit code is none of `accepted`.
        """
        fields = {"arguments": list(arguments), "directory": os.getcwd()}
        result, _ = self.call("command", fields)
        code = int(result["code"])
        if code not in accepted:
            raise error_of(result.get("error", {"kind": "internal", "message": result["stderr"]}))
        return code, str(result["stdout"]), str(result["stderr"])


class Remote:
    """Something that the worker holds; made again where the worker is another one."""

    def __init__(self, session: Session, make: Callable[[], int]) -> None:
        """`make`: a method of the owner, which makes it in the worker and returns its handle."""
        self._session = session
        # The owner has this object, which must not keep it.
        self._make = weakref.WeakMethod(make)
        self._state: Tuple[int, int] = (0, 0)  # generation and handle
        self._finalizer: Any = None  # a weakref.finalize, whose type has arguments or none

    def handle(self) -> int:
        generation = self._session.start()
        if self._state[0] != generation:
            make = self._make()
            if make is None:
                raise WorkerError("handle: what it is of is gone")
            self.set(make())
        return self._state[1]

    def set(self, handle: int) -> None:
        """It has just been made."""
        if self._finalizer is not None:
            self._finalizer()
        self._state = (self._session.start(), handle)
        self._finalizer = weakref.finalize(self, self._session.drop, *self._state)
        self._finalizer.atexit = False


_default: Optional[Session] = None
_default_lock = threading.Lock()


def default_session() -> Session:
    """The session that functions use which are given none."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Session()
        return _default
