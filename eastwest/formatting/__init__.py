"""Figures, names, colours and languages as people read them; files written whole."""
