"""A linear program of tables: expressions, the program, solvers, the certificate, integers, decomposition."""
