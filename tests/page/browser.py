# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium for pages of `systole report`: Debian's chromium, chromium-driver and python3-selenium."""
import contextlib
import importlib.util
import json
import pathlib
import shutil


def why_absent() -> str:
    """What is missing for a browser; empty if nothing is."""
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    if importlib.util.find_spec("selenium") is None:
        missing.append("python3-selenium")
    return f"no browser: {', '.join(missing)} missing (tools/install_deps.sh --tests)" if missing else ""


@contextlib.contextmanager
def open_browser(dark: bool = False, width: int = 1280, height: int = 1000):
    """A driver of Selenium, without network: whatever a page asks for fails, and stands in its log."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}",
                     "--host-resolver-rules=MAP * ~NOTFOUND", "--force-device-scale-factor=1", "--hide-scrollbars"):
        options.add_argument(argument)
    if dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def open_page(driver, page: pathlib.Path) -> None:
    driver.get(page.resolve().as_uri())


def console(driver) -> list[str]:
    """What the page wrote to the console since the last call."""
    return [f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser")]


def requests(driver, page: pathlib.Path) -> list[str]:
    """Addresses that were asked for besides the page itself."""
    asked = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(message["params"]["request"]["url"])
    return [address for address in asked if not address.startswith((page.resolve().as_uri(), "data:", "blob:"))]


def page_data(page: pathlib.Path):
    """The block of JSON of a page, read from its text."""
    text = page.read_text(encoding="utf-8")
    block = text.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    return json.loads(block)
