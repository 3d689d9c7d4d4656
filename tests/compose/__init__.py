"""What `make compose-test` looks at: the suite in containers, as an operator and an integrator would meet it."""
