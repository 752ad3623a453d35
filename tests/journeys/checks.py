"""What every page of every site must be, asked of the page as Chromium shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser import axe_violations, overflowing_elements, small_targets
from tests.journeys.living import DESKTOP, PHONE, REFLOW

CHINESE = re.compile(r"[\u3400-\u9fff]+")
HTML_LANG = {"zh": "zh-Hans", "en": "en"}

# Text as a reader or a screen reader meets it: nodes that are shown, and the attributes that are spoken.
CHINESE_TEXT = """() => {
  const found = [];
  const keep = (words, element, canBeMarked) => {
    if (/[\\u3400-\\u9fff]/.test(words ?? "")) {
      found.push({words: words.trim(), marked: !canBeMarked || Boolean(element.closest("[lang^=zh]"))});
    }
  };
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.matches("script, style, textarea")) continue;
    keep(walker.currentNode.textContent, element, !element.closest("option, title"));
  }
  for (const element of document.querySelectorAll("*")) {
    for (const name of ["alt", "title", "placeholder", "aria-label", "content"]) {
      keep(element.getAttribute(name), element, false);
    }
  }
  return found;
}"""


@dataclass(frozen=True)
class ChineseData:
    """Chinese that is nobody's to translate."""

    names: frozenset[str]
    """Names of people, and what they typed: each stands whole."""
    quoted: str
    """The law and its documents, of which a page quotes pieces."""

    def besides(self, *more: str) -> ChineseData:
        return ChineseData(self.names | set(more), self.quoted)


def faults_of_page(page: Page, language: str, data: ChineseData | None) -> list[str]:
    """Head, headings, language; what access tools find at the desk's width, on a telephone and at 400 %.

    `data`: the Chinese that may stand there; None for a paper on which both languages stand.
    """
    faults = _faults_of_head(page, language)
    if language == "en" and data is not None:
        faults += faults_of_language(page, data)
    for width, height in (DESKTOP, PHONE):
        _resize(page, width, height)
        faults += [f"at {width}: {fault}" for fault in axe_violations(page)]
        faults += [f"at {width}: small {target}" for target in small_targets(page)]
        faults += [f"at {width}: {element}" for element in overflowing_elements(page)]
    _resize(page, *REFLOW)
    faults += [f"at 320: {element}" for element in overflowing_elements(page)]
    return faults


def faults_of_language(page: Page, data: ChineseData) -> list[str]:
    """Chinese on an English page is somebody's name, own words or the law's, and says so to a screen reader."""
    faults = []
    for found in page.evaluate(CHINESE_TEXT):
        left = found["words"]
        for name in sorted(data.names | {"中文"}, key=len, reverse=True):
            left = left.replace(name, "")
        is_quoted = found["marked"] and all(run in data.quoted for run in CHINESE.findall(left))
        if CHINESE.search(left) and not is_quoted:
            faults.append(f"not English: {left.strip()}")
        elif not found["marked"]:
            faults.append(f"not marked as Chinese: {found['words']}")
    return faults


def faults_of_skip_link(page: Page) -> list[str]:
    """The first Tab finds it, and it leads past the bar."""
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "cm-skip":
        return [f"the first Tab reaches {page.evaluate('document.activeElement.outerHTML.slice(0, 80)')}"]
    if page.locator(".cm-skip").bounding_box()["x"] < 0:
        return ["the skip link has the focus and is not seen"]
    page.keyboard.press("Enter")
    return [] if page.evaluate("document.activeElement.id") == "main" else ["the skip link leads nowhere"]


def _resize(page: Page, width: int, height: int) -> None:
    """And let the page see it: what scrolls becomes a stop for the Tab key in the frame after."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")


def _faults_of_head(page: Page, language: str) -> list[str]:
    faults = []
    if not page.title().strip(" –"):
        faults.append("no title")
    if page.locator("h1").count() != 1:
        faults.append(f"{page.locator('h1').count()} h1")
    if page.locator("html").get_attribute("lang") != HTML_LANG[language]:
        faults.append(f"lang is {page.locator('html').get_attribute('lang')}")
    return faults
