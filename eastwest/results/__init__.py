"""What a solve found: the results table, its run folder, views and figures."""
