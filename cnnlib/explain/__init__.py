"""What shows a computation: traces, equations, pictures, explorers and their words."""
