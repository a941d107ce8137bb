"""What the demonstration says: what three groups tell each other, and a table of real struggles with their sources."""
