"""`postroom replay`: stored mail under new rules beside the present ones, before anything is deployed."""
