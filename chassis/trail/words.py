"""What a verdict says to people: on the command line, on the auditor's page, in the letter that follows."""

from __future__ import annotations

from flask_babel import gettext as _

from chassis.trail.verdicts import Fault, Verdict, Why


def in_words(verdict: Verdict) -> list[str]:
    """One line for the chain, then one for each fault."""
    chain = f"{verdict.schema} {verdict.county_code} {verdict.stream}"
    if verdict.ok and verdict.rows == 0 and verdict.head.seq > 0:
        return [_("%(chain)s：链头未倒退（只能读取链头），第 %(seq)s 条。", chain=chain, seq=verdict.head.seq)]
    if verdict.ok:
        return [
            _(
                "%(chain)s：完好，核对 %(rows)s 条，比对锚点 %(anchors)s 个。",
                chain=chain,
                rows=verdict.rows,
                anchors=verdict.anchors,
            )
        ]
    lines = [_("%(chain)s：链已损坏。", chain=chain)] + [fault_in_words(fault) for fault in verdict.faults]
    if verdict.unlisted_faults:
        lines.append(_("另有 %(count)s 处未列出。", count=verdict.unlisted_faults))
    return lines


def fault_in_words(fault: Fault) -> str:
    facts = {"seq": fault.seq, "until": fault.last, "other": fault.other, "before": fault.seq - 1}
    match fault.why:
        case Why.CHANGED:
            return _("第 %(seq)s 条的内容与其指纹不符。", **facts)
        case Why.MISSING:
            return _("第 %(seq)s 至 %(until)s 条缺失。", **facts)
        case Why.SWAPPED:
            return _("第 %(seq)s 条与第 %(other)s 条的内容被对调。", **facts)
        case Why.REWRITTEN:
            return _("第 %(seq)s 条连同其指纹被改写：下一条记得的指纹不同。", **facts)
        case Why.FORGED:
            return _("第 %(seq)s 条不属于本链。", **facts)
        case Why.HEAD:
            return _("链头与最后一条（第 %(seq)s 条）不符，或链头已不在。", **facts)
        case Why.CUT:
            return _("链止于第 %(before)s 条，但他方曾见到第 %(until)s 条。", **facts)
        case Why.REBUILT:
            return _("第 %(seq)s 至 %(until)s 条之间有改动，其后整链重算：与他方所存锚点不符。", **facts)
