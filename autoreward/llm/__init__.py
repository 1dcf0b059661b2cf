"""Language models: one small protocol, the providers behind it, retries, usage and price."""
