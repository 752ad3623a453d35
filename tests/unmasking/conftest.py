"""The portal of the registry's tests: a look at a number is tried where it is used."""

from tests.registry.conftest import at_desk, head, home, portal, stranger

__all__ = ["at_desk", "head", "home", "portal", "stranger"]
