"""The databases: each role its own and no other, and not even its own history to change; the migration; what is in clear in them."""
from __future__ import annotations

from compose.play import named_in
from compose.stack import ONCE, Stack, Wrong
from percorso.suite import SERVICES

CONNECT = """
import json, psycopg
from psycopg.conninfo import make_conninfo
def tried(url, database):
    try:
        with psycopg.connect(make_conninfo(url, dbname=database), connect_timeout=5):
            return "in"
    except psycopg.OperationalError as no:
        return "refused" if "permission denied" in str(no) else str(no)
print(json.dumps({role: {database: tried(url, database) for database in given["databases"]} for role, url in given["urls"].items()}))
"""
CHANGE = """
import json, os, psycopg
url = open("/run/secrets/database_url").read()
def tried(statement):
    try:
        with psycopg.connect(url) as db:
            db.execute(statement)
        return "done"
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
print(json.dumps({"secrets": sorted(os.listdir("/run/secrets")), "tried": {s: tried(s) for s in given}}))
"""
FORBIDDEN = ("UPDATE stored_events SET state = state", "DELETE FROM stored_events", "TRUNCATE stored_events",
             "DROP TABLE stored_events")
MAKES = "CREATE TABLE a_table_more (n int)"
"""Only reporting's role makes tables: those of a rebuild."""
MOUNTED = ["actor_key", "bus", "database_url", "jwks.json", "master_key", "seal_key"]


def are_each_of_one_service(stack: Stack) -> str:
    """The ten roles get into their own database and no other; a service's role cannot change events or tables."""
    databases = [*SERVICES, "postgres", "template1"]
    urls = {f"{service}{end}": (stack.secrets / f"{service}_{name}").read_text() for service in SERVICES
            for end, name in (("", "database_url"), ("_owner", "migrate_url"))}
    for role, tried in stack.python("intake", CONNECT, {"databases": databases, "urls": urls}).items():
        expected = {database: "in" if database == role.removesuffix("_owner") else "refused" for database in databases}
        if tried != expected:
            raise Wrong(f"the role {role} at the databases: {tried}")
    for service in SERVICES:
        found = stack.python(service, CHANGE, FORBIDDEN if service == "reporting" else (*FORBIDDEN, MAKES))
        if found["secrets"] != MOUNTED:
            raise Wrong(f"in {service} are mounted {found['secrets']}")
        if done := [statement for statement, came in found["tried"].items() if came != "refused"]:
            raise Wrong(f"the role of {service} may {done[0]}")
    return (f"{len(urls)} roles at {len(databases)} databases; {len(FORBIDDEN) + 1} changes refused in each; {len(MOUNTED)} secrets "
            "mounted in each")


def are_migrated_once(stack: Stack) -> str:
    """What runs once has run once, without a mistake."""
    found = stack.containers()
    for service in ONCE:
        container = found[service]
        if container["State"]["Status"] != "exited" or container["State"]["ExitCode"] or container["RestartCount"]:
            raise Wrong(f"{service}: {container['State']['Status']} with {container['State']['ExitCode']}, "
                        f"started {container['RestartCount'] + 1} times")
    return "topics and 5 migrations: each ended with 0 at its first try"


def hold_no_personal_data(stack: Stack, personal: set[str]) -> str:
    """Names, tax codes, accounts and protocol numbers are nowhere in clear: not in text, nor in bytes."""
    dump = stack.compose("exec", "-T", "postgres", "pg_dumpall", "--username", "postgres")
    if b'"specversion":"1.0"'.hex() not in dump:
        raise Wrong("the dump of the databases holds no fact: it proves nothing")
    if named := named_in(dump, personal):
        raise Wrong(f"{named}, is in clear in a database")
    for value in personal:
        if len(value) > 4 and value.encode().hex() in dump:
            raise Wrong(f"{value[:2]}… ({len(value)} characters), of a person, is in the bytes of a database")
    return f"{len(personal)} values looked for in {len(dump) / 1e6:.1f} MB"
