"""What models and customers are told: prompts, few-shot examples, reply messages and language packs, all as files."""
