"""Results in forms that leave the browser."""
