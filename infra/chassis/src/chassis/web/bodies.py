"""The body and path of a command, from its decision's arguments: strict types, exact decimals, dates that exist, no unknown field."""
from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetPydanticSchema, StringConstraints, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError, core_schema

from chassis.canonical import MOST
from chassis.decide import Refused
from chassis.declare import Command, Declared
from chassis.signature import arguments

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())
UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
"""What lies beyond is a typing error, and a sum with it may leave the calendar."""
CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,79}$"


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "a text holds no NUL character")
    return text


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("date_unknown", "there is no such date") from None
    if not FIRST <= day <= LAST:
        raise PydanticCustomError("date_far", f"a date lies between {FIRST} and {LAST}")
    return day


Text = Annotated[str, AfterValidator(_no_nul)]
Id = Annotated[str, StringConstraints(pattern=UUID, to_lower=True),
               WithJsonSchema({"type": "string", "format": "uuid"})]
Code = Annotated[str, StringConstraints(pattern=CODE)]
Whole = Annotated[int, Field(ge=-MOST, le=MOST)]
Exact = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$"), AfterValidator(Decimal),
                  WithJsonSchema({"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$"})]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day),
                WithJsonSchema({"type": "string", "format": "date"})]
PLAIN: Mapping[Any, Any] = {str: Text, int: Whole, Decimal: Exact, date: Day}


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a command takes: the models of its path and body, and the words that they hold."""

    path: type[BaseModel]
    body: type[BaseModel]
    words: tuple[Any, ...]


def shape(declared: Declared, command: Command, title: str) -> Shape:
    """From the path and the decision's arguments that the caller gives. `TypeError` at start-up for one of no type."""
    in_path = re.findall(r"{(\w+)}", command.route)
    given = {a.name: a for a in arguments(command.decision, declared.looks) if a.fills in ("body", "occurred")}
    typing = Typing(declared)
    path: dict[str, Any] = {name: (typing.of(given[name].hint if name in given else str, name), ...) for name in in_path}
    body: dict[str, Any] = {name: (typing.of(a.hint, name), ... if a.default is inspect.Parameter.empty else a.default)
                            for name, a in given.items() if name not in in_path}
    module = command.decision.__module__
    return Shape(create_model(f"{title}Path", __config__=STRICT, __module__=module, **path),
                 create_model(title, __config__=STRICT, __module__=module, **body), tuple(typing.words))


class Typing:
    """Turns an argument's type into the one that its JSON is held against."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self.words: dict[Any, None] = {}

    def of(self, hint: Any, name: str = "") -> Any:
        """`name` decides what a text of that name has to be: an id, a code, or any text."""
        if isinstance(hint, NewType):
            return self._word(hint, name)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self._dataclass(hint)
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            kept = [extra for extra in args[1:] if type(extra).__module__.partition(".")[0] in ("pydantic", "annotated_types")]
            inner = self.of(args[0], name)
            return Annotated[(inner, *kept)] if kept else inner
        if origin is Literal or origin is None:
            return self._plain(hint, name)
        if origin in (Union, UnionType):
            return Union[tuple(NoneType if arg is NoneType else self.of(arg, name) for arg in args)]  # noqa: UP007
        return origin[tuple(arg if arg is Ellipsis else self.of(arg, name.removesuffix("s")) for arg in args)]

    def _plain(self, hint: Any, name: str) -> Any:
        if hint is str and name.endswith("_id"):
            return Code if name in self._declared.codes else Id
        return PLAIN.get(hint, hint)

    def _word(self, hint: NewType, name: str) -> Any:
        check = self._declared.words.get(hint)
        if check is None:
            return self.of(hint.__supertype__, name)
        self.words[hint] = None
        return Annotated[(self.of(hint.__supertype__), AfterValidator(_worded(check)))]

    def _dataclass(self, shape: type[Any]) -> Any:
        """A dataclass of the domain: its fields as strict as a body's, its instance in the end."""
        hints = get_type_hints(shape, include_extras=True)
        fields: dict[str, Any] = {}
        for f in dataclasses.fields(shape):
            default = f.default if f.default_factory is dataclasses.MISSING else Field(default_factory=f.default_factory)
            fields[f.name] = (self.of(hints[f.name], f.name), ... if default is dataclasses.MISSING else default)
        model = create_model(shape.__name__, __config__=STRICT, __module__=shape.__module__, **fields)

        def schema(_source: Any, handler: Callable[[Any], core_schema.CoreSchema]) -> core_schema.CoreSchema:
            return core_schema.no_info_after_validator_function(lambda got: shape(**got.__dict__), handler(model))

        return Annotated[shape, GetPydanticSchema(schema)]


@cache
def _worded(check: Callable[[str], str]) -> Callable[[str], str]:
    def worded(text: str) -> str:
        try:
            return check(text)
        except Refused as no:
            raise PydanticCustomError(no.code, "{detail}", {"detail": no.detail}) from None

    return worded
