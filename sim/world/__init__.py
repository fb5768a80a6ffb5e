"""The world as it is: embedded facts with a source for every column, and what is built on them."""
