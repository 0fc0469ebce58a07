"""How it looks: the frame, the panels and the charts. Values come in finished; nothing is computed here."""
