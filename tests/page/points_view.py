# SPDX-License-Identifier: Apache-2.0
"""Pages of many points: what they show is the database's, and 5,000 of them stay fluid."""
import json
import pathlib
import random
import shlex
import sqlite3
import subprocess
import time

import browser
import yaml
from page_view import View


def check_points(view: View, database: pathlib.Path) -> None:
    """The page of a sweep: its table, front and map are the database's."""
    with sqlite3.connect(database) as source:
        rows = source.execute("SELECT point, network, latency_ms, area_mm2, cycles FROM results ORDER BY point").fetchall()
        front = source.execute("SELECT point FROM pareto WHERE network = ? ORDER BY area_mm2", [rows[0][1]]).fetchall()
    data = browser.page_data(view.page)
    columns = {column["key"]: column for column in data["columns"]}
    for at, key in ((0, "point"), (2, "latency_ms"), (3, "area_mm2"), (4, "cycles")):
        view.check(columns[key]["values"] == [row[at] for row in rows], f"{key} is not the database's")
    for sentence in data["answer"]:
        for pointer, value in sentence["figures"].items():
            if pointer != "/rows":
                _, key, row = pointer.split("/")
                view.check(columns[key]["values"][int(row)] == value, f"a sentence has {value} for {pointer}")
    view.check_page(charts=2)
    view.ask("for (const one of document.querySelectorAll('details')) one.open = true")
    time.sleep(0.2)
    shown = [int(row[0]) for row in view.rows("#front")]
    view.check(shown == [point for point, in front], f"the front is {shown}, the database's {front}")
    first = [row for row in rows if row[1] == rows[0][1]]
    view.check(f"{len(front)} of {len(first)} points" in view.ask("return document.querySelector('#front .note').textContent"),
               "the note on the front")
    # A link of the front goes to the row, on whichever page of the table it is.
    view.ask("[...document.querySelectorAll('#front table a')].pop().click()")
    time.sleep(0.3)
    marked = view.ask("return document.querySelector('#points tr.marked').cells[0].textContent")
    view.check(marked == str(front[-1][0]), f"the link of point {front[-1][0]} marks {marked}")
    # Cells of the map: the best of their points.
    cells = view.ask("return [...document.querySelector('#map table').tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))")
    first_case = [i for i, case in enumerate(data["case"]) if case == 0]
    expected = {}
    for i in first_case:
        key = (columns["array.rows"]["values"][i], columns["array.cols"]["values"][i])
        expected[key] = min(expected.get(key, 1e9), columns["latency_ms"]["values"][i])
    view.check(len(cells) == len({row for row, _ in expected}), f"the map has {len(cells)} rows")
    for line in cells:
        for cell, cols in zip(line[1:], sorted({cols for _, cols in expected})):
            view.check(abs(float(cell) - expected[int(line[0]), cols]) < 1e-3 * float(cell), f"the map has {cell} at {line[0]}, {cols}")
    # The filter holds for the charts.
    wanted = [row for row in first if row[4] < 20000]
    view.filter("#points", "cycles<20000")
    time.sleep(0.3)
    view.check(f"of {len(wanted)} points" in view.ask("return document.querySelector('#front .note').textContent"), "a filter does not reach the front")


def price_entries(file: pathlib.Path, before: str = "") -> dict:
    """Value and mark of each figure of a file, by its key."""
    entries = {}

    def walk(key: str, node) -> None:
        if isinstance(node, dict) and "value" in node:
            entries[before + key] = (float(node["value"]), bool(node.get("extrapolated", False)))
        elif isinstance(node, dict):
            for name, below in node.items():
                walk(f"{key}.{name}" if key else str(name), below)

    walk("", yaml.safe_load(file.read_text(encoding="utf-8")))
    return entries


