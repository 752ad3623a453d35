"""What a hand at the record of a member's life refuses."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from chassis.errors import Refusal
from chassis.web.answers import Answer, words_for


class DeathAlreadyWithdrawn(Refusal):
    """Facts: `withdrawn_at`."""

    key = "death_already_withdrawn"


@words_for(DeathAlreadyWithdrawn)
def _withdrawn(refusal: Any) -> Answer:
    return Answer(_("这条死亡登记已经撤销"), _("什么都没有改动。刷新页面看现在的登记。"))
