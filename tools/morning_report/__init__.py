"""What the owner reads in the morning: each module works out one section of the report from the store."""
