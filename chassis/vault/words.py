"""What the vault's refusals and findings say to a reader. A form puts these beside its field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from chassis.vault.bank_accounts import AccountFault
from chassis.vault.identity_numbers import IdentityFault, PlaceDoubt

IDENTITY_FAULTS = {
    IdentityFault.EMPTY: _("请填写身份证号码。"),
    IdentityFault.FULL_WIDTH: _("身份证号码含全角字符，请用半角数字填写。"),
    IdentityFault.FIFTEEN_DIGITS: _("这是 15 位的旧号码，请填写现在的 18 位号码。"),
    IdentityFault.LENGTH: _("身份证号码应为 18 位。"),
    IdentityFault.CHARACTERS: _("身份证号码只能是数字，末位可以是 X。"),
    IdentityFault.NO_SUCH_DAY: _("身份证号码中的出生日期不存在。"),
    IdentityFault.FUTURE: _("身份证号码中的出生日期晚于今天。"),
    IdentityFault.TOO_LONG_AGO: _("身份证号码中的出生日期过早，请核对。"),
    IdentityFault.CHECK_CHARACTER: _("身份证号码的校验位不符，请逐位核对。"),
}
PLACE_DOUBTS = {
    PlaceDoubt.UNKNOWN: _("号码前六位不是已知的地区代码，请核对；这不影响登记。"),
    PlaceDoubt.OF_OTHER_YEARS: _("号码前六位的地区代码在出生当年尚未使用或已停用，请核对；这不影响登记。"),
}
ACCOUNT_FAULTS = {
    AccountFault.EMPTY: _("请填写银行账号。"),
    AccountFault.CHARACTERS: _("银行账号只能是数字。"),
    AccountFault.LENGTH: _("银行账号的位数不对，请核对。"),
    AccountFault.CHECK_DIGIT: _("银行卡号的校验位不符，请逐位核对。"),
}
REFUSALS = {
    "key_missing": _("此项数据的密钥不在本机，暂时无法读取。请联系系统管理员。"),
    "seal_broken": _("此项加密数据已损坏或被移动，系统拒绝显示。请联系系统管理员。"),
}
