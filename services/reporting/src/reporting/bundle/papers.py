"""What people read first: the index in Italian and English, how to check the bundle, the schemas of its facts."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from reporting.explain.figure import Figure

INDEX = {
    "index.it.md": """# Fascicolo di prova: {title}

Programma {programme}{codes} di {tenant}. Periodo: {period}. Esportato il {made}.

Questo archivio contiene {facts} fatti registrati da cinque servizi indipendenti, ciascuno al suo posto in una traccia concatenata da
impronte SHA-256; i sigilli firmati (Ed25519); le regole applicate; ogni importo e ogni indicatore come espressione sui campi dei fatti
da cui deriva. Le persone compaiono solo con pseudonimi. Dei fatti che non riguardano il programma, o fuori dal periodo, c'è l'impronta.

## Come si verifica

    tar xf FASCICOLO verify.py && python3 -I verify.py FASCICOLO

Basta Python 3.9 o successivo. Chi non si fida di questa copia prende `verify.py` da un'altra mano (`percorso bundle verifier FILE`).
La risposta è «whole» (integro), oppure il primo difetto con fonte e posizione. Con `--head` si controlla una testa di traccia
conservata altrove (protocollo, distinta di pagamento), con `--root` l'impronta registrata dall'esportazione, con `--key` una chiave.

**Che cosa prova.** Che nulla è stato cambiato, tolto, spostato o aggiunto fino all'ultimo sigillo, o fino a una testa uscita dall'ente.
Non prova ciò che è venuto dopo, né che quanto registrato sia vero.

## Che cosa c'è

| cartella | contenuto |
|---|---|
| `trails/` | i fatti come sono stati detti, una riga per fatto, per fonte; `own` del programma, `none` di nessun programma |
| `figures/` | importi e indicatori, ciascuno con espressione, fatti, regole, atto e chi ha approvato; `totals.jsonl` i totali |
| `policies/` · `contracts/` | le regole nelle versioni applicate · la forma di ogni tipo di fatto |
| `keys/` · `documents/` | le chiavi pubbliche dei sigilli · le impronte dei documenti nominati dai fatti |

## Totali

| voce | valore |
|---|---:|
{totals}
""",
    "index.en.md": """# Evidence bundle: {title}

Programme {programme}{codes} of {tenant}. Period: {period}. Exported at {made}.

This archive holds {facts} facts recorded by five independent services, each at its place in a trail chained by SHA-256; the signed
seals (Ed25519); the rules that were applied; every amount and every indicator as an expression over the fields of the facts that it
comes from. Persons appear by pseudonym only. Of facts that are not the programme's own, or not of the period, there is the digest.

## How to check it

    tar xf BUNDLE verify.py && python3 -I verify.py BUNDLE

Python 3.9 or later is all it needs. Who does not trust this copy takes `verify.py` from another hand (`percorso bundle verifier FILE`).
The answer is "whole", or the first fault with source and position. `--head` checks the head of a trail that was kept elsewhere (a dated
register, a payment list), `--root` the digest that the export put on record, `--key` a key.

**What it proves.** That nothing was changed, removed, reordered or inserted up to the last seal, or up to a head that has left the
house. It does not prove what came after, nor that what was recorded is true.

## What is in it

| folder | holds |
|---|---|
| `trails/` | facts as they were spoken, a line a fact, by source; `own` of the programme, `none` of no programme |
| `figures/` | amounts and indicators, each with its expression, facts, rules, act and approver; `totals.jsonl` the totals |
| `policies/` · `contracts/` | the rules in the versions that were applied · the form of each type of fact |
| `keys/` · `documents/` | the public keys of the seals · the digests of documents that facts name |

## Totals

| of | value |
|---|---:|
{totals}
""",
}


def papers(about: Mapping[str, Any], totals: Sequence[Figure]) -> dict[str, str]:
    """By name. `about`: of the export, with `facts` and `heads`."""
    codes = "".join(f", {name.upper()} {about[name]}" for name in ("cup", "clp") if about.get(name))
    said = {"title": about.get("title", about["programme"]), "programme": about["programme"], "codes": codes, "tenant": about["tenant"],
            "period": f"{about['from'] or '…'} – {about['to'] or '…'}", "made": about["made"], "facts": about["facts"],
            "totals": "\n".join(f"| {_called(one)} | {_worth(one)} |" for one in totals if one.kind != "indicator by gender")}
    return {name: text.format(**said) for name, text in INDEX.items()}


def _called(figure: Figure) -> str:
    return figure.about if figure.kind == "indicator" else figure.kind.removeprefix("total ").removesuffix("_cents")


def _worth(figure: Figure) -> str:
    return f"€ {Decimal(figure.value) / 100:,.2f}" if figure.kind.endswith("_cents") else str(figure.value)


def schema(model: type[BaseModel]) -> bytes:
    """JSON Schema of what is said."""
    return (json.dumps(model.model_json_schema(mode="serialization"), indent=1, sort_keys=True) + "\n").encode()
