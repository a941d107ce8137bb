"""What the demonstration says: two statements and a table of real struggles, each row with its public source."""
