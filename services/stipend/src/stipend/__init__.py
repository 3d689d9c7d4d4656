"""stipend: one of the five services of Percorso."""
