"""`python -m tests.pictures`: the README's pictures, taken of a freshly filled demo; nothing in them is real.

`python -m tests.pictures --all FOLDER` takes the main pages in both languages, wide and narrow, to look at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from chassis.i18n import LANGUAGES
from demo.people import PASSPHRASE
from tests.browser import launch_chromium
from tests.conftest import migrated_template, running_servers
from tests.journeys.living import LiveHouse, live_house, speak, who_holds

README = Path(__file__).parent.parent / "docs" / "pictures"
SIZES = {"wide": (1366, 850), "phone": (390, 844)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Take the README's pictures.")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="the main pages in both languages, to look at")
    folder = parser.parse_args().all
    with (
        running_servers() as servers,
        launch_chromium() as chromium,
        live_house(servers, migrated_template(servers), chromium) as house,
    ):
        something_to_see(house)
        if folder is None:
            for path in for_the_readme(house):
                print(path.relative_to(README.parent.parent), f"{path.stat().st_size // 1024} KB")
        else:
            print(f"{take_all(house, folder)} pictures in {folder}")


def something_to_see(house: LiveHouse) -> None:
    """A look at a number, a proposal that waits, one decided: done on the pages, as people would."""
    member = f"/registry/members/{house.member.county_code}/{house.member.id}"
    page = _page(house, "county", "registrar")
    page.goto(house.url("county", f"{member}/unmask/identity_number"))
    page.fill("[name=reason]", "村里来电话问身份证号登记对不对，核对户口本")
    page.click("main form [type=submit]")
    page.locator(".cm-figure-value").wait_for()
    administrator = _page(house, "county", "administrator")
    administrator.goto(house.url("county", "/people/invite"))
    for name, words in (("name", "单明"), ("name_pinyin", "shan ming"), ("sign_in_name", "shanming")):
        administrator.fill(f"[name={name}]", words)
    administrator.click("main form [type=submit]")
    administrator.locator(".cm-address").wait_for()
    officer = _page(house, "county", "security_officer")
    for person, role, reason in (
        ("单明 · shanming", "auditor", "顶替查明，产假四个月，只办三个乡镇的复算"),
        ("温良 · civil", "officer", "年底结算人手不够，借到合管办两个月"),
    ):
        officer.goto(house.url("county", "/grants/propose"))
        officer.select_option("[name=staff_id]", label=person)
        officer.select_option("[name=role]", role)
        officer.fill("[name=reason]", reason)
        officer.click("main form [type=submit]")
        officer.wait_for_url("**/grants/*")
    second = second_officer(house).new_page()
    second.goto(house.url("county", "/step-up"))
    second.fill("[name=password]", PASSPHRASE)
    second.click("main form [type=submit]")
    second.wait_for_url(house.url("county", "/"))


def second_officer(house: LiveHouse) -> BrowserContext:
    return house.visit("county", "security2")


def for_the_readme(house: LiveHouse) -> list[Path]:
    """The three pictures, each under 250 KB."""
    README.mkdir(parents=True, exist_ok=True)
    waiting = second_officer(house).new_page()
    waiting.goto(house.url("county", "/grants"))
    waiting.locator("a", has_text="看过再定").first.click()
    waiting.locator(".cm-hash").wait_for()
    members = _page(house, "county", "registrar")
    members.goto(house.url("county", "/registry/members?name=陈"))
    own = _page(house, "claimant", "member")
    own.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})
    own.goto(house.url("claimant", "/"))
    taken = []
    for name, page in (("county-grant", waiting), ("county-members", members), ("member-home", own)):
        taken.append(README / f"{name}.png")
        page.screenshot(path=taken[-1])
        assert taken[-1].stat().st_size < 250 * 1024, taken[-1]
    return taken


def take_all(house: LiveHouse, folder: Path) -> int:
    member = f"/registry/members/{house.member.county_code}/{house.member.id}"
    pages = {
        "sign-in": ("county", None, "/sign-in"),
        "home": ("county", "registrar", "/"),
        "home-insurer": ("contractor", "security_officer", "/"),
        "home-finance": ("finance", "finance_head", "/"),
        "members": ("county", "registrar", "/registry/members"),
        "members-none": ("county", "registrar", "/registry/members?name=zzz"),
        "member": ("county", "registrar", member),
        "unmask": ("county", "registrar", f"{member}/unmask/phone"),
        "log": ("county", "log_auditor", "/unmasking"),
        "account": ("county", "registrar", "/account"),
        "authenticator": ("county", "registrar", "/account/authenticator"),
        "security-keys": ("county", "registrar", "/account/security-keys"),
        "password": ("county", "registrar", "/account/password"),
        "people": ("county", "administrator", "/people"),
        "person": ("county", "administrator", "/people/2"),
        "invite": ("county", "administrator", "/people/invite"),
        "grants": ("county", "security2", "/grants"),
        "grant": ("county", "security2", "/grants/1"),
        "propose": ("county", "security2", "/grants/propose"),
        "trail": ("county", "log_auditor", "/trail"),
        "tasks": ("county", "administrator", "/tasks"),
        "not-found": ("county", "registrar", "/nowhere"),
        "step-up": ("county", "director", "/step-up"),
        "own-sign-in": ("claimant", None, "/sign-in"),
        "own-first-visit": ("claimant", None, "/first-visit"),
        "own-home": ("claimant", "member", "/"),
        "own-record": ("claimant", "member", "/record"),
        "own-household": ("claimant", "member", "/household"),
        "own-sign-ins": ("claimant", "member", "/sign-ins"),
        "own-rights": ("claimant", "member", "/rights"),
        "own-pin": ("claimant", "member", "/pin"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, (desk_key, who, path) in pages.items():
        page = _page(house, desk_key, who)
        for language in LANGUAGES:
            speak(page.context, language)
            page.goto(house.url(desk_key, path))
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{name}-{language}-{size}.png", full_page=True)
        page.close()
    return len(list(folder.glob("*.png")))


def _page(house: LiveHouse, desk_key: str, who: str | None) -> Page:
    """A page of the person in this role, or of this sign-in name."""
    is_role = who is not None and who != "security2"
    page = house.visit(desk_key, who_holds(desk_key, who) if is_role else who).new_page()
    speak(page.context, "zh")
    return page


if __name__ == "__main__":
    main()
