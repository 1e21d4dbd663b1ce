"""What people see: answers and policies as text, and the shape of events as JSON Schema."""
