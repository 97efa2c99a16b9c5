# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Chromium without a window, for the tests of the dashboard."""
import os
import shutil
import sqlite3

import pytest

from support.server import wait_for

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
FLAGS += ("--disable-dev-shm-usage", "--window-size=1300,1000")


USUAL = "lost_network DESC, total_bytes DESC, id DESC"  # the default order of flows


def require():
    """Skips the test, with the reason, when there is no Chromium to control; in CI it fails."""
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    try:
        import selenium  # pylint: disable=import-outside-toplevel,unused-import
    except ImportError:
        missing.append("python3-selenium")
    if missing:
        words = f"the dashboard is not tested: {', '.join(missing)} is missing"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)


def start(profile, *flags):
    """Returns a driver for a new Chromium with an empty PROFILE directory and more FLAGS."""
    from selenium import webdriver  # pylint: disable=import-outside-toplevel
    from selenium.webdriver.chrome import service  # pylint: disable=import-outside-toplevel

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=service.Service(shutil.which("chromedriver")), options=options)


class Page:
    """The dashboard of SERVER in a browser."""

    def __init__(self, driver, server):
        self.driver = driver
        self.origin = f"http://{server.host}:{server.port}"

    def open(self, address="#/", credentials=""):
        """Loads the page anew, as when a user types the address."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(f"{self.origin.replace('//', f'//{credentials}')}/{address}")
        self.wait_until_shown()

    def wait_until_shown(self):
        """Waits until the page shows what its address asks for, or an error."""
        wait_for(lambda: self.state() != "waiting" or self.notice())

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def text(self, name):
        return self.script("return document.getElementById(arguments[0]).textContent", name)

    def state(self):
        return self.script("return document.getElementById('status').dataset.state")

    def notice(self):
        return self.script("const e = document.getElementById('notice'); return e.hidden ? '' : e.textContent")

    def rows(self, body="flow-rows"):
        """The cells of each row of a table."""
        code = "return [...document.getElementById(arguments[0]).rows].map(r => [...r.cells].map(c => c.textContent))"
        return self.script(code, body)

    def ids(self):
        return [row[0] for row in self.rows()]

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def click(self, selector):
        self.find(selector).click()

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def focused(self, code):
        """The value of CODE for the element `e` that has the focus."""
        return self.script(f"const e = document.activeElement; return {code}")

    def tab_to(self, code, most=60):
        """Presses Tab until CODE is true for the element that has the focus."""
        for _ in range(most):
            self.press("\ue004")
            if self.focused(code):
                return
        raise AssertionError(f"the keyboard does not get to {code}")

    def resize(self, width, height):
        """Sets the size of the page, which can be narrower than a window."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, **features):
        """Sets media features that the user prefers; names have _ for -."""
        chosen = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": chosen})

    def complaints(self):
        """Errors that the browser reported since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def all(self, selector, code):
        """The value of CODE for each element `e` that SELECTOR finds."""
        return self.script(f"return [...document.querySelectorAll(arguments[0])].map(e => {code})", selector)

    def choose(self, name, value):
        """Chooses VALUE in a select, as a user does."""
        self.script(
            "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
            "e.dispatchEvent(new Event('change', {bubbles: true}))",
            name,
            value,
        )

    def chart_words(self, parent):
        return self.all(f"#{parent} .chart", "e.ariaLabel")

    def painted(self, selector):
        """The number of pixels of a chart that have the colour of loss."""
        return self.script(
            """
            const canvas = document.querySelector(arguments[0] + ' canvas');
            const wanted = getComputedStyle(document.documentElement).getPropertyValue('--lost').trim();
            const [r, g, b] = [1, 3, 5].map(i => parseInt(wanted.slice(i, i + 2), 16));
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            let found = 0;
            for (let i = 0; i < pixels.length; i += 4)
                if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) found++;
            return found;
            """,
            selector,
        )


class Truth:
    """The expected values, read by SQL from the database at PATH; its newest capture is shown."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.row_factory = sqlite3.Row

    def one(self, sql, *values):
        return self.database.execute(sql, values).fetchone()

    def ids(self, condition="1", order=USUAL, limit=50, offset=0):
        """The ids of the flows on a page of the list."""
        sql = "SELECT flow_id FROM flows WHERE capture_id = (SELECT max(id) FROM captures) "
        sql += f"AND {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        return [row[0] for row in self.database.execute(sql, (limit, offset))]
