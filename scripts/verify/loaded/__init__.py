"""Three ways: what is asked for, what AWS has, and what each running worker of the backend loaded."""
