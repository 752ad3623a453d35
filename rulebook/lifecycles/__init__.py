"""Every life of the trade as a table of legal moves. `python -m rulebook.lifecycles` draws them."""

from rulebook.lifecycles.appraisal import APPRAISAL
from rulebook.lifecycles.audit import AUDIT
from rulebook.lifecycles.batch import BATCH
from rulebook.lifecycles.claim import CLAIM
from rulebook.lifecycles.lifecycle import FaultyLifecycle, IllegalMove, Lifecycle
from rulebook.lifecycles.payment import PAYMENT
from rulebook.lifecycles.supplementary import SUPPLEMENTARY_CLAIM
from rulebook.lifecycles.transfer import TRANSFER

ALL = (CLAIM, PAYMENT, BATCH, TRANSFER, AUDIT, APPRAISAL, SUPPLEMENTARY_CLAIM)

__all__ = [
    "ALL",
    "APPRAISAL",
    "AUDIT",
    "BATCH",
    "CLAIM",
    "PAYMENT",
    "SUPPLEMENTARY_CLAIM",
    "TRANSFER",
    "FaultyLifecycle",
    "IllegalMove",
    "Lifecycle",
]
