"""What is planned: years and clock, geography, the plan, and one file per physical idea in `modules`."""
