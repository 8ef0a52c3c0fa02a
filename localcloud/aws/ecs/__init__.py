"""What ECS does with a service over time, which moto leaves out: deployments, their tasks and events."""
