{"WEIGHTS": {"a": 1.0}, "reward_terms": "action[0]"
