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

HERE = pathlib.Path(__file__).resolve().parent
AXE = HERE / "node_modules/axe-core/axe.min.js"
RESNET8 = str(HERE.parent / "data/resnet8_fmnist.onnx")
SERIOUS = {"serious", "critical"}


def command(*words, folder: pathlib.Path) -> None:
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    if "no plotting library" in done.stderr:
        print(done.stderr)
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")


class View:
    """A page that is open, and what was found wrong with it."""

    def __init__(self, driver, page: pathlib.Path):
        self.driver, self.page, self.problems = driver, page, []
        browser.open_page(driver, page)

    def ask(self, script: str, *values):
        return self.driver.execute_script(script, *values)

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)

    def rows(self, section: str) -> list[list[str]]:
        """The cells of the first table of a section, as they are shown."""
        return self.ask("return [...document.querySelector(arguments[0] + ' table').tBodies[0].rows]"
                        ".map((row) => [...row.cells].map((cell) => cell.textContent))", section)

    def press(self, section: str, header: str) -> str:
        """Sorts by a column, by keyboard; its aria-sort then."""
        return self.ask("""
            const button = [...document.querySelectorAll(arguments[0] + ' thead button')].find((one) => one.textContent === arguments[1]);
            button.focus();
            button.click();
            return button.closest('th').getAttribute('aria-sort');""", section, header)

    def filter(self, section: str, query: str) -> list[list[str]]:
        self.ask("""
            const input = document.querySelector(arguments[0] + ' input[type=search]');
            input.value = arguments[1];
            input.dispatchEvent(new Event('input'));""", section, query)
        return self.rows(section)

    def check_page(self, charts: int) -> None:
        """What holds of every page."""
        drawn = self.ask("return [...document.querySelectorAll('.chart')].filter((one) => one.querySelector('svg, canvas')).length")
        self.check(drawn == charts, f"{drawn} charts, expected {charts}")
        tables = self.ask("return [...document.querySelectorAll('figure')].filter((one) => !one.querySelector('table')).length")
        self.check(tables == 0, f"{tables} charts without a table")
        self.ask(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script("const done = arguments[0]; axe.run(document).then(done)")
        for fault in found["violations"]:
            if fault["impact"] in SERIOUS:
                self.problems.append(f"axe: {fault['id']}: {fault['help']}: " + "; ".join(node["html"][:120] for node in fault["nodes"][:3]))
        self.check(len(found["passes"]) > 10, "axe has looked at nothing")

    def end(self) -> list[str]:
        self.problems += [f"console: {line}" for line in browser.console(self.driver)]
        self.problems += [f"asks for {address}" for address in browser.requests(self.driver, self.page)]
        return self.problems


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
    print("\n".join(problems) or "pages are as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
