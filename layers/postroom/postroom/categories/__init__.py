"""A desk's own categories, guessed by a model that the desk trains from its own history. docs/categories.md tells how."""
