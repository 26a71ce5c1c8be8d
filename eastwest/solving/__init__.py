"""From a scenario to its result: build, solve, certify, reliefs, what is idle, infeasibility."""
