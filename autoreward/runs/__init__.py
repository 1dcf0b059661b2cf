"""Reading a run: its report, the answers of people who are its designer, exports."""
