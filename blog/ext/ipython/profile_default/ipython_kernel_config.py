# ruff: noqa: D100, F821
# Keep the kernel's log messages out of the cells' output.
c.IPKernelApp.log_level = 40
c.HistoryManager.enabled = False
