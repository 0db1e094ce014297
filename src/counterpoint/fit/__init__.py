"""Linear models over all strengths and folds at once, each with a certificate."""
