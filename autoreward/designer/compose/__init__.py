"""`compose`: the embedded designer, an evolutionary search over reward terms made from the field declarations."""
