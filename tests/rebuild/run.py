"""`python -m rebuild.run DATABASE WORKERS`: one rebuild, in small units. To be killed. Says each step, at last whether all was equal."""
import sys

from chassis.database import open_database
from reporting import routes
from reporting.rebuild import Rebuilds


def main(url: str, workers: int) -> None:
    routes.A_UNIT = 60
    database = open_database(url, service="reporting")
    report = Rebuilds(database, workers, lambda doing, done, of: say(f"{doing} {done} {of}")).run()
    say("equal" if report.equal else str([one.said() for one in report.differences]))
    database.close()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
