"""The search: generations, selection, budgets, the measurement of the winner. It alone wires the stages."""
