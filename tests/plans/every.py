"""What every command comes to in the furnished world, down to the last field, and which of its fields it refuses.

``PYTHONPATH=src python -m tests.plans.every`` writes ``every.txt`` anew. It is read by people: of each command the facts,
their claims, guards and links, what is answered; then what becomes of it where one field is another.
"""

import datetime as dt
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from tests.service.world import furnished, one_of_each

from receivables import Currency, Money, flows
from receivables.codec import encode
from receivables.errors import InvalidValue, ReceivablesError, WrongType
from receivables.plans.commands import Command
from receivables.plans.consequences import consequences
from receivables.plans.plan import Context, Plan
from receivables.plans.table import plan
from receivables.state.account import Account, fold

WRITTEN = Path(__file__).with_name("every.txt")
Place = tuple[str, ...]


class Seen(Exception):
    """The plan was made; nothing is recorded of it."""


@cache
def settings() -> dict[type[Command], tuple[Account, Command, Context]]:
    """With which account and context the service plans each command."""
    world, found = furnished(), {}

    def look(account: Account, command: Command, context: Context) -> Plan:
        found[type(command)] = account, command, context
        raise Seen

    original = flows.plan
    flows.plan = look  # type: ignore[assignment]
    try:
        for command in one_of_each().values():
            try:
                world.app.execute(command if command.by else attrs.evolve(command, by="clerk"))
            except Seen:
                continue
    finally:
        flows.plan = original
    return found


def tried(value: Any) -> dict[str, Any]:
    """What is put in the place of a value: others of its type that are wrong in an account, or on the edge."""
    match value:
        case bool():
            return {"the other": not value}
        case dt.datetime():
            return {}
        case dt.date():
            days = {f"{n:+} days": value + dt.timedelta(n) for n in (-1, 1)}
            return {"1990": dt.date(1990, 1, 1), "2099": dt.date(2099, 1, 1), **days}
        case int():
            return {"0": 0, "1 more": value + 1}
        case Money():
            one = Money(1, value.currency)
            return {
                "1 cent": one,
                "1 cent more": value + one,
                "a million": one * 100_000_000,
                "5 CHF": Money.of(5, "CHF"),
            }
        case str():
            return {"'?'": "?", **{each: each for each in ("bob", "INV-1")}}
        case tuple() if value and isinstance(value[0], str):
            return {"('?',)": ("?",), "twice": (*value, *value), "()": ()}
        case None:
            return {"'?'": "?", "ann": "ann", "1990": dt.date(1990, 1, 1), "5 EUR": Money.of(5, "EUR")}
    return {}


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """The fields of a command and of the document that it carries."""
    for field in attrs.fields(type(value)):
        if not field.init or field.name in ("key", "of", "by"):
            continue
        its = getattr(value, field.name)
        if attrs.has(type(its)) and not isinstance(its, Money) and not path:
            yield from places(its, (field.name,))
        else:
            yield (*path, field.name), its


def changed(command: Command, path: Place, value: Any) -> Command:
    """The command with another value at a place."""
    if len(path) == 1:
        return attrs.evolve(command, **{path[0]: value})
    inner = attrs.evolve(getattr(command, path[0]), **{path[1]: value})
    return attrs.evolve(command, **{path[0]: inner})


def told(kind: type[Command]) -> list[str]:
    """What the file has of a command: the plan, then what its fields may not be."""
    account, command, context = settings()[kind]
    made = plan(account, command, context)
    lines = [f"[{kind.__name__}]", *planned(made)]
    then, _ = consequences(fold(made.facts, account), attrs.evolve(context, seen={}, kin={}))
    lines += [f"then {written(fact)}" for fact in then]
    lines += [f"{case} <- : {each}" for case, each in elsewhere(account, command, context, made)]
    for path, own in places(command):
        said: dict[str, list[str]] = {}
        for label, value in tried(own).items():
            said.setdefault(answer(account, command, path, value, context), []).append(label)
        lines += [f"{'.'.join(path)} <- {'  '.join(labels)}: {each}" for each, labels in said.items()]
    return [*lines, ""]


def elsewhere(account: Account, command: Command, context: Context, made: Plan) -> Iterator[tuple[str, str]]:
    """The command a second time, where nobody was opened, and asked for by nobody or by the one who approves."""
    anew = attrs.evolve(command, key="anew")
    yield "again", answered(fold(made.facts, account), anew, context)
    yield "never opened", answered(Account(), command, context)
    yield "by nobody", answered(account, attrs.evolve(command, by=None), context)
    if getattr(command, "approver", None):
        yield "by its approver", answered(account, attrs.evolve(command, by=command.approver), context)


def answer(account: Account, command: Command, path: Place, value: Any, context: Context) -> str:
    """What a command with another value is answered."""
    try:
        other = changed(command, path, value)
    except ReceivablesError as error:
        return words(error, value)
    return answered(account, other, context, value)


def answered(account: Account, command: Command, context: Context, value: Any = None) -> str:
    """The outcome of a plan, or in which words it is refused."""
    try:
        return plan(account, command, attrs.evolve(context, seen={}, kin={})).outcome
    except ReceivablesError as error:
        return words(error, value)
    except LookupError:
        return "not planned: the service would have loaded another account"


def words(error: ReceivablesError, value: Any) -> str:
    """An error, with the value only where it is another one than was tried."""
    if not isinstance(error, InvalidValue | WrongType):
        return f"{type(error).__name__} {error}"
    wanted = error.rule if isinstance(error, InvalidValue) else error.wanted
    return f"{type(error).__name__} {error.field}: {wanted}" + (
        f", got {error.value!r}" if error.value != value else ""
    )


def planned(made: Plan) -> list[str]:
    """A plan in lines, one for each fact."""
    claims = [f"{each.namespace} {each.key}" for each in made.claims]
    links = [f"{each.namespace} {each.key}" for each in made.links]
    also = {"ids": made.ids, "claims": claims, "links": links, "guards": made.guards, "erases": made.erasures}
    lines = [f"= {made.outcome}" + "".join(f"; {name} {list(each)}" for name, each in also.items() if each)]
    lines += [f"because {each}" for each in made.reasons]
    lines += [f"+ {written(fact)}" for fact in made.facts]
    return lines + [f"+ {other}: {written(fact)}" for other, facts in made.others.items() for fact in facts]


def written(fact: Any) -> str:
    """A fact in one line, without what is always the same here."""
    stored = short(encode(fact))
    return f"{stored.pop('tag')} on {stored.pop('effective_on')} by {stored.pop('by', None)}: " + ", ".join(
        f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in stored.items() if name != "recorded_at"
    )


def short(stored: Any) -> Any:
    """Amounts as people write them, and nothing that is left out."""
    if isinstance(stored, list):
        return [short(each) for each in stored]
    if not isinstance(stored, dict):
        return stored
    if stored.get("is") == "Money":
        return str(Money(stored["minor"], Currency(stored["currency"]["code"], stored["currency"]["exponent"])))
    if stored.get("is") == "Currency":
        return stored["code"]
    return {name: short(value) for name, value in stored.items() if value not in (None, [], "")}


if __name__ == "__main__":
    lines = [line for kind in sorted(settings(), key=lambda each: each.__name__) for line in told(kind)]
    WRITTEN.write_text("\n".join(lines).rstrip() + "\n\n", encoding="utf-8")
