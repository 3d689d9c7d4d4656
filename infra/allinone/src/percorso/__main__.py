"""`percorso`: the command line. Errors are sentences."""
from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import typer

from chassis.bus import BusAway, TopicMissing
from chassis.errors import Busy, Halted, StoreAway
from chassis.logs import described
from chassis.readmit import NotNow
from chassis.run import CannotListen
from chassis.settings import SettingsWrong
from percorso.commands import evidence, keeping, overview, playing, reading, rebuilds, running, topics, trail
from percorso.errors import Sorry
from percorso.trails.ranges import WorkerLost

app = typer.Typer(
    name="percorso", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Percorso: programmes of socio-labour inclusion, from referral to paid allowance, and their histories.")
for part in (running, playing, reading, overview, trail, evidence, keeping, rebuilds):
    part.add_to(app)
app.add_typer(topics.app, name="topics")
app.add_typer(evidence.bundle, name="bundle")
app.add_typer(keeping.parked, name="parked")
app.add_typer(keeping.store, name="store")
app.add_typer(keeping.keys, name="keys")
app.add_typer(playing.programmes, name="programmes")
FORESEEN = (Sorry, CannotListen, SettingsWrong, NotNow, WorkerLost)


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command, then exit: 0, 1 with a sentence, 2 for a command that is not one."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it has to say, we say in a sentence
    try:
        app(args=argv)
    except FORESEEN as e:
        _end(str(e))
    except (StoreAway, Busy) as e:
        _end(f"The database does not answer ({e}). Is it up, and are the settings right?")
    except TopicMissing as e:
        _end(f"There is no topic {e}: `percorso topics apply` makes it.")
    except BusAway as e:
        _end(f"The bus does not answer ({e}). Is it up, and are the settings right?")
    except Halted as e:
        _end(f"The service takes no commands until an operator decides: {e}")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as e:
        _end(f"Percorso stopped, and it is our fault: {described(e)}")


def _end(sentence: str) -> None:
    sys.stderr.write(f"percorso: {sentence}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
