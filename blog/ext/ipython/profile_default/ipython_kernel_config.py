# ruff: noqa: D100, F821
# The kernel's own remarks (on its transport, say) are no output of a cell.
c.IPKernelApp.log_level = 40
c.HistoryManager.enabled = False
