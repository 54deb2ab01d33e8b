#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of `systole report` in a headless Chromium: what they show is the source, they ask for nothing, and all can use them.

Usage: view.py SYSTOLE. Ends with 77 and the reason where there is no browser, no axe-core or no plotting library.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import browser
from page_view import AXE, View
from points_view import check_assumptions, check_choice, check_commands, check_fluid, check_points, grow

HERE = pathlib.Path(__file__).resolve().parent
RESNET8 = str(HERE.parent / "data/resnet8_fmnist.onnx")
SWEEP = f"""
networks: [{HERE.parent}/data/lenet_fmnist.onnx, {RESNET8}]
architectures: [edge-16x16]
set:
  array.rows: [4, 8, 16]
  array.cols: [4, 8, 16]
  ub.kib: [32, 256]
memory:
  - {{kind: ideal, gb_per_s: 2}}
  - {{kind: ideal, gb_per_s: 32}}
"""


def command(*words, folder: pathlib.Path) -> None:
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    if "no plotting library" in done.stderr:
        print(done.stderr)
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")


def whole_text(number: int) -> str:
    return f"{number:,}"


def check_run(view: View, result: dict) -> None:
    """The page of one run."""
    view.check_page(charts=5)
    rows = view.rows("#layers")
    expected = [[layer["name"], layer["operator"], whole_text(layer["cycles"])] for layer in result["layers"]]
    view.check([row[:3] for row in rows] == expected, "the table of layers is not the result's")
    view.check(view.press("#layers", "cycles") == "descending", "cycles do not sort from the largest down")
    heaviest = sorted((layer["cycles"] for layer in result["layers"]), reverse=True)
    view.check([row[2] for row in view.rows("#layers")] == [whole_text(one) for one in heaviest], "sorted by cycles: another order")
    view.check(view.press("#layers", "cycles") == "ascending", "a second press does not turn the order round")
    view.check([row[2] for row in view.rows("#layers")] == [whole_text(one) for one in heaviest[::-1]], "sorted the other way: another order")
    few = view.filter("#layers", "conv cycles<1000")
    wanted = {layer["name"] for layer in result["layers"] if layer["cycles"] < 1000 and "conv" in layer["operator"] + layer["name"].lower()}
    view.check({row[0] for row in few} == wanted and len(few) == len(wanted), f"filtered: {[row[0] for row in few]}, expected {wanted}")
    status = view.ask("return document.querySelector('#layers [role=status]').textContent")
    view.check(status == f"{len(wanted)} of {len(rows)} rows", f"the filter says '{status}'")
    view.check(view.filter("#layers", "no such thing") == [], "a filter that nothing passes shows rows")
    # Another unit's causes: the table below the chart sums to its cycles.
    view.ask("""
        const select = document.querySelector('#causes select');
        select.value = 'ldw';
        select.dispatchEvent(new Event('change'));
        document.querySelector('#causes details').open = true;""")
    causes = view.rows("#causes")
    sums = [sum(int(cell.replace(",", "")) for cell in row[1:]) for row in causes]
    view.check(sums == [layer["cycles"] for layer in result["layers"]], "causes of ldw do not sum to the layers' cycles")


def check_over_time(view: View, over_time: dict, result: dict) -> None:
    """What is drawn over time is the file's, which sums to the result's counters, and a layer can be chosen."""
    windows = over_time["windows"]
    view.check(browser.page_data(view.page)["over_time"] == windows, "the page has other windows than over_time.json")
    whole, counters = windows[0], result["counters"]
    sums = {f"{unit}_{cause}": sum(cycles) for unit, causes in whole["units"].items() for cause, cycles in causes.items()}
    view.check(sums == {key: counters[key] for key in sums} and sum(sums.values()) == 6 * result["totals"]["cycles"],
               f"the causes of the whole run are {sums}")
    bus = result["architecture"]["parameters"]["axi.data_bits"] // 8
    view.check(sum(whole["read_bytes"]) == bus * counters["read_beats"], "bytes read over time")
    view.check(sum(whole["write_bytes"]) == bus * counters["write_beats"], "bytes written over time")
    if "accesses" in whole:
        memory = result["totals"]["memory"]
        view.check(sum(whole["row_hits"]) == memory["row_hits"], "row hits over time")
        view.check(sum(whole["accesses"]) == memory["row_hits"] + memory["row_misses"] + memory["row_conflicts"], "accesses over time")
    view.check([window["name"] for window in windows[1:]] == [layer["name"] for layer in result["layers"]], "windows are not the layers")
    for window, layer in zip(windows[1:], result["layers"]):
        for unit, causes in window["units"].items():
            cycles = [sum(step) for step in zip(*causes.values())]
            view.check(sum(cycles) == window["to"] - window["from"] >= layer["cycles"], f"{layer['name']}: {unit} has {sum(cycles)} cycles")
            view.check(set(cycles[:-1]) <= {window["step"]}, f"{layer['name']}: steps of {unit} have {set(cycles)} cycles")
    view.ask("""
        const select = document.querySelector('#time select');
        select.value = '2';
        select.dispatchEvent(new Event('change'));
        document.querySelector('#time details').open = true;""")
    shown = view.rows("#time")
    second = windows[2]
    view.check(shown[0][0] == whole_text(second["from"]) and len(shown) == len(second["read_bytes"]), f"of {second['name']} is shown {shown[0]}")


