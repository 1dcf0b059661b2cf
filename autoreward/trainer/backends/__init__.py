"""What steps the environments of a population: the C simulation, or MJX on a device."""
