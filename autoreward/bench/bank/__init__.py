"""The reward bank: many rewards, trained once and stored: questions about search policy need no new training."""
