"""One realistic event of any type, from its fields: always the same values for the same names and types."""
from __future__ import annotations

import dataclasses
import types
import uuid
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chassis.decide import Private
from contracts.classes import FieldClass
from percorso.programmes import load

PROGRAMME_FILE = Path(__file__).parents[2] / "infra/programmes/002.yaml"
WORDS = {
    "programme_id": "002", "programme": "002", "policy_ref": "PUGLIA-LR26-2023-TIS@0123456789abcdef", "cup": "Z99Z99000000002",
    "title": "Inserimento lavorativo", "body_name": "Cooperativa Esempio ONLUS", "act_no": "DD 2024/160/00123",
    "mandate_no": "4711", "msg_id": "MSG-2024-0001", "end_to_end_id": "002-A1-1", "iban": "IT60X0542811101000000123456",
    "given_name": "Maria", "family_name": "Rossi", "tax_code": "RSSMRA80A41A662E", "vat_number": "01234567897",
    "gender": "F", "citizenship": "IT", "residence": "072006", "istat": "072006", "address": "Via Esempio 1, Bari",
    "phone": "+39 080 0000000", "email": "maria@example.org", "starts_at": "08:30", "ends_at": "13:30", "head": "ab" * 32,
    "previous_hash": "cd" * 32, "key": "ef" * 32, "signature": "01" * 64, "endorsement": "23" * 64,
    "root_hash": "cd" * 32, "source": "stipend",
}
"""Values with a form of their own."""
IDS = ("_id", "_ids", "_by", "_ref", "_doc", "_fact", "_tutor", "operator", "orders", "cause", "visitor", "promoter")
DAY, BORN = date(2024, 9, 9), date(1980, 1, 1)


def example(event: type, model: type[BaseModel] | None, given: Mapping[str, Any]) -> Any:
    """An event with a value in every field; `model` is the contract that picks fields of it, if one does."""
    return _filled(event, model, given)


def _filled(of: type, model: type[BaseModel] | None, given: Mapping[str, Any] = {}) -> Any:
    hints, said = get_type_hints(of, include_extras=True), model.model_fields if model else {}
    made = {field.name: _value(field.name, hints[field.name], said.get(field.name)) for field in dataclasses.fields(of)}
    return of(**made | {name: value for name, value in given.items() if name in made})


def _value(name: str, hint: Any, said: FieldInfo | None) -> Any:
    if get_origin(hint) is Annotated:
        private = any(isinstance(mark, Private) for mark in get_args(hint)[1:])
        return _sealed(name, get_args(hint)[0]) if private else _value(name, get_args(hint)[0], said)
    if hasattr(hint, "__supertype__"):
        return _programme() if hint.__name__ == "Configuration" else _value(name, hint.__supertype__, said)
    if get_origin(hint) in (Union, types.UnionType):
        return _value(name, next(arm for arm in get_args(hint) if arm is not type(None)), said)
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if get_origin(hint) in (tuple, list):
        return tuple(_item(f"{name}{'_id' if name.endswith('_ids') else ''}", at, get_args(hint)[0], said) for at in (1, 2))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _filled(hint, _part(said))
    return _leaf(name, hint, said)


def _item(name: str, at: int, hint: Any, said: FieldInfo | None) -> Any:
    """Two items of a list differ by what is text in them."""
    value = _value(name, hint, said)
    if isinstance(value, str) and get_origin(hint) is not Literal:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}{at}")) if _is_id(name, said) else f"{value}_{at}"
    return value


def _part(said: FieldInfo | None) -> type[BaseModel] | None:
    """The model inside a field: of `list[Gate]`, Gate."""
    hints = [said.annotation] if said else []
    while hints:
        hint = hints.pop()
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return hint
        hints += get_args(hint)
    return None


def _leaf(name: str, hint: Any, said: FieldInfo | None) -> Any:
    seed = zlib.crc32(name.encode())
    if hint is bool:
        return seed % 2 == 0
    if hint is int:
        return 36000 if name.endswith("_cents") else 1 + seed % 20
    if hint is Decimal:
        return Decimal("0.60") if name == "ratio" else Decimal(seed % 120) + Decimal("0.50")
    if hint is date:
        return BORN if name == "birth_date" else DAY + timedelta(days=seed % 400)
    if hint is str:
        return _text(name, said)
    raise TypeError(f"{name}: no example of {hint}")


def _text(name: str, said: FieldInfo | None) -> str:
    if name in WORDS:
        return WORDS[name]
    if "digest" in name:
        return sha256(name.encode()).hexdigest()
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name)) if _is_id(name, said) else name.upper()


def _is_id(name: str, said: FieldInfo | None) -> bool:
    """By the class that the contract gives the field; one that stays home, by its name."""
    classes = [mark.name for mark in _marks(said) if isinstance(mark, FieldClass)]
    return "id" in classes if classes else name.endswith(IDS)


def _marks(said: FieldInfo | None) -> Iterator[Any]:
    hints = [said.annotation] if said else []
    yield from said.metadata if said else ()
    while hints:
        hint = hints.pop()
        yield from getattr(hint, "__metadata__", ())
        hints += get_args(hint)


def _sealed(name: str, hint: Any) -> Any:
    value = _value(name, hint, None)
    return f"Testo riservato: {name}, è un esempio." if isinstance(value, str) and value == name.upper() else value


@cache
def _programme() -> Mapping[str, Any]:
    return load(PROGRAMME_FILE).config
