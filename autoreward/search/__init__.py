"""The search: generations, selection, budgets, the measurement of the winner. It joins the stages."""
