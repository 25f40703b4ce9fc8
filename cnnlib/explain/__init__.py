"""Show computations step by step: traces, equations, pictures, explorers, worksheets."""
