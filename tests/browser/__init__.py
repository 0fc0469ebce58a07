"""What a person sees: the real dashboard in a real Chromium."""
