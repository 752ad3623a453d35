"""The same source, compiled: `step` and the loops around it by Numba, over a county's columns.

Nothing is written twice. Each plain function's own code is compiled with the compiled form of the functions it calls.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numba

from rulebook import money
from rulebook.benefits import (
    household_account,
    medical_assistance,
    order_of_law,
    pooled_fund,
    serious_illness,
    settlement,
    supplementary_insurance,
    terms,
)

SOURCES = (
    money, terms, pooled_fund, serious_illness, supplementary_insurance, medical_assistance, order_of_law, settlement,
    household_account,
)  # fmt: skip


SOURCE_FILES = [Path(str(module.__file__)) for module in SOURCES]


def source_stamp(files: Sequence[Path] = SOURCE_FILES) -> int:
    """A number that changes with any line of the law's source.

    Numba keeps compiled code on disk and looks only at the file of the outermost function. Without this stamp a
    changed rate in another file would be computed by yesterday's machine code.
    """
    digest = hashlib.sha256()
    for file in files:
        text = file.read_bytes()
        digest.update(len(text).to_bytes(8, "big") + text)
    return int.from_bytes(digest.digest()[:7], "big")


def _compiled(plain: Callable[..., Any], *, keep: bool = False, **parts: Callable[..., Any]) -> Any:
    assert isinstance(plain, FunctionType), "only a plain function has code to compile"
    rebound = FunctionType(
        plain.__code__, {**plain.__globals__, **parts}, plain.__name__, plain.__defaults__, plain.__closure__
    )
    rebound.__qualname__ = plain.__qualname__
    rebound.__module__ = plain.__module__
    return numba.njit(rebound, cache=keep, error_model="numpy", boundscheck=False)


@cache
def compiled_step() -> tuple[Any, Any]:
    """`step` and `state_after`, compiled with everything they call."""
    round_half_up = _compiled(money.round_half_up)
    share_ppm = _compiled(money.share_ppm, round_half_up=round_half_up)
    in_band = _compiled(pooled_fund.in_band)
    rounding = {"round_half_up": round_half_up, "share_ppm": share_ppm, "in_band": in_band}
    parts = {
        "pooled_fund": _compiled(pooled_fund.pooled_fund, **rounding),
        "serious_illness": _compiled(serious_illness.serious_illness, **rounding),
        "supplementary_insurance": _compiled(supplementary_insurance.supplementary_insurance, **rounding),
        "medical_assistance": _compiled(medical_assistance.medical_assistance, **rounding),
    }
    return _compiled(order_of_law.step, **parts), _compiled(order_of_law.state_after)


@cache
def compiled_settle() -> Any:
    """The settling loop, compiled; the compiled code is kept on disk for the next start."""
    step_, state_after = compiled_step()
    return _compiled(settlement.settlement_loop(source_stamp()), keep=True, step=step_, state_after=state_after)


@cache
def compiled_simulate_totals() -> Any:
    """The adding loop of a simulation, compiled and kept on disk."""
    step_, state_after = compiled_step()
    return _compiled(settlement.simulation_loop(source_stamp()), keep=True, step=step_, state_after=state_after)


@cache
def compiled_settle_accounts() -> Any:
    """The loop over household accounts, compiled and kept on disk."""
    account_step = _compiled(household_account.account_step)
    return _compiled(household_account.account_loop(source_stamp()), keep=True, account_step=account_step)
