"""placement: one of the five services of Percorso."""
