"""`python -m rulebook.lifecycles [name …]`: the tables as Mermaid drawings, ready for the documentation."""

import sys

from rulebook.lifecycles import ALL


def drawings(names: list[str]) -> str:
    chosen = [lifecycle for lifecycle in ALL if not names or lifecycle.name in names]
    return "\n\n".join(
        f"## {lifecycle.title} · {lifecycle.name}\n\n```mermaid\n{lifecycle.mermaid()}\n```" for lifecycle in chosen
    )


if __name__ == "__main__":
    known = {lifecycle.name for lifecycle in ALL}
    if unknown := [name for name in sys.argv[1:] if name not in known]:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    print(drawings(sys.argv[1:]))
