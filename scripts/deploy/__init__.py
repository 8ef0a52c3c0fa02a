"""Deploying the backend to ECS: which image, the rollout and what became of it, and the way back.

``reference``, ``history`` and ``rollout`` are pure; all else asks AWS, Docker or this machine.
"""
