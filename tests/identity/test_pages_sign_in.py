"""The sign-in pages through a browser's eyes."""

from __future__ import annotations

import pytest

from chassis import clock
from tests.identity.people import PASSWORD, make_person
from tests.sites import post, workspace_client


@pytest.fixture()
def client(fresh_database, settings):
    return workspace_client(fresh_database, settings)


@pytest.fixture()
def known(client):
    """Somebody with an authenticator."""
    house = client.application.extensions["coopmed"]
    with house.databases["contractor"].transaction() as session:
        return make_person(session, house.settings, house.keyring, "zhangsan", at=clock.now(), totp=True)


def give_password(client, name="zhangsan", password=PASSWORD, **more):
    return post(client, "/sign-in", {"sign_in_name": name, "password": password, **more})


def test_name_password_and_code_lead_to_the_page_that_was_wanted(client, known):
    first = client.get("/account")
    assert first.status_code == 303
    assert first.location == "/sign-in?next=/account"
    second = give_password(client, next="/account")
    assert (second.status_code, second.location) == (303, "/sign-in/second-factor?next=/account")
    third = post(client, "/sign-in/second-factor", {"code": known.code(clock.now()), "next": "/account"})
    assert (third.status_code, third.location) == (303, "/account")
    page = client.get("/account").get_data(as_text=True)
    assert "zhangsan" in page
    assert "我的账号" in page
