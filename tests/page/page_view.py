# SPDX-License-Identifier: Apache-2.0
"""A page that is open in a browser, and what is found wrong with it."""
import pathlib
import time

import browser

AXE = pathlib.Path(__file__).resolve().parent / "node_modules/axe-core/axe.min.js"
SERIOUS = {"serious", "critical"}


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
        self.ask("for (const one of document.querySelectorAll('details')) one.open = true")
        time.sleep(0.2)
        tables = self.ask("return [...document.querySelectorAll('figure')].filter((one) => !one.querySelector('table td')).length")
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
