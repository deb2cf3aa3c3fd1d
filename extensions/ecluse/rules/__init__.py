"""Pure decisions: values in, verdict out. No file, clock, network or randomness is read here."""
