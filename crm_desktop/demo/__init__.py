"""The sample office: made-up customers, deals, cases and a full calendar."""
