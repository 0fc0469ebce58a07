"""The page Attention: the overview of all heads, two heads compared, and one module per tab."""
