"""From one task to a thousand: what each part costs and where it ends, reckoned and simulated."""
