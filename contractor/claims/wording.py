"""The words of what intake and decisions refuse, and of what intake finds wrong in a file."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.errors import Refusal
from chassis.layout.formats import instant, yuan
from chassis.reading.wording import REASONS
from chassis.web.answers import Answer, words_for
from contractor.claims.refusals import (
    AmountChanged,
    AskedBefore,
    ClaimNumbersTaken,
    FileKnown,
    HandedOut,
    HeldByAnother,
    NoLawOnDay,
    NoReduction,
    NotDecided,
    NoticeNotOver,
    ReductionTooLarge,
    UnknownReason,
    UploadOver,
    WrongState,
)
from contractor.claims.words import state_words

OWN_REASONS = {
    "unknown_institution": lazy_gettext("登记里没有这个机构"),
    "not_your_institution": lazy_gettext("只能报送本机构的申请"),
    "unknown_card": lazy_gettext("登记里没有这个证号"),
    "claim_known": lazy_gettext("这个申请号已经用过"),
    "sum_of_lines": lazy_gettext("总费用不等于各行金额之和"),
    "not_an_account": lazy_gettext("不是银行账号"),
    "no_claims": lazy_gettext("没有申请"),
    "too_many_claims": lazy_gettext("一次报送的申请太多，请改送文件"),
}
# A word that another room's reader has given already stays: one key, one sentence.
for _key, _words in OWN_REASONS.items():
    REASONS.setdefault(_key, _words)


@words_for(FileKnown)
def _file_known(refusal: Refusal) -> Answer:
    received = instant(refusal.facts["received_at"])
    return Answer(_("同一份内容已经收过"), _("%(at)s 收下的，不会再收一次。什么都没有改动。", at=received))


@words_for(ClaimNumbersTaken)
def _numbers_taken(refusal: Refusal) -> Answer:
    return Answer(_("另一份文件同时报送了其中的申请"), _("什么都没有改动。请稍后再送一次。"))


@words_for(UploadOver)
def _upload_over(refusal: Refusal) -> Answer:
    return Answer(_("这个文件已经有结果了"), _("来不及停下：它已收下、没有收下或已停下。请看它的页面。"))


@words_for(NotDecided)
def _not_decided(refusal: Refusal) -> Answer:
    state = state_words(refusal.facts["state"])
    return Answer(
        _("这件申请没有有效的裁定"), _("现在的状态是：%(state)s。裁定以后再问；进展见 ClaimResponse。", state=state)
    )


@words_for(NoLawOnDay)
def _no_law(refusal: Refusal) -> Answer:
    day = refusal.facts["day"].isoformat()
    return Answer(_("这一天没有经批准的补偿方案"), _("%(day)s 的补偿不能计算。请县合管办登记批准后再办。", day=day))


@words_for(WrongState)
def _wrong_state(refusal: Refusal) -> Answer:
    return Answer(
        _("这件现在不能这样办"),
        _("它现在%(state)s。什么都没有改动，请看过经过后再办。", state=state_words(refusal.facts["state"])),
    )


@words_for(UnknownReason)
def _unknown_reason(refusal: Refusal) -> Answer:
    return Answer(_("没有这个理由"), _("请从列出的理由里选一项。"))


@words_for(ReductionTooLarge)
def _too_large(refusal: Refusal) -> Answer:
    lines = "、".join(str(line) for line in refusal.facts["lines"])
    return Answer(_("减额多于这一行的金额"), _("第 %(lines)s 行。什么都没有改动，请改小后再交。", lines=lines))


@words_for(AskedBefore)
def _asked_before(refusal: Refusal) -> Answer:
    return Answer(_("这件已经要过一次材料"), _("缺的材料只能一次要齐。请按现有材料裁定。"))


@words_for(NoticeNotOver)
def _notice(refusal: Refusal) -> Answer:
    day = refusal.facts["notice_until_on"].isoformat()
    return Answer(_("公示还没有期满"), _("公示到 %(day)s 的前一天为止。", day=day))


@words_for(AmountChanged)
def _amount_changed(refusal: Refusal) -> Answer:
    expected, found = yuan(refusal.facts["expected"]), yuan(refusal.facts["found"])
    return Answer(
        _("金额已经不同"),
        _(
            "您看到的是 %(expected)s 元，现在是 %(found)s 元：这位参合人同年的另一件刚刚结算。请看过新的计算再核准。",
            expected=expected,
            found=found,
        ),
    )


@words_for(NoReduction)
def _no_reduction(refusal: Refusal) -> Answer:
    return Answer(_("没有改动任何一行"), _("请在要减的行上填减额并选理由，再交。"))


@words_for(HandedOut)
def _handed_out(refusal: Refusal) -> Answer:
    return Answer(_("二审的申请由系统派"), _("请到“二审”领取下一件，派到哪件就办哪件。审核主管可以领取或转给您。"))


@words_for(HeldByAnother)
def _held_by_another(refusal: Refusal) -> Answer:
    until = instant(refusal.facts["held_until"])
    return Answer(
        _("这件现在由别人审核"),
        _(
            "到 %(until)s 为止在别人手上，您这一步没有办。写的还在页面上；请领下一件，或请组长转给您。",
            until=until,
        ),
    )
