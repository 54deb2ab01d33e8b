# SPDX-License-Identifier: Apache-2.0
"""The rules of docs/memory.md between the commands of a DRAM channel, and a checker of lists of commands that knows nothing of
the simulator: it reads the page's table as distances between pairs of commands.

`broken_rule(commands, ddr)` names the first rule that a list breaks, None if it keeps them all. `commands`: those of one channel
in the order of time, each (ps, name, bank group, bank, row), None where a command names none. `ddr`: the keys of an
architecture's memory, in picoseconds, as `systole archs show` prints them.
"""
import typing

Command = typing.Tuple[int, str, typing.Optional[int], typing.Optional[int], typing.Optional[int]]
Ddr = typing.Dict[str, int]
LONGEST = 1_000_000  # ps: no rule but tREFI reaches further back


def meets(a: Command, b: Command) -> bool:
    """Whether the two concern the same bank: a command that names no bank concerns all, one that names no group all groups."""
    same_bank = None in (a[3], b[3]) or a[3] == b[3]
    return same_bank and (None in (a[2], b[2]) or a[2] == b[2])


def distances(a: Command, b: Command, ddr: Ddr) -> typing.Iterator[typing.Tuple[str, int]]:
    """Each rule from `a` to a later `b`, and the picoseconds that it asks for."""
    first, second = a[1], b[1]
    group = a[2] == b[2]
    write_end = ddr["tcwl_ps"] + ddr["tburst_ps"]
    precharges = ("PRE", "PRESB", "PREA")
    if first == "ACT":
        if second in ("RD", "WR") and meets(a, b):
            yield "tRCD", ddr["trcd_ps"]
        if second in precharges and meets(a, b):
            yield "tRAS", ddr["tras_ps"]
        if second == "ACT":
            yield ("tRRD_L", ddr["trrd_l_ps"]) if group else ("tRRD_S", ddr["trrd_s_ps"])
            if meets(a, b):
                yield "tRC", ddr["tras_ps"] + ddr["trp_ps"]
        if second == "REFSB":
            yield "tRRD_L", ddr["trrd_l_ps"]
    if first in precharges:
        if second == "ACT" and meets(a, b) or second == "REFA" or second == "REFSB" and meets(a, b):
            yield "tRP", ddr["trp_ps"]
    if first == "RD":
        if second == "RD":
            yield ("tCCD_L", ddr["tccd_l_ps"]) if group else ("tCCD_S", ddr["tccd_s_ps"])
        if second == "WR":
            yield "read to write", ddr["tcl_ps"] + ddr["tburst_ps"] + ddr["turnaround_ps"] - ddr["tcwl_ps"]
        if second in precharges and meets(a, b):
            yield "tRTP", ddr["trtp_ps"]
    if first == "WR":
        if second == "WR":
            yield ("tCCD_L_WR", ddr["tccd_l_wr_ps"] or ddr["tccd_l_ps"]) if group else ("tCCD_S", ddr["tccd_s_ps"])
        if second == "RD":
            yield ("tWTR_L", write_end + ddr["twtr_l_ps"]) if group else ("tWTR_S", write_end + ddr["twtr_s_ps"])
        if second in precharges and meets(a, b):
            yield "tWR", write_end + ddr["twr_ps"]
    if first == "REFA":
        yield "tRFC", ddr["trfc_ps"]
    if first == "REFSB":
        if second == "ACT":
            yield ("tRFCsb", ddr["trfcsb_ps"]) if meets(a, b) else ("tREFSBRD", ddr["trefsbrd_ps"])
        if second == "REFSB":
            yield "tRFCsb", ddr["trfcsb_ps"]


def broken_distance(commands: typing.Sequence[Command], ddr: Ddr) -> typing.Optional[str]:
    for i, command in enumerate(commands):
        activates = 0
        for earlier in reversed(commands[max(i - 120, 0):i]):
            apart = command[0] - earlier[0]
            if apart > LONGEST:
                break
            for rule, least in distances(earlier, command, ddr):
                if apart < least:
                    return rule
            activates += earlier[1] == "ACT"
            if command[1] == earlier[1] == "ACT" and activates == 4 and apart < ddr["tfaw_ps"]:
                return "tFAW"
    return None


class Rows:
    """Which row is open in each bank."""

    def __init__(self) -> None:
        self.open: typing.Dict[typing.Tuple[int, int], int] = {}

    def step(self, command: Command) -> typing.Optional[str]:
        _, name, group, bank, row = command
        if name in ("RD", "WR") and self.open.get((group, bank)) != row:
            return "row not open"
        if name == "ACT" and (group, bank) in self.open:
            return "already open"
        concerned = [place for place in self.open if meets(command, (0, "", *place, None))]
        if name in ("REFA", "REFSB") and concerned:
            return "refresh of open rows"
        if name.startswith("PRE"):
            for place in concerned:
                del self.open[place]
        if name == "ACT":
            self.open[group, bank] = row
        return None


def broken_refresh(commands: typing.Sequence[Command], ddr: Ddr) -> typing.Optional[str]:
    """Refreshes come when they are due, in turn, and before the column commands that they are due before."""
    same_bank = ddr["trefisb_ps"] != 0
    interval = ddr["trefisb_ps"] if same_bank else ddr["trefi_ps"]
    done = 0
    for at, name, _, bank, _ in commands:
        due_bank = done % ddr["banks"] if same_bank else None
        if name in ("REFA", "REFSB"):
            if interval == 0 or same_bank != (name == "REFSB") or bank != due_bank:
                return "refresh of what is not due"
            if at < (done + 1) * interval:
                return "refresh before it is due"
            done += 1
        elif name in ("RD", "WR") and interval and at >= (done + 1) * interval and due_bank in (None, bank):
            return "tREFI"
    return None


def broken_rule(commands: typing.Sequence[Command], ddr: Ddr) -> typing.Optional[str]:
    rows = Rows()
    for command in commands:
        broken = rows.step(command)
        if broken:
            return broken
    if any(a[0] > b[0] for a, b in zip(commands, commands[1:])):
        return "order of time"
    return broken_distance(commands, ddr) or broken_refresh(commands, ddr)


def tight_pairs(commands: typing.Sequence[Command], ddr: Ddr) -> typing.Dict[str, typing.Tuple[int, int]]:
    """For each rule the first pair of commands that is exactly as far apart as it asks for, by their places in the list."""
    found: typing.Dict[str, typing.Tuple[int, int]] = {}
    for i, command in enumerate(commands):
        for j in range(i - 1, max(i - 40, -1), -1):
            for rule, least in distances(commands[j], command, ddr):
                if command[0] - commands[j][0] == least:
                    found.setdefault(rule, (j, i))
    return found
