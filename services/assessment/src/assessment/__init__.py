"""assessment: one of the five services of Percorso."""