def check_choice(view: View, database: pathlib.Path) -> None:
    """A choice is what the database says, and so is every figure that is told of it and of its rivals."""
    with sqlite3.connect(database) as source:
        wanted = [source.execute("SELECT point FROM results WHERE network = ? AND area_mm2 <= 3.2 ORDER BY energy_per_inference_uj LIMIT 1",
                                 [network]).fetchone()[0]
                  for network, in source.execute("SELECT network FROM results GROUP BY network ORDER BY min(point)").fetchall()]
    data = browser.page_data(view.page)
    columns = {column["key"]: column.get("values") for column in data["columns"]}
    view.check([columns["point"][one["chosen"]] for one in data["choice"]] == wanted, f"chosen are not {wanted}")
    rows = {}
    for row, key in enumerate(zip(*(columns[name] for name in ("array.rows", "array.cols", "ub.kib", "memory.bytes_per_cycle")), data["case"])):
        rows[key] = row
    for one in data["choice"]:
        view.check(len(one["rivals"]) == 5 and one["chosen"] not in [rival["row"] for rival in one["rivals"]], "the rivals")
        for rival in one["rivals"]:
            for pointer, value in rival["figures"].items():
                _, key, row = pointer.split("/")
                view.check(columns[key][int(row)] == value, f"a rival has {value} for {pointer}")
            view.check(("fails area_mm2 <= 3.2 by" in rival["text"]) == (columns["area_mm2"][rival["row"]] > 3.2), f"a rival: {rival['text']}")
        own = [columns[name][one["chosen"]] for name in ("array.rows", "array.cols", "ub.kib", "memory.bytes_per_cycle")]
        for near in one["neighbours"]:
            place = ["array.rows", "array.cols", "ub.kib", "memory.bytes_per_cycle"].index(near["key"])
            key = (*(near["value"] if i == place else value for i, value in enumerate(own)), one["case"])
            view.check(rows.get(key) == near["row"], f"{near} is not the neighbour of {own}")
        view.check(sum(near["row"] is not None for near in one["neighbours"]) >= 2, "no neighbour was found")
    view.check_page(charts=2)
    shown = view.ask("return [...document.querySelectorAll('#choice table')].map((table) => table.tBodies[0].rows[0].cells[0].textContent)")
    view.check(shown[0] == str(wanted[0]), f"the page shows {shown[0]} as chosen")


def check_assumptions(view: View, database: pathlib.Path) -> None:
    """Versions, hashes and prices that a choice rests on are the database's and the file's, and stand on the page."""
    data = browser.page_data(view.page)
    points = {column["key"]: column.get("values") for column in data["columns"]}["point"]
    with sqlite3.connect(database) as source:
        found = {row[0]: [value for value in row[1:] if value] for row in source.execute(
            "SELECT p.id, v.name, p.configuration, n.identity, m.identity, d.identity, e.identity FROM points p "
            "JOIN versions v ON v.id = p.version JOIN networks n ON n.id = p.network JOIN machines m ON m.id = p.machine "
            "LEFT JOIN memories d ON d.id = m.memory JOIN energy_tables e ON e.id = p.energy_table")}
    text = view.ask("return document.getElementById('choice').textContent")
    for one in data["choice"]:
        assumptions = one["assumptions"]
        values = [identity["value"] for identity in assumptions["identities"]]
        view.check(values == found[points[one["chosen"]]], f"the page has {values}, the database {found[points[one['chosen']]]}")
        view.check(all(value in text for value in values), "a version or hash is not shown")
        check_prices(view, assumptions["prices"])


def check_prices(view: View, prices: dict) -> None:
    """Each figure of the table of energies, and of the memory if it has rows, with its mark."""
    configs = pathlib.Path(__file__).resolve().parents[2] / "configs"
    table = price_entries(configs / f"energy/{prices['table']}.yaml")
    memory = {key: entry for file in (configs / "memory").glob("*.yaml") for key, entry in price_entries(file, f"{file.stem}.").items()}
    for price in prices.get("figures", []):
        if price["key"].startswith("memory."):
            entries = [entry for key, entry in memory.items() if key.endswith(f".{price['key'].removeprefix('memory.')}")]
        else:
            entries = [table[price["key"]]] if price["key"] in table else []
        view.check((price["value"], price["extrapolated"]) in entries, f"{price} is not in its file")
    view.check(len([price for price in prices.get("figures", []) if not price["key"].startswith("memory.")]) == len(table) > 20,
               f"{len(prices.get('figures', []))} prices, the table has {len(table)}")
    shown = [row for row in view.ask("""
        return [...document.querySelectorAll('#choice table')].filter((one) => one.caption.textContent.startsWith('The prices'))
            .map((one) => [...one.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)))""")[0]]
    view.check([[row[0], row[3] == "extrapolated"] for row in shown] == [[one["key"], one["extrapolated"]] for one in prices["figures"]],
               f"the page shows the prices {shown[:3]}")


