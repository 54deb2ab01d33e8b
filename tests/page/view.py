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
from points_view import check_choice, check_fluid, check_points, grow

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


def whole(number: int) -> str:
    return f"{number:,}"


def check_run(view: View, result: dict) -> None:
    """The page of one run."""
    view.check_page(charts=4)
    rows = view.rows("#layers")
    expected = [[layer["name"], layer["operator"], whole(layer["cycles"])] for layer in result["layers"]]
    view.check([row[:3] for row in rows] == expected, "the table of layers is not the result's")
    view.check(view.press("#layers", "cycles") == "descending", "cycles do not sort from the largest down")
    heaviest = sorted((layer["cycles"] for layer in result["layers"]), reverse=True)
    view.check([row[2] for row in view.rows("#layers")] == [whole(one) for one in heaviest], "sorted by cycles: another order")
    view.check(view.press("#layers", "cycles") == "ascending", "a second press does not turn the order round")
    view.check([row[2] for row in view.rows("#layers")] == [whole(one) for one in heaviest[::-1]], "sorted the other way: another order")
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


def check_comparison(view: View, first: dict, second: dict) -> None:
    """The page of two runs of one network."""
    view.check_page(charts=2)
    expected = [[a["name"], whole(a["cycles"]), whole(b["cycles"])] for a, b in zip(first["layers"], second["layers"])]
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
    view.check_page(charts=4)
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
    view.check(len(shown["tables"]) == 4 and all(shown["tables"]), "a table of a chart is not printed")
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
        check_run(view, json.loads((folder / "out/result.json").read_text(encoding="utf-8")))
        problems += view.end() + check_colours(driver, folder / "run.html") + check_hover(driver, folder / "run.html")
        problems += check_print(driver, folder / "run.html")
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
        problems += view.end()
        grow(folder / "results.db", 5000)
        command(systole, "report", "results.db", "-o", "many.html", folder=folder)
        problems += check_fluid(driver, folder / "many.html")
    print("\n".join(problems) or "pages are as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
