"""`postroom train`: a model of a desk's categories, made with scikit-learn on the user's machine. Never deployed."""