def check_commands(view: View, systole: str, database: pathlib.Path) -> None:
    """The commands of a choice give the figures of the points that they stand for; NVDLA's points are those of docs/quality.md."""
    data = browser.page_data(view.page)
    points = {column["key"]: column.get("values") for column in data["columns"]}["point"]
    with sqlite3.connect(database) as source:
        figures = dict((row[0], row[1:]) for row in source.execute("SELECT point, cycles, energy_per_inference_uj, dram_bytes FROM results"))
    for one in data["choice"]:
        rows = {one["chosen"], one["baseline"], *(rival["row"] for rival in one["rivals"]), *(near["row"] for near in one["neighbours"])} - {None}
        view.check({entry["row"] for entry in one["commands"]} == rows, "a point of the choice has no command")
        for entry in one["commands"][:3]:
            words = shlex.split(entry["commands"][0])
            view.check(words[:2] == ["systole", "run"] and len(entry["commands"]) == 1, f"the command {entry['commands']}")
            done = subprocess.run([systole, *words[1:], "--json", "-"], capture_output=True, text=True, check=False)
            result = json.loads(done.stdout) if done.returncode == 0 else {}
            got = (result["totals"]["cycles"], result["energy"]["per_inference_pj"] / 1e6, result["totals"]["dram_bytes"]["total"]) if result else ()
            expected = figures[points[entry["row"]]]
            view.check(len(got) == 3 and all(abs(a - b) <= 1e-9 * b for a, b in zip(got, expected)), f"{entry['commands'][0]} gives {got}, the database {expected}")
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/quality.md").read_text(encoding="utf-8")
    for row in data["silicon"]["rows"]:
        view.check(any(line.split() == row for line in page.splitlines()), f"docs/quality.md has no {row}")
    view.check(len(data["silicon"]["rows"]) == 7, "NVDLA has seven points")


def grow(database: pathlib.Path, points: int) -> None:
    """Makes many points of those that are there, with other figures."""
    chance = random.Random(1)
    with sqlite3.connect(database) as source:
        names = [row[1] for row in source.execute("PRAGMA table_info(points)")]
        rows = source.execute("SELECT * FROM points").fetchall()
        made = []
        for number in range(len(rows), points):
            row = dict(zip(names, chance.choice(rows)), id=number + 1, configuration=f"x{number:031}")
            factor = chance.uniform(0.5, 2)
            row["cycles"] = int(row["cycles"] * factor)
            row["latency_ms"] *= factor
            row["area_mm2"] *= chance.uniform(0.5, 2)
            made.append(list(row.values()))
        source.executemany(f"INSERT INTO points VALUES ({','.join('?' * len(names))})", made)


FLUID = 0.1  # s of the browser's main thread, layout and drawing included

ACTIONS = {
    "sorting": "[...document.querySelectorAll('#points thead button')].find((one) => one.textContent === 'machine').click();",
    "filtering": "const input = document.querySelector('#points input'); input.value = 'cycles<40000'; input.dispatchEvent(new Event('input'));",
    "another axis": "const list = document.querySelectorAll('#front select'); list[1].value = 'dram_bytes'; list[1].dispatchEvent(new Event('change'));",
    "another case": "const list = document.querySelectorAll('#map select'); list[0].value = '1'; list[0].dispatchEvent(new Event('change'));",
    "a page on": "document.querySelectorAll('#points .pager button')[1].click();",
}


def check_fluid(driver, page: pathlib.Path) -> list[str]:
    """What somebody does takes the main thread less than 100 ms of its own time."""
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    view = View(driver, page)
    for name, script in ACTIONS.items():
        took = []
        for _ in range(3):  # the least, as others use this machine too
            before = spent()
            driver.execute_async_script(f"const done = arguments[0]; {script} "
                                        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));")
            took.append(spent() - before)
        least = min(took)
        print(f"  {name}: {1000 * least:.0f} ms")
        view.check(least < FLUID, f"{name} takes {1000 * least:.0f} ms")
    driver.execute_cdp_cmd("Performance.disable", {})
    return view.end()
