"""The evidence bundle (fascicolo di prova): one file a programme and period, that anyone can check with `verify.py` alone."""
