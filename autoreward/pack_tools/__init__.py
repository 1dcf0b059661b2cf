"""Tools for environment packs: `scaffold` writes one for a robot, `conformance` checks any against the contract."""
