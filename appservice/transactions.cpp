// Placeholder until the listener's parts land.
