"""What every page draws with: markup, colours, figures, tables, progress."""
