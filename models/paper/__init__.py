"""The nine models of the paper (Esling et al., DAFx 2019) and their parts."""