def check_break_even(view: View, study: dict) -> None:
    """Lines are where the study says that rows gain."""
    data = browser.page_data(view.page)["break_even"]
    low, high = study["break_even"]["low"], study["break_even"]["high"]
    for one in data["rows"]:
        own = study["rows"][one["row"]]["break_even"]
        expected = {"everywhere": (low, high), "nowhere": (None, None), "below": (low, own.get("value")), "above": (own.get("value"), high)}[own["gains"]]
        view.check((one.get("from"), one.get("to")) == expected, f"row {one['row']}: {one}, the study says {own}")
    view.check(len(data["rows"]) == sum("break_even" in row for row in study["rows"]) > 0, "rows of the break-even")
    shown = [row[2] for row in view.rows("#break-even")]
    view.check(all(one.startswith("gains ") for one in shown) and any(one.startswith("gains up to ") for one in shown), f"the table of the break-even: {shown}")


def read(file: pathlib.Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def check_comparison(view: View, first: dict, second: dict) -> None:
    """The page of two runs of one network."""
    view.check_page(charts=2)
    expected = [[a["name"], whole_text(a["cycles"]), whole_text(b["cycles"])] for a, b in zip(first["layers"], second["layers"])]
    view.check([row[:3] for row in view.rows("#layers")] == expected, "the table of layers is not that of both results")
    changes = [b["cycles"] - a["cycles"] for a, b in zip(first["layers"], second["layers"])]
    shown = [row[3] for row in view.rows("#layers")]
    view.check([int(one.replace(",", "").replace("−", "-")) for one in shown] == changes, f"changes are {shown}, expected {changes}")
    # What the causes change sums to what the layer changes.
    sums = [sum(int(cell.replace(",", "").replace("−", "-")) for cell in row[1:]) for row in view.rows("#causes")]
    view.check(sums == changes, f"causes sum to {sums}, expected {changes}")


def check_colours(driver, page: pathlib.Path) -> list[str]:
    """The button turns light to dark; both are legible to axe, and charts change with it."""
    view = View(driver, page)
    colour = "return getComputedStyle(document.body).backgroundColor + document.querySelector('#roofline svg text').getAttribute('fill')"
    light = view.ask(colour)
    view.ask("document.getElementById('scheme').click()")
    view.check(view.ask(colour) != light, "the button changes no colour")
    view.check(view.ask("return document.getElementById('scheme').getAttribute('aria-pressed')") == "true", "the button does not say that it is dark")
    view.check_page(charts=5)
    return view.end()


def check_print(driver, page: pathlib.Path) -> list[str]:
    """On paper: white, every table open with its header, no controls."""
    view = View(driver, page)
    view.ask("document.documentElement.dataset.scheme = 'dark'; window.dispatchEvent(new Event('beforeprint'))")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = view.ask("""
        const seen = (selector) => [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect().height > 0);
        return {paper: getComputedStyle(document.body).backgroundColor, headers: seen('th[scope=col] button'),
          tables: seen('figure table'), controls: seen('.controls, #scheme, nav')};""")
    view.check(shown["paper"] == "rgb(255, 255, 255)", f"the paper is {shown['paper']}")
    view.check(all(shown["headers"]), "a header of a table is not printed")
    view.check(len(shown["tables"]) == 5 and all(shown["tables"]), "a table of a chart is not printed")
    view.check(not any(shown["controls"]), "controls are printed")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    return view.end()


def check_hover(driver, page: pathlib.Path) -> list[str]:
    """A point of the roofline says what it is."""
    from selenium.webdriver.common.action_chains import ActionChains

    view = View(driver, page)
    view.ask("document.getElementById('roofline').scrollIntoView()")
    spot = view.ask("""
        const place = document.querySelector('#roofline .chart');
        const chart = echarts.getInstanceByDom(place);
        const series = chart.getOption().series;
        const point = series[series.length - 1].data[0];
        const [x, y] = chart.convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, point.value);
        const box = place.getBoundingClientRect();
        return [x - box.width / 2, y - box.height / 2, point.name];""")
    place = driver.find_element("css selector", "#roofline .chart")
    ActionChains(driver).move_to_element_with_offset(place, round(spot[0]), round(spot[1])).perform()
    time.sleep(0.3)
    shown = view.ask("return document.querySelector('#roofline .chart').textContent")
    view.check(spot[2] in shown and "operations per byte" in shown, f"hovering over {spot[2]} shows '{shown[-200:]}'")
    return view.end()


def main(systole: str) -> int:
    absent = browser.why_absent() or ("" if AXE.is_file() else "no axe-core (tools/install_deps.sh --tests)")
    if absent:
        print(absent)
        return 77
    problems = []
    with tempfile.TemporaryDirectory() as scratch, browser.open_browser() as driver:
        folder = pathlib.Path(scratch)
        command(systole, "run", RESNET8, "--energy", "--explain", "-o", "out", folder=folder)
        command(systole, "report", "out", "-o", "run.html", folder=folder)
        view = View(driver, folder / "run.html")
        check_run(view, read(folder / "out/result.json"))
        check_over_time(view, read(folder / "out/over_time.json"), read(folder / "out/result.json"))
        problems += view.end() + check_colours(driver, folder / "run.html") + check_hover(driver, folder / "run.html")
        problems += check_print(driver, folder / "run.html")
        command(systole, "run", RESNET8, "--memory", "ddr4-2400", "-o", "ddr", folder=folder)
        command(systole, "report", "ddr", "-o", "ddr.html", folder=folder)
        view = View(driver, folder / "ddr.html")
        check_over_time(view, read(folder / "ddr/over_time.json"), read(folder / "ddr/result.json"))
        problems += view.end()
        command(systole, "study", RESNET8, "--precisions", "int8,W4A8,W4A4", "--prunes", "none", "--break-even", "bandwidth", "-o", "study", folder=folder)
        command(systole, "report", "study", "-o", "study.html", folder=folder)
        view = View(driver, folder / "study.html")
        view.check_page(charts=3)
        check_break_even(view, read(folder / "study/study.json"))
        problems += view.end()
        command(systole, "run", RESNET8, "--set", "memory.bytes_per_cycle=1", "-o", "slow", folder=folder)
        command(systole, "report", "out", "slow", "-o", "both.html", folder=folder)
        view = View(driver, folder / "both.html")
        check_comparison(view, *(json.loads((folder / name / "result.json").read_text(encoding="utf-8")) for name in ("out", "slow")))
        problems += view.end()
        (folder / "s.yaml").write_text(SWEEP, encoding="utf-8")
        command(systole, "sweep", "s.yaml", "-o", "results.db", folder=folder)
        command(systole, "report", "results.db", "-o", "sweep.html", folder=folder)
        view = View(driver, folder / "sweep.html")
        check_points(view, folder / "results.db")
        problems += view.end()
        command(systole, "report", "results.db", "-o", "choice.html", "--choose", "min energy_per_inference_uj where area_mm2 <= 3.2",
                "--baseline", "1", folder=folder)
        view = View(driver, folder / "choice.html")
        check_choice(view, folder / "results.db")
        check_assumptions(view, folder / "results.db")
        check_commands(view, systole, folder / "results.db")
        problems += view.end()
        grow(folder / "results.db", 5000)
        command(systole, "report", "results.db", "-o", "many.html", folder=folder)
        problems += check_fluid(driver, folder / "many.html")
    print("\n".join(problems) or "pages are as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
