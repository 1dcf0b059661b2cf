"""Where model-written code is traced: a child that can do nothing else, and the checks of what comes out of it."""
