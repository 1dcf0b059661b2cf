WEIGHTS = {"a": 1.0}
