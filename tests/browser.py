"""Real Chromium for the suite: one way to start it, and what every page is asked. No fixtures, only functions.

Under the sites' CSP `page.wait_for_function` cannot run; wait with locators.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
]


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Debian's Chromium (or the one COOPMED_CHROMIUM names), closed again whatever happens."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("COOPMED_CHROMIUM", "/usr/bin/chromium"), args=SWITCHES
        )
        try:
            yield browser
        finally:
            browser.close()


def axe_violations(page: Page) -> list[str]:
    """WCAG 2.0–2.2 A and AA as axe sees them: one line for each place, empty when all is well."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    # What passes is not asked for: describing it costs more than finding it.
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(document, options).then((found) => found.violations)", options)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for violation in violations
        for node in violation["nodes"]
    ]


def overflowing_elements(page: Page) -> list[str]:
    """What makes the page itself scroll sideways. Elements inside a scroller of their own do not count."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const inScroller = (element) => {
            for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
              if (getComputedStyle(up).overflowX !== "visible") return true;
            }
            return false;
          };
          const found = [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > width + 1 && !inScroller(element))
            .map((element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`
              + ` ends at ${Math.round(element.getBoundingClientRect().right)} of ${width}`);
          return found.length ? found : [`the page is ${document.documentElement.scrollWidth} wide of ${width}`];
        }"""
    )


def small_targets(page: Page, least: int = 24) -> list[str]:
    """Links, buttons and fields smaller than `least` pixels either way (WCAG 2.5.8).

    Not counted: a link inside a sentence, whatever is hidden from the eye, and a box or radio whose label is large.
    """
    return page.evaluate(
        """(least) => {
          const isInSentence = (link) => {
            if (link.tagName !== "A" || getComputedStyle(link).display !== "inline") return false;
            const block = link.closest("p, li, dd, td, th, figcaption, label, div, span");
            if (!block) return false;
            const around = [...block.childNodes].filter((node) => !node.contains(link)).map((node) => node.textContent);
            return around.join("").trim().length > 0;
          };
          const problems = [];
          for (const target of document.querySelectorAll("a[href], button, summary, input, select, textarea")) {
            if (target.type === "hidden" || !target.checkVisibility({visibilityProperty: true})) continue;
            if (target.classList.contains("cm-skip") || target.closest(".cm-hidden")) continue;
            if (isInSentence(target)) continue;
            const isChoice = target.matches("[type=checkbox], [type=radio]");
            const shown = (isChoice && target.closest("label")) || target;
            const box = shown.getBoundingClientRect();
            if (box.width < least || box.height < least) {
              problems.push(`${target.tagName.toLowerCase()} “${(target.textContent || target.name).trim()}”`
                + ` ${box.width.toFixed(1)} × ${box.height.toFixed(1)}`);
            }
          }
          return problems;
        }""",
        least,
    )


@dataclass
class ConsoleWatch:
    """What a page complained of since it was watched: console errors and warnings, exceptions, failed loads."""

    complaints: list[str] = field(default_factory=list)

    def ignore(self, is_expected: Callable[[str], Any]) -> None:
        self.complaints = [complaint for complaint in self.complaints if not is_expected(complaint)]


def console_watch(page: Page) -> ConsoleWatch:
    """Start before the first `goto`: a CSP violation is a console error and would otherwise be missed."""
    watch = ConsoleWatch()

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watch.complaints.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: watch.complaints.append(f"uncaught: {error}"))
    page.on(
        "requestfailed",
        lambda request: (
            None
            if request.failure == "net::ERR_ABORTED"
            else watch.complaints.append(f"failed: {request.url} {request.failure}")
        ),
    )
    return watch
