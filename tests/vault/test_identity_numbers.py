import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from chassis.vault.bank_accounts import (
    AccountFault,
    made_up_card_number,
    parse_card_number,
    parse_settlement_account,
)
from chassis.vault.identity_numbers import (
    IdentityFault,
    PlaceDoubt,
    made_up_identity_number,
    parse_identity_number,
)
from chassis.vault.refusals import BankAccountRefused, IdentityNumberRefused

TODAY = dt.date(2026, 11, 21)
F = IdentityFault


def with_check(seventeen: str) -> str:
    return seventeen + ric.calc_check_digit(seventeen + "0")


REFUSED = [
    ("", F.EMPTY, "nothing was typed"),
    ("   ", F.EMPTY, "only spaces"),
    ("\u3000\u00a0", F.EMPTY, "only wide spaces"),
    ("11010519491231002", F.LENGTH, "one character short"),
    ("1101051949123100233", F.LENGTH, "one too many"),
    ("110105491231002", F.FIFTEEN_DIGITS, "a genuine form until 1999, no longer issued"),
    ("11010549123100X", F.LENGTH, "fifteen characters that were never a number"),
    ("１１０１０５１９４９１２３１００２Ｘ", F.FULL_WIDTH, "typed with a full-width keyboard"),
    ("11010519491231002Ｘ", F.FULL_WIDTH, "only the X is full-width"),
    ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢٠", F.CHARACTERS, "Arabic-Indic digits are digits to Python"),
    ("¹10105194912310020", F.CHARACTERS, "a superscript is a digit to str.isdigit"),
    ("一一〇一〇五一九四九一二三一〇〇二", F.LENGTH, "numerals of a sentence"),
    ("11010519491231002Х", F.CHARACTERS, "a Cyrillic Ha looks like an X"),
    ("11010519491231002×", F.CHARACTERS, "so does the sign of multiplication"),
    ("1101051949123100X2", F.CHARACTERS, "X anywhere but last"),
    ("X10105194912310020", F.CHARACTERS, "X first"),
    ("1I0105194912310023", F.CHARACTERS, "the letter I for a one"),
    ("11O105194912310023", F.CHARACTERS, "the letter O for a zero"),
    ("110105-1949-123100", F.CHARACTERS, "eighteen characters with hyphens"),
    ("-10105194912310023", F.CHARACTERS, "int() takes a sign"),
    ("1_0105194912310023", F.CHARACTERS, "int() takes an underscore"),
    ("110105194912310023\x00", F.LENGTH, "NUL at the end"),
    ("11010519491231002\x00", F.CHARACTERS, "NUL instead of the check character"),
    ("110105194912310023\u200b", F.LENGTH, "an invisible space"),
    ("=1010519491231002X", F.CHARACTERS, "a formula"),
    ("1.1010519491231E17", F.CHARACTERS, "what Excel makes of it"),
    ("110105194912310020", F.CHECK_CHARACTER, "wrong check digit"),
    ("110105194912310021", F.CHECK_CHARACTER, "wrong check digit"),
    ("110105194921310023", F.NO_SUCH_DAY, "month and day swapped"),
    ("110105194912310203", F.CHECK_CHARACTER, "two neighbours swapped"),
    (with_check("33010619900229123"), F.NO_SUCH_DAY, "29 February of a common year"),
    (with_check("33010619000229123"), F.NO_SUCH_DAY, "1900 was no leap year"),
    (with_check("33010619900431123"), F.NO_SUCH_DAY, "31 April"),
    (with_check("33010619901301123"), F.NO_SUCH_DAY, "month 13"),
    (with_check("33010619900001123"), F.NO_SUCH_DAY, "month 0"),
    (with_check("33010619900100123"), F.NO_SUCH_DAY, "day 0"),
    (with_check("33010600000101123"), F.NO_SUCH_DAY, "year 0"),
    (with_check("33010620261122123"), F.FUTURE, "born tomorrow"),
    (with_check("33010620270101123"), F.FUTURE, "born next year"),
    (with_check("33010618951231123"), F.TOO_LONG_AGO, "131 years old"),
    (with_check("33010610000101123"), F.TOO_LONG_AGO, "born in the Song"),
]


@pytest.mark.parametrize(("text", "fault", "why"), REFUSED, ids=[f"{i}: {r[2]}" for i, r in enumerate(REFUSED)])
def test_what_is_no_identity_number_is_refused_with_its_reason_and_never_printed(text, fault, why):
    with pytest.raises(IdentityNumberRefused) as refusal:
        parse_identity_number(text, on=TODAY)
    facts = refusal.value.facts
    assert facts["fault"] is fault
    assert facts["expected"] and facts["found"]
    if len(text.strip()) > 1:
        assert text.strip() not in str(refusal.value) and text.strip()[6:14] not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "born_on", "is_male", "why"),
    [
        ("11010519491231002X", dt.date(1949, 12, 31), False, "the example of GB 11643"),
        ("11010519491231002x", dt.date(1949, 12, 31), False, "a small x"),
        (" 110105 19491231 002X\n", dt.date(1949, 12, 31), False, "grouped and pasted with a line end"),
        ("440524188001010014", None, True, "the other example, born in 1880: too long ago by now"),
        (with_check("33010620000229123"), dt.date(2000, 2, 29), True, "2000 was a leap year"),
        (with_check("33010620240229122"), dt.date(2024, 2, 29), False, "2024 too"),
        (with_check("33010620261121123"), TODAY, True, "born today"),
        (with_check("33010618960101123"), dt.date(1896, 1, 1), True, "130 years, the oldest taken"),
    ],
)
def test_a_number_says_birth_and_sex(text, born_on, is_male, why):
    if born_on is None:
        with pytest.raises(IdentityNumberRefused):
            parse_identity_number(text, on=TODAY)
        born_on = dt.date(1880, 1, 1)
        number = parse_identity_number(text, on=dt.date(1990, 1, 1))
    else:
        number = parse_identity_number(text, on=TODAY)
    assert (number.born_on, number.is_male, number.place_code) == (born_on, is_male, number.text[:6])
    assert len(number.text) == 18 and number.text == number.text.upper()


