"""What a person sees: charts, the page, and the terminal."""
