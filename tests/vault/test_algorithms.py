"""Known answers: GCM's specification (cases 13, 14, 16), RFC 8998 for SM4, RFC 4231 and GM/T 0042 for HMAC."""

import pytest
from cryptography.exceptions import InvalidTag

from chassis.vault.algorithms import AES_256_GCM, HMAC_SHA_256, HMAC_SM3, SM4_GCM

AES_KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
SEALED = [
    (AES_256_GCM, "00" * 32, "00" * 12, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    (
        AES_256_GCM,
        "00" * 32,
        "00" * 12,
        "",
        "00" * 16,
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    ),
    (
        AES_256_GCM,
        AES_KEY,
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        "b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    ),
    (
        SM4_GCM,
        "0123456789ABCDEFFEDCBA9876543210",
        "00001234567800000000ABCD",
        "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC",
    ),
]


@pytest.mark.parametrize(("algorithm", "key", "nonce", "bound", "text", "sealed"), SEALED)
def test_a_cipher_answers_as_its_standard_prints(algorithm, key, nonce, bound, text, sealed):
    cipher = algorithm.open(bytes.fromhex(key))
    nonce, bound, text, sealed = (bytes.fromhex(part) for part in (nonce, bound, text, sealed))
    assert cipher.encrypt(nonce, text, bound) == sealed
    assert cipher.decrypt(nonce, sealed, bound) == text
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, bound + b"\x00")
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed[:-1], bound)


@pytest.mark.parametrize(
    ("algorithm", "key", "message", "digest"),
    [
        (
            HMAC_SHA_256,
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            HMAC_SHA_256,
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            HMAC_SM3,
            bytes(range(1, 33)),
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
        ),
    ],
)
def test_a_digest_answers_as_its_standard_prints(algorithm, key, message, digest):
    assert algorithm.digest(key, message).hex() == digest
