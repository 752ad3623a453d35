"""The words of what the import page refuses."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from chassis.web.answers import Answer, words_for
from oversight.registry.imports.keeping import FileNoLongerKept


@words_for(FileNoLongerKept)
def _no_longer(refusal: Any) -> Answer:
    return Answer(_("文件已经不在了"), _("预览后一小时内没有导入，或者已经导入过。请再选一次文件。"))
