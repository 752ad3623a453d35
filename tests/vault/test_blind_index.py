import hashlib
import hmac

import pytest

from chassis.vault import keys
from chassis.vault.algorithms import HMAC_SHA_256
from chassis.vault.blind_index import (
    candidates,
    index,
    index_many,
    normalise_bank_account,
    normalise_identity_number,
    normalise_phone,
)
from chassis.vault.keyring import IndexKey, Keyring, KeySet
from chassis.vault.refusals import BankAccountRefused, KeyMissing


def test_the_index_is_the_whole_hmac_of_rfc_4231():
    key = IndexKey(b"aaaa", HMAC_SHA_256, b"\xaa" * 131)
    keyring = Keyring(KeySet(sealing={}, index={"phone": [key]}))
    digest = index(keyring, "phone", "Test Using Larger Than Block-Size Key - Hash Key First")
    assert digest.hex() == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"


def test_equal_numbers_are_found_equal_and_nothing_else_is(keyring):
    numbers = [f"33010619900101{n:04d}" for n in range(5_000)]
    digests = index_many(keyring, "identity_number", numbers)
    assert len(set(digests)) == 5_000 and {len(d) for d in digests} == {32}
    assert digests == [index(keyring, "identity_number", n) for n in numbers]


def test_one_purposes_index_cannot_be_joined_with_anothers_nor_made_without_the_key(keyring):
    number = "6228480402564890018"
    digest = index(keyring, "bank_account", number)
    assert digest != index(keyring, "identity_number", number)
    assert digest != hashlib.sha256(number.encode()).digest()
    assert digest != hmac.digest(bytes(32), number.encode(), "sha256")


def test_while_index_keys_rotate_a_search_still_finds_what_the_old_one_wrote(key_file, keyring):
    old = index(keyring, "phone", "13812345678")
    other_process = keys.load_keys(key_file)
    keys.rotate(key_file, "phone", kind="index")
    new = index(keys.load_keys(key_file), "phone", "13812345678")
    # Also in a process that was started before the rotation: half its rows may be re-indexed by now.
    assert candidates(other_process, "phone", "13812345678") == [new, old]
    assert new != old


def test_an_unknown_purpose_has_no_index(keyring):
    with pytest.raises(KeyMissing):
        index(keyring, "totp_secret", "x")
    with pytest.raises(AssertionError):
        index(keyring, "phone", "")


@pytest.mark.parametrize(
    ("normalise", "text", "normal", "why"),
    [
        (normalise_identity_number, " 110105 19491231\t002x\r\n", "11010519491231002X", "as typed and as pasted"),
        (normalise_identity_number, "110105\u300019491231\u00a0002X", "11010519491231002X", "wide spaces"),
        (normalise_identity_number, "110105491231002", "110105491231002", "15 digits are not made 18"),
        (normalise_identity_number, "11010519491231002ß", "11010519491231002ß", "upper-casing it would add a letter"),
        (normalise_bank_account, " 6228-4804 0256 4890018", "6228480402564890018", "grouping"),
        (normalise_phone, "+86 138-1234-5678", "13812345678", "country code"),
        (normalise_phone, "0086 138 1234 5678", "13812345678", "country code dialled"),
        (normalise_phone, "0571-88881234", "057188881234", "a line with its area code"),
        (normalise_phone, "8612345", "8612345", "a short number beginning like a country code"),
    ],
)
def test_one_number_written_two_ways_is_one(normalise, text, normal, why):
    assert normalise(text) == normal


def test_two_accounts_never_become_one_by_dropping_letters():
    with pytest.raises(BankAccountRefused):
        normalise_bank_account("A6228480402564890018")
