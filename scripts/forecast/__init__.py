"""What rules will sample and cost: traffic read, rules gathered, the forecast made and shown."""
