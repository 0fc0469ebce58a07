"""The claims page: a card for each claim, with its verdict and what that rests on."""
