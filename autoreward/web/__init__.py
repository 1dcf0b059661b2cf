"""The local page: `autoreward ui`. It calls the public functions and shows what they return."""
