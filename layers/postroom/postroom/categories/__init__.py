"""A desk's own categories, guessed by a model that the desk trains from its own history. See docs/categories.md."""
