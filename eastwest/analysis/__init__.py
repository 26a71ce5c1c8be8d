"""What is asked of finished plans: explain, evaluate by the hour, judge by targets, compare."""
