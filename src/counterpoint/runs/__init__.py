"""Records of training: what the logs of others say, read without judging it."""
