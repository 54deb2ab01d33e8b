#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sweep in shards on a real Slurm of one node ends in the database of a local one, though a task is killed and requeued.

  slurm.py SYSTOLE      exit code 77: skipped, and why

Starts munged, slurmctld and slurmd as packaged (slurm-wlm, munge) with ports, keys and folders of their own, and stops them.
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
POINTS, SHARDS = 60, 4
BATCH = 150  # long enough for a task to be seen at work: a state comes every two seconds
PATIENCE = 300  # seconds, for anything that Slurm is to do
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue"]
CONFIGURATION = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=2
JobRequeue=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def wait_for(what, found, patience=PATIENCE):
    """What `found` gives once that is something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.2)
    raise TimeoutError(f"waited {patience} s for {what}")


def free_port():
    with socket.socket() as one:
        one.bind(("", 0))
        return one.getsockname()[1]


class Cluster:
    """A controller and one node, which are this machine, for as long as the context lasts."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        self.environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
        for name in [name for name in self.environment if name.startswith(("SLURM_", "SBATCH_")) and name != "SLURM_CONF"]:
            del self.environment[name]

    def start(self, *command):
        log = open(self.folder / f"{pathlib.Path(command[-2]).name}.out", "wb")  # pylint: disable=consider-using-with
        self.daemons.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))

    def __enter__(self):
        try:
            self.begin()
        except Exception:
            self.end()
            print("\n".join(self.logs()))
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        folder, user = self.folder, pwd.getpwnam("munge")
        folder.chmod(0o755)
        (folder / "munge").mkdir(mode=0o755)
        (folder / "munge/key").write_bytes(os.urandom(128))
        (folder / "munge/key").chmod(0o400)
        for path in (folder / "munge", folder / "munge/key"):
            os.chown(path, user.pw_uid, user.pw_gid)
        for name in ("state", "spool"):
            (folder / name).mkdir()
        host = socket.gethostname().split(".")[0]
        (folder / "slurm.conf").write_text(
            CONFIGURATION.format(host=host, folder=folder, controller=free_port(), daemon=free_port()))
        munge = folder / "munge"
        self.daemons.append(subprocess.Popen(
            ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", "munged", "--foreground", "--force",
             f"--key-file={munge}/key", f"--socket={munge}/socket", f"--pid-file={munge}/pid", f"--log-file={munge}/log",
             f"--seed-file={munge}/seed"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for("munged", (munge / "socket").exists, 30)
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D")
        wait_for("the node", lambda: "idle" in self.run("sinfo", "-h", "-o", "%T", check=False), 60)

    def end(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(10)
            daemon.kill()
            daemon.wait()

    def run(self, *command, check=True):
        done = subprocess.run([str(word) for word in command], env=self.environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def logs(self):
        for log in sorted(self.folder.glob("*.log")):
            yield f"--- {log.name}\n" + log.read_text(errors="replace")[-3000:]


def kill_and_requeue(cluster, shards, job):
    """Requeues the first task while it is at work, which kills it, and lets it start again at once."""
    wait_for("a point of the first shard", lambda: int((shards / "shard-1.state").read_text().split("\n")[-2].split()[2]) > 0)
    cluster.run("scontrol", "requeue", f"{job}_1")
    wait_for("the killed task to be queued again",
             lambda: cluster.run("squeue", "-h", "-t", "PD", "-j", f"{job}_1", check=False))
    state = (shards / "shard-1.state").read_text().splitlines()[-1]
    assert " running " in state, f"the shard had ended before it was killed: {state}"
    cluster.run("scontrol", "update", f"JobId={job}_1", "StartTime=now")


def main():
    systole = str(pathlib.Path(sys.argv[1]).resolve())
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        skip(f"{', '.join(missing)} not found; apt-get install slurm-wlm munge")
    if os.getuid() != 0:
        skip("not root, as whom the daemons of Slurm run")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        spec, merged, local = folder / "s.yaml", folder / "all.db", folder / "local.db"
        spec.write_text(f"networks: [{ROOT / 'tests/data/resnet8_fmnist.onnx'}]\narchitectures: [edge-16x16]\n"
                        f"set: {{ub.kib: [64, 128, 256]}}\nbatch: {{from: {BATCH + 1}, to: {BATCH + POINTS // 3}, step: 1}}\n")
        folder.chmod(0o755)
        (folder / "slurm").mkdir()
        with Cluster(folder / "slurm") as cluster:
            try:
                said = cluster.run(systole, "sweep", spec, "-o", merged, "--slurm", "--shards", SHARDS, "--sbatch-options",
                                   "--time=30 --partition=all")
                print(said, end="")
                job = said.split()[1].rstrip(":")
                shards = folder / "all.db.slurm"
                kill_and_requeue(cluster, shards, job)
                wait_for("a third of the points", lambda: sum(
                    int(state.read_text().split("\n")[-2].split()[2]) for state in shards.glob("shard-*.state")) > POINTS // 3)
                status = cluster.run(systole, "sweep", spec, "-o", merged, "--status")
                print(status, end="")
                assert f" of {POINTS} points, 0 failed" in status, status
                again = subprocess.run([systole, "sweep", str(spec), "-o", str(merged), "--slurm", "--shards", str(SHARDS)],
                                       env=cluster.environment, capture_output=True, text=True, check=False)
                assert again.returncode == 2 and "was at work" in again.stderr, again
                state = shards / "merge.state"
                wait_for("the merge", lambda: state.read_text().splitlines()[-1].split()[1] in ("finished", "failed"))
                status = cluster.run(systole, "sweep", spec, "-o", merged, "--status")
                print(status, end="")
                assert status.endswith(f"{POINTS} of {POINTS} points, 0 failed; merge: finished\n"), status
                log = (shards / "shard-1.log").read_text()
                assert "points were there already" in log, f"the requeued task did not go on: {log}"
            except Exception:
                print("\n".join(cluster.logs()))
                for log in sorted((folder / "all.db.slurm").glob("*.log")):
                    print(f"--- {log.name}\n{log.read_text()}")
                raise
        subprocess.run([systole, "sweep", spec, "-o", local], check=True, capture_output=True)
        done = subprocess.run([systole, "compare", merged, local], capture_output=True, text=True, check=False)
        print(done.stdout, end="")
        assert done.stdout == f"{POINTS} equal, 0 differ, 0 only in A, 0 only in B\n", done
    print(f"{POINTS} points in {SHARDS} shards, one killed and requeued: equal")


if __name__ == "__main__":
    main()
