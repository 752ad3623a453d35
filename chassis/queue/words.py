"""Kinds of background work and why it failed, in words. A kind without a word is shown as its code."""

from __future__ import annotations

from flask_babel import gettext as _


def kind_words(kind: str) -> str:
    return {
        "anchor_trails": _("存别家的链头"),
        "verify_trails": _("每日核对全部链"),
        "verify_trail": _("核对本县的链"),
        "rotate_seals": _("换保险柜的钥匙"),
    }.get(kind, kind)


def error_words(error: str) -> str:
    """What the worker wrote down, with what it means where that is known."""
    kind = error.partition(":")[0]
    meaning = {
        "LeaseExpired": _("每次都没做完就没了声音：可能是内存不够，或进程被杀"),
        "NoHandler": _("这里没有会办这种事的程序：可能是旧版本"),
        "StepTookTooLong": _("一步做得太久，被中断"),
        "OperationalError": _("连不上数据库，或被数据库中断"),
    }.get(kind)
    return f"{meaning}（{error}）" if meaning else error