@pytest.mark.parametrize(
    ("seventeen", "doubts", "why"),
    [
        ("33010619900101123", (), "Xihu district, since 1983"),
        ("33011019700101123", (PlaceDoubt.OF_OTHER_YEARS,), "Yuhang's code is of 2001; its older people are genuine"),
        ("33011320220101123", (PlaceDoubt.UNKNOWN,), "Linping is of 2021, younger than the library's table"),
        ("11022920200101123", (PlaceDoubt.OF_OTHER_YEARS,), "Yanqing's code ended in 2015"),
        ("99999919900101123", (PlaceDoubt.UNKNOWN,), "no province"),
        ("00000019900101123", (PlaceDoubt.UNKNOWN,), "nothing at all"),
    ],
)
def test_an_odd_place_is_a_finding_and_not_a_refusal(seventeen, doubts, why):
    number = parse_identity_number(with_check(seventeen), on=TODAY)
    assert tuple(finding.kind for finding in number.findings) == doubts
    assert all(finding.found == seventeen[:6] for finding in number.findings)


def test_a_parsed_number_prints_masked():
    number = parse_identity_number("11010519491231002X", on=TODAY)
    for shown in (str(number), repr(number), f"{number}", f"{[number]}"):
        assert "1101**********002X" in shown and "19491231" not in shown


@settings(deadline=None)
@given(
    seed=st.integers(),
    place=st.from_regex(r"[0-9]{6}", fullmatch=True).filter(str.isascii),
    born_on=st.dates(dt.date(1900, 1, 1), TODAY),
    is_male=st.booleans(),
)
def test_a_made_up_number_is_a_right_one(seed, place, born_on, is_male):
    text = made_up_identity_number(random.Random(seed), place, born_on, is_male)
    number = parse_identity_number(text, on=TODAY)
    assert (number.place_code, number.born_on, number.is_male, number.text) == (place, born_on, is_male, text)


@settings(deadline=None)
@given(seed=st.integers(), place=st.integers(0, 17), step=st.integers(1, 9))
def test_one_mistyped_digit_is_never_taken(seed, place, step):
    text = made_up_identity_number(random.Random(seed), "330106", dt.date(1990, 1, 1), True)
    if text[place] != "X":
        wrong = text[:place] + str((int(text[place]) + step) % 10) + text[place + 1 :]
        with pytest.raises(IdentityNumberRefused):
            parse_identity_number(wrong, on=TODAY)


A = AccountFault


@pytest.mark.parametrize(
    ("text", "fault", "why"),
    [
        ("", A.EMPTY, "nothing"),
        ("  ", A.EMPTY, "spaces"),
        ("62284804025648", A.LENGTH, "14 digits"),
        ("62284804025648900189", A.LENGTH, "20 digits"),
        ("6228480402564890019", A.CHECK_DIGIT, "last digit off by one"),
        ("6228480420564890018", A.CHECK_DIGIT, "two neighbours swapped (all but 09 and 90, to which Luhn is blind)"),
        ("6228480402564890O18", A.CHARACTERS, "a letter O"),
        ("６２２８４８０４０２５６４８９００１８", A.CHARACTERS, "full width"),
        ("6.22848040256489E18", A.CHARACTERS, "Excel's rendering"),
        ("='6228480402564890018", A.CHARACTERS, "a formula"),
        ("-", A.CHARACTERS, "a hyphen alone"),
    ],
)
def test_what_is_no_card_is_refused_with_its_reason_and_never_printed(text, fault, why):
    with pytest.raises(BankAccountRefused) as refusal:
        parse_card_number(text)
    assert refusal.value.facts["fault"] == fault
    assert len(text) < 2 or text not in str(refusal.value)


def test_a_card_is_taken_in_groups_and_prints_its_last_four():
    card = parse_card_number(" 6228 4804-0256 4890018 ")
    assert card.text == "6228480402564890018" and card.is_card
    assert f"{card} {card!r}" == "****0018 BankAccount(****0018)"


def test_an_institutions_account_needs_no_check_digit():
    assert parse_settlement_account("1202 0222 0990 0123 456").text == "1202022209900123456"
    for text in ("1234567", "1" * 33):
        with pytest.raises(BankAccountRefused):
            parse_settlement_account(text)


@settings(deadline=None)
@given(seed=st.integers(), length=st.integers(15, 19))
def test_a_made_up_card_is_a_right_one(seed, length):
    text = made_up_card_number(random.Random(seed), length=length)
    assert parse_card_number(text).text == text and len(text) == length
