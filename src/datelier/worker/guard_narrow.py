"""Whether the condition of a write chooses among rows at all."""

from typing import Any, Final

from sqlglot import exp
from sqlglot.expressions.core import Expr as Expression
from sqlglot.optimizer.simplify import simplify

_SAME: Final = (exp.EQ, exp.NullSafeEQ, exp.GTE, exp.LTE)


def affects_everything(tree: Expression, target: exp.Table) -> bool:
    """Whether an UPDATE or DELETE names no condition on its rows, or one that all of them meet.

    ``WHERE true``, ``WHERE 1 = 1`` and ``WHERE id = 3 OR true`` are no conditions, and neither is
    one that only another table's rows are asked about. What no parser can tell (``id > 0``) counts
    as a condition: the number of affected rows stands beside it.
    """
    where: Any = tree.args.get("where")
    if where is None:
        return True
    condition = simplify(where.this.copy())
    own = {"", (target.alias or target.name).lower()}
    return not any(_narrows(column, own) for column in condition.find_all(exp.Column))


def _narrows(column: exp.Column, own: set[str]) -> bool:
    name = str(column.table).lower()
    if name not in own:
        return False
    if not name and column.find_ancestor(exp.Query) is not None:
        return False  # of the query it stands in
    parent = column.parent
    return not (isinstance(parent, _SAME) and parent.this == parent.expression)
