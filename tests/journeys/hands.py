"""Somebody at a keyboard and without a mouse: Tab, arrows, Enter and letters, nothing else."""

from __future__ import annotations

from playwright.sync_api import Page

FARTHEST = 120
# How the element with the focus calls itself: its label, its words, or what screen readers are told.
FOCUSED_NAME = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "";
  const said = here.labels?.[0]?.innerText || here.getAttribute("aria-label") || here.innerText || here.value || "";
  return said.replace(/\\s+/g, " ").trim();
}"""


class NotReached(AssertionError):
    """Tab went round and did not come by."""


def tab_to(page: Page, name: str, kind: str = "*") -> None:
    """Press Tab until the focus stands on what begins with these words, and see that the eye finds it too."""
    passed = []
    for _press in range(FARTHEST):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED_NAME)
        if found.startswith(name) and page.evaluate("kind => document.activeElement.matches(kind)", kind):
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring == "solid", f"{name} has the focus and shows no ring"
            return
        passed.append(found[:30])
    raise NotReached(f"{name} on {page.url}; passed {sorted(set(passed))}")


def type_into(page: Page, name: str, words: str) -> None:
    """Into the field of this label, in place of what stands there."""
    tab_to(page, name, "input, textarea")
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def choose(page: Page, name: str, words: str) -> None:
    """In the list of this label, by the down arrow."""
    tab_to(page, name, "select")
    for _press in range(FARTHEST):
        if page.evaluate("document.activeElement.selectedOptions[0].textContent").startswith(words):
            return
        page.keyboard.press("ArrowDown")
    raise NotReached(f"{words} in {name} on {page.url}")


def go_by(page: Page, name: str) -> None:
    """To the link or button of these words, Enter, and on to the page it leads to."""
    tab_to(page, name)
    send(page)


def send(page: Page) -> None:
    """Enter where the focus stands, and wait for the page that answers."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
