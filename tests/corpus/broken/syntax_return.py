WEIGHTS = {"a": 1.0}
return {"a": 1.0}
