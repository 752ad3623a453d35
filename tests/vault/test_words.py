from chassis.vault import words
from chassis.vault.bank_accounts import AccountFault
from chassis.vault.identity_numbers import IdentityFault, PlaceDoubt


def test_every_fault_and_doubt_has_its_sentence():
    assert set(words.IDENTITY_FAULTS) == set(IdentityFault)
    assert set(words.PLACE_DOUBTS) == set(PlaceDoubt)
    assert set(words.ACCOUNT_FAULTS) == set(AccountFault)
