"""Environments of other people: any Gymnasium id, a class, a function; made, described and stepped by their own code.

reference.py     which one, as one line of text
making.py        from a reference to one environment, or a sentence that says why not
spaces.py        observations as numbers, policy actions as actions
layout.py        its fields: of the observation, of MuJoCo, of `info`, or a person's function
info_keys.py     which numbers of `info` a designer may see
foreign_env.py   N copies stepped together, as vector_env.VectorEnv steps those of a pack
opening.py       the controller's side: opened in a process without keys, opening_worker.py
"""
