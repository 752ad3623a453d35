"""Small faults a programmer might make, planted into a copy of the engine without knowing the engine.

Every place where a fault of one of these kinds can be made is found by walking the syntax tree of the sources.
"""

import ast
import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

OFF_BY_ONE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
EXCHANGED = {"min": "max", "max": "min"}
# What a hurried hand takes for one another, by what it is.
TAKEN_FOR = {
    "another day": {
        "admitted_on": "discharged_on",
        "discharged_on": "admitted_on",
        "admission": "discharge",
        "discharge": "admission",
    },
    "another status": {
        "status_on_admission": "status_on_discharge",
        "status_on_discharge": "status_on_admission",
        "poor": "member",
        "five_guarantee": "poor",
    },
    "another column": {
        "class_b_fen": "class_c_fen",
        "class_c_fen": "class_b_fen",
        "base_fen": "top_up_fen",
        "band_1": "band_2",
        "band_2": "band_3",
        "township": "county",
    },
}


@dataclass(frozen=True)
class Mutation:
    """One fault: where it is planted, what stood there and what stands there now."""

    file: str
    line: int
    column: int
    kind: str
    before: str
    after: str
    place: int
    variant: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.kind}: {self.before} → {self.after}"


def mutations(file: str, lines: set[int]) -> list[Mutation]:
    """Every fault that can be planted on these lines of a source file of the house."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = []
    for place, node in enumerate(_law(tree)):
        if getattr(node, "lineno", 0) in lines:
            for variant, (kind, changed) in enumerate(_faults(node)):
                before, after = (" ".join(ast.unparse(one).split())[:90] for one in (node, changed))
                found.append(Mutation(file, node.lineno, node.col_offset, kind, before, after, place, variant))
    return found


def plant(mutation: Mutation | None, folder: Path) -> None:
    """A copy of the rulebook in this folder with the fault in it; None for a copy without one."""
    unread = shutil.ignore_patterns("__pycache__", "calendars", "schedules", "lifecycles")
    shutil.copytree(ROOT / "rulebook", folder / "rulebook", ignore=unread)
    if mutation is None:
        return
    path = folder / mutation.file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = list(_law(tree))[mutation.place]
    _, changed = list(_faults(node))[mutation.variant]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, changed)
            elif isinstance(value, list):
                value[:] = [changed if one is node else one for one in value]
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")


def _law(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but annotations and docstrings, which decide nothing."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "type_comment"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if isinstance(node, ast.AST):
                yield node
                yield from _law(node)


def _faults(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The faults that can be made of one node, each as the node that then stands in its place."""
    changed = copy.deepcopy(node)
    match changed:
        case ast.Call(func=ast.Name(id=name)) if name in EXCHANGED:
            changed.func = ast.Name(EXCHANGED[name], ast.Load())
            yield "min and max exchanged", changed
        case ast.Compare(ops=[op]) if type(op) in OFF_BY_ONE:
            changed.ops = [OFF_BY_ONE[type(op)]()]
            yield "comparison off by one", changed
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield "a term dropped", changed.left
            other = copy.deepcopy(node)
            other.op = ast.Sub() if isinstance(changed.op, ast.Add) else ast.Add()
            yield "plus and minus exchanged", other
        case ast.BinOp(op=ast.FloorDiv()):
            # Half-up becomes half-down: a tie goes the other way. And half-up becomes floor.
            changed.left = ast.BinOp(changed.left, ast.Sub(), ast.Constant(1))
            yield "a tie rounded down", changed
            if isinstance(node.left, ast.BinOp):
                yield "floor instead of half-up", ast.BinOp(node.left.left, ast.FloorDiv(), node.right)
        case ast.AugAssign():
            yield "not carried on", ast.Pass(lineno=node.lineno, col_offset=node.col_offset)
        case ast.If() | ast.IfExp():
            changed.test = ast.UnaryOp(ast.Not(), changed.test)
            yield "condition turned round", changed
        case ast.Constant(value=bool()):
            yield "yes taken for no", ast.Constant(not changed.value)
        case ast.Constant(value=int()):
            yield "one more", ast.Constant(changed.value + 1)
        case (
            ast.Constant(value=str(name)) | ast.Attribute(attr=name, ctx=ast.Load()) | ast.Name(id=name, ctx=ast.Load())
        ):
            for kind, taken_for in TAKEN_FOR.items():
                if name in taken_for:
                    yield f"{kind} taken", _called(node, taken_for[name])


def _called(node: ast.AST, name: str) -> ast.AST:
    if isinstance(node, ast.Constant):
        return ast.Constant(name)
    return ast.Attribute(node.value, name, node.ctx) if isinstance(node, ast.Attribute) else ast.Name(name, node.ctx)
